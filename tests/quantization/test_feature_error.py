"""Squared error, its histogram, and cosine: exact where exact is promised, close where bins are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantization.feature_error import FeatureError
from quantization.log_histogram import LOWEST, RELATIVE_RESOLUTION, LogHistogram


def error_of(pairs, dimension=2):
    found = FeatureError(dimension)
    for reference, target, length in pairs:
        found.add(np.asarray(reference, dtype=np.float32), np.asarray(target, dtype=np.float32), length)
    return found


def test_identical_features_have_no_error_and_cosine_one():
    found = error_of([([1, 2], [1, 2], 8)])
    error = found.squared_error()
    assert (error.mean, error.p50, error.p99, error.max) == (0, 0, 0, 0)
    assert error.histogram.counts == (2,)
    assert found.cosine().mean == pytest.approx(1)


def test_a_known_error():
    found = error_of([([1, 0], [0, 0.5], 8), ([1, 1], [1, 1], 16)])
    error = found.squared_error()
    assert error.mean == pytest.approx((1 + 0.25) / 4)
    assert error.max == 1
    assert sum(error.histogram.counts) == 4
    assert found.mean_by_feature() == pytest.approx([0.5, 0.125])
    assert found.squared_error_by_length()[8].mean == pytest.approx(0.625)
    assert found.squared_error_by_length()[16].mean == 0
    assert found.cosine().min == pytest.approx(0)


def test_values_that_are_not_finite_enter_no_statistic():
    found = error_of([([1, 1], [np.nan, 3], 8), ([1, 1], [np.inf, 1], 8)])
    error = found.squared_error()
    assert (error.mean, error.max, sum(error.histogram.counts)) == (2, 4, 2)
    assert found.cosine() is None
    assert found.mean_by_feature() == []


def test_nothing_finite_is_not_measured():
    found = error_of([([1, 1], [np.nan, np.nan], 8)])
    assert found.squared_error() is None
    assert found.squared_error_by_length() == {}


def test_features_that_are_all_zero_have_no_cosine():
    assert error_of([([0, 0], [1, 1], 8)]).cosine() is None


def test_a_wrong_shape_is_an_error():
    with pytest.raises(ValueError, match=r"shapes \(3,\) and \(3,\), expected \(2,\)"):
        error_of([([1, 2, 3], [1, 2, 3], 8)])


def test_merged_parts_are_the_whole():
    rng = np.random.default_rng(0)
    pairs = [(rng.normal(size=2), rng.normal(size=2), (8, 16)[i % 2]) for i in range(20)]
    parts = error_of(pairs[:7])
    parts.merge(error_of(pairs[7:]))
    whole = error_of(pairs)
    assert parts.squared_error().histogram == whole.squared_error().histogram
    assert parts.squared_error().mean == pytest.approx(whole.squared_error().mean)
    assert parts.cosine().min == whole.cosine().min
    assert parts.cosine().mean == pytest.approx(whole.cosine().mean)
    assert parts.mean_by_feature() == pytest.approx(whole.mean_by_feature())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-18, 1e8), min_size=1, max_size=200), st.sampled_from([50, 95, 99]))
def test_a_percentile_is_within_a_bin_of_the_exact_one(values, percent):
    histogram = LogHistogram()
    histogram.add(np.array(values))
    exact = np.percentile(values, percent, method="inverted_cdf")
    slack = 1 + RELATIVE_RESOLUTION + 1e-9
    assert exact / slack <= histogram.percentile(percent) <= exact * slack


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1e12), max_size=100))
def test_bins_lose_no_value(values):
    histogram = LogHistogram()
    histogram.add(np.array(values))
    bins = histogram.bins()
    assert sum(bins.counts) == histogram.count == len(values)
    assert len(bins.edges) == len(bins.counts) + 1
    assert list(bins.edges) == sorted(bins.edges)
    assert bins.edges[0] == 0


def test_values_below_the_lowest_bin_count_as_none():
    histogram = LogHistogram()
    histogram.add(np.array([LOWEST / 10, 0.0, 1.0]))
    assert histogram.percentile(50) == 0.0
    assert histogram.bins().counts[0] == 2


def test_an_empty_histogram_has_no_statistics():
    histogram = LogHistogram()
    histogram.add(np.zeros(0))
    for ask in (lambda: histogram.mean, lambda: histogram.max, lambda: histogram.percentile(50)):
        with pytest.raises(ValueError, match="no statistics"):
            ask()


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_a_histogram_refuses_what_it_cannot_count(value):
    with pytest.raises(ValueError, match="finite values that are not negative"):
        LogHistogram().add(np.array([value]))
