"""Weights in half precision, or their matrices in eight bits: how shipped backbones lie on the disk."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

HALF, EIGHT = 16, 8
BITS = (HALF, EIGHT)
_SCALE = ".scale"
_LARGEST = 127


def packed(weights: Mapping[str, NDArray[Any]], bits: int) -> dict[str, NDArray[Any]]:
    """Return arrays to be written.

    :param weights: in any float.
    :param bits: 16, or 8 for matrices: symmetric, with a half-precision scale for each row or each column, whichever
        comes nearer to what it was. Vectors are in half precision always.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for name, array in weights.items():
        if bits == EIGHT and array.ndim == 2:
            arrays[name], arrays[name + _SCALE] = _nearest(array)
        else:
            arrays[name] = array.astype(np.float16)
    return arrays


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Return float32 weights from what :func:`packed` gave."""
    return {
        name: _restored(array, arrays[name + _SCALE]) if name + _SCALE in arrays else array.astype(np.float32)
        for name, array in arrays.items()
        if not name.endswith(_SCALE)
    }


def _nearest(array: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    ways = [_rounded(array, axis) for axis in (0, 1)]
    errors = [float(np.square(_restored(*way) - array).sum()) for way in ways]
    return ways[int(np.argmin(errors))]


def _rounded(array: NDArray[Any], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    largest = np.abs(array).max(axis=axis, keepdims=True)
    scale = np.maximum(largest / _LARGEST, np.finfo(np.float16).tiny).astype(np.float16)
    steps = np.rint(array / scale.astype(np.float32))
    return np.clip(steps, -_LARGEST, _LARGEST).astype(np.int8), scale


def _restored(steps: NDArray[np.int8], scale: NDArray[np.float16]) -> NDArray[np.float32]:
    return steps.astype(np.float32) * scale.astype(np.float32)
