"""Compact weights are as near to the exact ones as their bits allow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from training.packed_weights import EIGHT, HALF, packed, unpacked

matrices = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(-8, 8, width=32)
)


@given(matrices)
def test_eight_bits_are_off_by_half_a_step_of_the_largest_value(matrix):
    restored = unpacked(packed({"kernel": matrix}, EIGHT))["kernel"]
    # Half a step, plus the rounding of the half-precision scale.
    assert np.abs(restored - matrix).max() <= np.abs(matrix).max() * (0.5 / 127 + 2.0**-11) + 1e-4


@given(matrices)
def test_half_precision_is_that_of_numpy(matrix):
    np.testing.assert_array_equal(unpacked(packed({"kernel": matrix}, HALF))["kernel"], matrix.astype(np.float16))


@pytest.mark.parametrize("shape", [(1, 3), (3, 1)])
def test_rows_or_columns_of_unlike_size_have_a_scale_each(shape):
    sizes = np.array([100.0, 1.0, 0.01], np.float32).reshape(shape)
    matrix = np.random.default_rng(1).uniform(-1, 1, (3, 3)).astype(np.float32) * sizes
    arrays = packed({"kernel": matrix}, EIGHT)
    assert arrays["kernel"].dtype == np.int8
    assert arrays["kernel.scale"].shape == shape
    assert np.abs((unpacked(arrays)["kernel"] - matrix) / sizes).max() < 0.01


def test_vectors_stay_in_half_precision_and_zeros_stay_zeros():
    arrays = packed({"bias": np.array([0.1, 2.0], np.float32), "kernel": np.zeros((2, 2), np.float32)}, EIGHT)
    assert arrays["bias"].dtype == np.float16
    np.testing.assert_array_equal(unpacked(arrays)["kernel"], 0)
    assert set(unpacked(arrays)) == {"bias", "kernel"}
