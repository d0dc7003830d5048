"""The paired bootstrap against a textbook case, against scipy, and as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, norm
from sklearn.metrics import f1_score

from quantization.bootstrap import paired_interval
from quantization.classification import scores


def one_hot(places, width=3):
    return np.eye(width, dtype=bool)[np.asarray(places)]


def noisy(rng, places, rate, width=3):
    return np.where(rng.random(len(places)) < rate, rng.integers(0, width, len(places)), places)


def test_identical_predictions_differ_by_exactly_nothing():
    rng = np.random.default_rng(1)
    gold = one_hot(rng.integers(0, 3, 200))
    predicted = one_hot(rng.integers(0, 3, 200))
    assert paired_interval(gold, predicted, predicted) == (0.0, 0.0)


def test_a_known_case_has_the_interval_of_the_normal_approximation():
    # One label, everywhere: every F1 is 2a / (1 + a) of the share a of right answers, so the difference of two
    # sigmoid predictions is known in closed form and, by the delta method, so is its standard error.
    n, lost = 4000, 400
    gold = np.ones((n, 1), dtype=bool)
    target = gold.copy()
    target[:lost] = False
    a = 1 - lost / n
    centre = 2 * a / (1 + a) - 1
    error = 2 / (1 + a) ** 2 * np.sqrt(a * (1 - a) / n)
    low, high = paired_interval(gold, gold, target)
    z = norm.ppf(0.975)
    assert low == pytest.approx(centre - z * error, abs=0.08 * error * z)
    assert high == pytest.approx(centre + z * error, abs=0.08 * error * z)


def test_the_interval_is_the_one_of_scipy():
    rng = np.random.default_rng(7)
    gold = rng.integers(0, 3, 150)
    reference, target = noisy(rng, gold, 0.3), noisy(rng, gold, 0.5)

    def counted_f1(g, p):
        counts = np.bincount(3 * g + p, minlength=9).reshape(3, 3)
        support = counts.sum(axis=1)
        each = 2 * np.diag(counts) / np.maximum(support + counts.sum(axis=0), 1)
        return each @ support / len(g)

    assert counted_f1(gold, target) == pytest.approx(f1_score(gold, target, average="weighted"))
    options = {"paired": True, "vectorized": False, "n_resamples": 3000, "method": "percentile", "rng": 3}
    statistic = lambda g, r, t: counted_f1(g, t) - counted_f1(g, r)  # noqa: E731
    expected = bootstrap((gold, reference, target), statistic, **options).confidence_interval
    low, high = paired_interval(one_hot(gold), one_hot(reference), one_hot(target), resamples=4000)
    width = expected.high - expected.low
    assert low == pytest.approx(expected.low, abs=0.1 * width)
    assert high == pytest.approx(expected.high, abs=0.1 * width)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(30, 120), st.floats(0, 0.9), st.floats(0, 0.9))
def test_the_interval_contains_the_point_estimate(seed, n, before, after):
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 3, n)
    gold, reference, target = (one_hot(p) for p in (places, noisy(rng, places, before), noisy(rng, places, after)))
    labels = ("a", "b", "c")
    change = scores(gold, target, labels).weighted_f1 - scores(gold, reference, labels).weighted_f1
    low, high = paired_interval(gold, reference, target, resamples=400)
    assert low - 1e-9 <= change <= high + 1e-9


def test_the_interval_does_not_depend_on_the_order_of_the_utterances():
    rng = np.random.default_rng(2)
    places = rng.integers(0, 3, 80)
    sets = [one_hot(p) for p in (places, noisy(rng, places, 0.2), noisy(rng, places, 0.4))]
    shuffled = rng.permutation(80)
    assert paired_interval(*sets) == paired_interval(*(one[shuffled] for one in sets))


def test_no_utterances_is_an_error():
    empty = np.zeros((0, 3), dtype=bool)
    with pytest.raises(ValueError, match="no utterances"):
        paired_interval(empty, empty, empty)


def test_shapes_that_differ_are_an_error():
    with pytest.raises(ValueError, match="different shapes"):
        paired_interval(one_hot([0, 1]), one_hot([0, 1]), one_hot([0]))
