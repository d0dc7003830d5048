"""Real numbers to few bits: symmetric and asymmetric integers, per tensor or per channel, and packed 4-bit integers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
# Below this a channel is all zeros to float32; its scale must still divide.
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Rounded:
    """Integers with what turns them back: value = scale * (stored - zero_point).

    :param values: int8, int16 or, unpacked, 4-bit integers in int8; the shape of the original.
    :param scale: float32, one for the tensor or one per channel.
    :param zero_point: one for the tensor; 0 where symmetric.
    :param axis: the axis of the channels, where there is one scale each.
    """

    values: Array
    scale: Array
    zero_point: int = 0
    axis: int | None = None

    def restored(self) -> Array:
        """Return the real numbers that the integers stand for, float32."""
        scale = self.scale
        if self.axis is not None:
            scale = scale.reshape([-1 if axis == self.axis else 1 for axis in range(self.values.ndim)])
        result: Array = (self.values.astype(np.float32) - self.zero_point) * scale
        return result


def symmetric(array: Array, *, bits: int = 8, axis: int | None = None, floor: Array | float = 0.0) -> Rounded:
    """Round to ``bits`` with zero at zero, as integer kernels want weights.

    :param axis: one scale per index along this axis; None: one for all.
    :param floor: the smallest scale allowed, per channel or for all.
    """
    top = 2 ** (bits - 1) - 1
    others = None if axis is None else tuple(other for other in range(array.ndim) if other != axis)
    largest = np.abs(array).max(axis=others)
    scale = np.maximum(np.maximum(largest / top, floor), _SMALLEST).astype(np.float32)
    shaped = scale if axis is None else scale.reshape([-1 if other == axis else 1 for other in range(array.ndim)])
    values = np.clip(np.rint(array / shaped), -top, top).astype(np.int16 if bits > 8 else np.int8)
    return Rounded(values, np.atleast_1d(scale), 0, axis)


def packed(values: Array) -> Array:
    """Pack 4-bit integers two to a byte, the first in the low half, as TFLite's INT4 is stored."""
    flat = values.reshape(-1)
    if flat.size % 2:
        flat = np.append(flat, 0)
    low, high = flat[0::2].astype(np.uint8) & 0x0F, flat[1::2].astype(np.uint8) & 0x0F
    result: Array = low | (high << 4)
    return result


@dataclass(frozen=True)
class Range:
    """The interval of an activation, and the integers that cover it."""

    scale: float
    zero_point: int

    @classmethod
    def of(cls, low: float, high: float, *, bits: int = 8) -> "Range":
        """Cover ``[low, high]`` and zero: asymmetrically in 8 bits, symmetrically in 16."""
        if bits == 16:
            return cls(max(abs(low), abs(high), _SMALLEST) / 32767, 0)
        low, high = min(low, 0.0), max(high, 0.0)
        scale = max((high - low) / 255, _SMALLEST)
        return cls(scale, int(np.clip(round(-128 - low / scale), -128, 127)))

    def rounded(self, values: Array, *, bits: int = 8) -> Array:
        """Return what is left of values after rounding and back, clipping included."""
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        stored = np.clip(np.rint(values / self.scale) + self.zero_point, low, high)
        result: Array = ((stored - self.zero_point) * self.scale).astype(np.float32)
        return result

    def error(self, sample: Array) -> float:
        """Return the mean squared error that 8-bit rounding makes on a sample."""
        return float(np.mean(np.square(self.rounded(sample) - sample), dtype=np.float64))
