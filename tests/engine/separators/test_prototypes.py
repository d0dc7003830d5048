import numpy as np
import pytest

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators import PrototypeSeparator
from mobile_app.engine.task import SIGMOID


def clouds(n=90, seed=0):
    random = np.random.default_rng(seed)
    y = random.integers(0, 3, n)
    return random.normal(size=(n, 5)) + 2.0 * np.eye(3, 5)[y], [("a", "b", "c")[index] for index in y]


def test_prototypes_are_the_means_of_the_labels_in_any_order_of_learning():
    x, y = clouds()
    separator = PrototypeSeparator(("a", "b", "c"), 5, normalize=False)
    for row, label in zip(x[:50], y[:50], strict=True):
        separator.learn_one(row, label)
    separator.learn_many(x[50:], y[50:])
    for index, label in enumerate(separator.labels):
        mean = x[[other == label for other in y]].mean(axis=0)
        np.testing.assert_allclose(separator.to_arrays()["means"][0, index], mean, atol=1e-12)


def test_probabilities_are_the_softmax_of_squared_distances_over_the_temperature():
    means = np.array([[0.0, 1.0], [2.0, 0.0]])
    separator = PrototypeSeparator.from_means(["a", "b"], means, [3, 4], normalize=False, temperature=2.0)
    x = np.array([1.0, 1.0])
    logits = -((x - means) ** 2).sum(axis=1) / 2.0
    np.testing.assert_allclose(separator.predict_proba_one(x), np.exp(logits) / np.exp(logits).sum(), rtol=1e-6)


def test_sigmoid_compares_with_the_mean_of_those_without_the_label():
    x, y = clouds()
    labels = [(label, "even") if index % 2 == 0 else (label,) for index, label in enumerate(y)]
    online, batch = (PrototypeSeparator((), 5, activation=SIGMOID) for _ in range(2))
    for row, label in zip(x, labels, strict=True):
        online.learn_one(row, label)
    batch.learn_many(x, labels)
    order = [batch.labels.index(label) for label in online.labels]
    np.testing.assert_allclose(online.predict_proba_many(x), batch.predict_proba_many(x)[:, order], atol=1e-6)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    has = np.array(["a" in label for label in labels])
    distances = [((unit[0] - unit[mask].mean(axis=0)) ** 2).sum() for mask in (has, ~has)]
    expected = 1.0 / (1.0 + np.exp((distances[0] - distances[1]) / 0.1))
    assert online.predict_proba_one(x[0])[online.labels.index("a")] == pytest.approx(expected, rel=1e-5)


def test_a_prior_counts_as_many_utterances_as_it_is_limited_to():
    separator = PrototypeSeparator.from_means(["a", "b"], [[0.0], [8.0]], [300, 100], normalize=False)
    separator.limit_prior(4)
    separator.learn_one([4.0], "a")
    separator.learn_one([6.0], "b")
    np.testing.assert_allclose(separator.to_arrays()["means"][0, :, 0], [1.0, 7.0])


def test_a_label_without_an_utterance_has_no_probability():
    separator = PrototypeSeparator(("a", "b"), 2)
    separator.learn_one([1.0, 0.0], "a")
    assert separator.predict_proba_one([0.0, 1.0]).tolist() == [1.0, 0.0]


def test_the_first_utterance_of_a_new_label_is_recognised_again():
    x, y = clouds()
    separator = PrototypeSeparator((), 5)
    separator.learn_many(x, y)
    separator.learn_one(-x[0], "new")
    assert separator.predict_one(-x[0]) == "new"


def test_a_temperature_of_zero_and_missing_means_are_refused():
    with pytest.raises(SeparatorError, match="temperature above 0"):
        PrototypeSeparator(("a",), 2, temperature=0.0)
    with pytest.raises(SeparatorError, match="without each label; found none, for a sigmoid task"):
        PrototypeSeparator.from_means(["a"], [[1.0, 2.0]], [1], activation=SIGMOID)
