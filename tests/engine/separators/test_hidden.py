import numpy as np
import pytest

from mobile_app.engine.separators import HiddenSeparator, SoftmaxSeparator
from mobile_app.engine.separators.hidden import loss_and_gradients
from mobile_app.engine.task import SIGMOID, SOFTMAX
from tests.engine.separators.test_contract import stream


@pytest.mark.parametrize("activation", [SOFTMAX, SIGMOID])
def test_gradients_are_those_of_finite_differences(activation):
    random = np.random.default_rng(0)
    hidden, output = random.normal(size=(5, 7)), random.normal(size=(3, 5))
    inputs, linear = random.normal(size=(9, 7)), random.normal(size=(9, 3))
    targets = np.eye(3)[random.integers(0, 3, 9)]
    layers = [hidden, output]
    _, *gradients = loss_and_gradients(*layers, inputs, linear, targets, activation)
    for which, gradient in enumerate(gradients):
        for place in np.ndindex(gradient.shape):
            losses = []
            for step in (1e-5, -1e-5):
                moved = [layer.copy() for layer in layers]
                moved[which][place] += step
                losses.append(loss_and_gradients(*moved, inputs, linear, targets, activation)[0])
            assert (losses[0] - losses[1]) / 2e-5 == pytest.approx(gradient[place], abs=1e-8, rel=1e-5)


def test_it_starts_with_what_the_base_says():
    x, y = stream()
    base = SoftmaxSeparator.fit(x, y)
    np.testing.assert_allclose(HiddenSeparator.over(base).predict_proba_many(x), base.predict_proba_many(x), atol=1e-6)


def test_it_learns_what_no_linear_separator_can():
    random = np.random.default_rng(0)
    x = random.choice([-1.0, 1.0], size=(200, 2)) + random.normal(scale=0.1, size=(200, 2))
    y = ["same" if row[0] * row[1] > 0 else "different" for row in x]
    separator = HiddenSeparator(("same", "different"), 2, learning_rate=0.5)
    separator.learn_many(x, y, epochs=100)
    assert np.mean([separator.predict_one(row) == label for row, label in zip(x, y, strict=True)]) > 0.95
