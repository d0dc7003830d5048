import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mobile_app.engine.separators.activations import activate
from mobile_app.engine.separators.lbfgs import minimise
from mobile_app.engine.separators.softmax import SoftmaxSeparator, loss_and_gradient
from mobile_app.engine.task import SIGMOID, SOFTMAX


def problem(n=300, d=8, k=4, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, d)) + 1.0
    logits = x @ random.normal(size=(d, k)) + random.gumbel(size=(n, k))
    return x, [f"label {index}" for index in logits.argmax(axis=1)]


@pytest.mark.parametrize("activation", [SOFTMAX, SIGMOID])
def test_gradient_equals_finite_differences(activation):
    random = np.random.default_rng(0)
    weights, inputs = random.normal(size=(3, 6)), random.normal(size=(20, 6))
    inputs[:, -1] = 1.0
    targets = np.eye(3)[random.integers(0, 3, 20)]
    _, gradient = loss_and_gradient(weights, inputs, targets, activation, l2=0.3)
    for place in np.ndindex(weights.shape):
        step = np.zeros_like(weights)
        step[place] = 1e-5
        higher, lower = (
            loss_and_gradient(weights + sign * step, inputs, targets, activation, l2=0.3)[0] for sign in (1, -1)
        )
        assert gradient[place] == pytest.approx((higher - lower) / 2e-5, abs=1e-8)


def test_one_online_step_goes_along_the_gradient():
    x, y = problem(n=1)
    separator = SoftmaxSeparator.from_weights(
        ["label 0", "label 1", "label 2", "label 3"], np.ones((4, 8)), np.arange(4)
    )
    start = np.concatenate([separator.weights, separator.bias[:, None]], axis=1).astype(np.float64)
    inputs = np.concatenate([x, [[1.0]]], axis=1)
    targets = np.array([[label == y[0] for label in separator.labels]], dtype=np.float64)
    _, gradient = loss_and_gradient(start, inputs, targets, SOFTMAX, l2=0.0)
    separator.learn_one(x[0], y[0])
    after = np.concatenate([separator.weights, separator.bias[:, None]], axis=1)
    expected = start - separator.learning_rate / (inputs**2).sum() * gradient
    np.testing.assert_allclose(after, expected, rtol=1e-6)


@pytest.mark.parametrize("norm", [0.01, 1.0, 100.0])
def test_one_label_moves_its_own_logits_by_the_rate_whatever_the_norm(norm):
    x = np.full(4, norm / 2)
    separator = SoftmaxSeparator(("a", "b"), 4, learning_rate=0.5)
    separator.learn_one(x, "a")
    np.testing.assert_allclose(separator.weights @ x + separator.bias, [0.25, -0.25], rtol=1e-5)


@pytest.mark.parametrize("l2", [1e-4, 1e-2, 1.0])
def test_training_reaches_the_optimum_of_scikit_learn(l2):
    x, y = problem()
    ours = SoftmaxSeparator.fit(x, y, l2=l2)
    theirs = LogisticRegression(C=1.0 / (l2 * len(x)), tol=1e-10, max_iter=10_000).fit(x, y)
    order = [ours.labels.index(label) for label in theirs.classes_]
    np.testing.assert_allclose(ours.predict_proba_many(x)[:, order], theirs.predict_proba(x), atol=1e-3)
    np.testing.assert_allclose(ours.weights[order], theirs.coef_, atol=1e-3 * max(1.0, np.abs(theirs.coef_).max()))


def test_sigmoid_training_reaches_the_optimum_of_scikit_learn():
    x, y = problem()
    ours = SoftmaxSeparator.fit(x, [(label,) for label in y], activation=SIGMOID, l2=1e-2)
    for column, label in enumerate(ours.labels):
        theirs = LogisticRegression(C=1.0 / (1e-2 * len(x)), tol=1e-10, max_iter=10_000)
        theirs.fit(x, [other == label for other in y])
        np.testing.assert_allclose(ours.predict_proba_many(x)[:, column], theirs.predict_proba(x)[:, 1], atol=1e-3)


def test_many_epochs_of_mini_batches_come_near_the_optimum():
    x, y = problem()
    optimum = SoftmaxSeparator.fit(x, y, l2=1e-2)
    separator = SoftmaxSeparator(optimum.labels, 8, l2=1e-2, learning_rate=1.0)
    separator.learn_many(x, y, epochs=300)
    assert np.abs(separator.predict_proba_many(x) - optimum.predict_proba_many(x)).mean() < 0.02


def test_weights_of_a_trained_layer_give_its_probabilities():
    x, _ = problem(n=5)
    random = np.random.default_rng(1)
    weights, bias = random.normal(size=(3, 8)), random.normal(size=3)
    separator = SoftmaxSeparator.from_weights(["a", "b", "c"], weights, bias, activation=SIGMOID)
    np.testing.assert_allclose(separator.predict_proba_many(x), activate(x @ weights.T + bias, SIGMOID), atol=1e-6)


def test_pull_leads_back_to_the_base_and_l2_to_zero():
    base = np.arange(12.0).reshape(3, 4)
    for settings, goal in (({"pull": 1e6}, base), ({"l2": 1e6}, 0.0 * base)):
        separator = SoftmaxSeparator.from_weights(["a", "b", "c"], base, [1, 2, 3], **settings)
        for _ in range(50):
            separator.learn_one([1.0, 2.0, 3.0, 4.0], "a")
        np.testing.assert_allclose(separator.weights, goal, atol=1e-4)


def test_a_new_label_starts_in_the_middle_of_the_field():
    separator = SoftmaxSeparator.from_weights(["a", "b"], np.zeros((2, 3)), [4.0, -8.0])
    separator.learn_one(np.zeros(3), "c")
    assert separator.labels == ("a", "b", "c")
    assert -8.0 < separator.bias[2] < 4.0


def test_minimise_finds_the_minimum_of_an_ill_conditioned_quadratic():
    scales = np.logspace(0, 4, 30)
    found = minimise(lambda x: (0.5 * float(scales @ (x - 1) ** 2), scales * (x - 1)), np.zeros(30))
    np.testing.assert_allclose(found, 1.0, atol=1e-5)
