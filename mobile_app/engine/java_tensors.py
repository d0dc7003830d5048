"""Named tensors in one block of Java memory."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mobile_app.engine.interpreter import Array, TensorSpec
from mobile_app.engine.java import java_class

_ALIGNMENT = 16


class JavaTensors:
    """A Java buffer per tensor, all cut from one block, so that one call across the border moves them all.

    :param tensors: what the block holds.
    :param allocate: makes a ``java.nio.ByteBuffer`` of so many bytes.
    """

    def __init__(self, tensors: Mapping[str, TensorSpec], allocate: Callable[[int], Any]) -> None:
        self._tensors, self._offsets, size = tensors, dict[str, int](), 0
        for name, spec in tensors.items():
            self._offsets[name] = size
            size += -(-_n_bytes(spec) // _ALIGNMENT) * _ALIGNMENT
        self._block = allocate(size)
        self._staging = np.zeros(size, np.uint8)
        self._views = {name: self._view(name, self._staging) for name in tensors}
        self._slices = {name: self._slice(name) for name in tensors}
        self.by_name = java_class("java.util.HashMap")()
        for name, buffer in self._slices.items():
            self.by_name.put(name, buffer)

    def write(self, arrays: Mapping[str, Array]) -> None:
        """Copy arrays of exactly these names, shapes and types into the block."""
        for name, view in self._views.items():
            view[...] = arrays[name]
        self._block.clear()
        self._block.put(self._staging.tobytes())

    def rewind(self) -> None:
        """Let the next writer of every buffer begin at its start: without it, the second run overflows."""
        for buffer in self._slices.values():
            buffer.rewind()

    def read(self) -> dict[str, Array]:
        """Return a copy of every tensor. Only for blocks that have an array behind them."""
        content = np.frombuffer(self._block.array().tostring(), np.uint8)
        return {name: self._view(name, content).copy() for name in self._tensors}

    def _view(self, name: str, content: Array) -> Array:
        spec, start = self._tensors[name], self._offsets[name]
        view: Array = content[start : start + _n_bytes(spec)].view(spec.dtype).reshape(spec.shape)
        return view

    def _slice(self, name: str) -> Any:
        start = self._offsets[name]
        self._block.clear()
        self._block.position(start)
        self._block.limit(start + _n_bytes(self._tensors[name]))
        part = self._block.slice()
        part.order(java_class("java.nio.ByteOrder").nativeOrder())  # a slice begins anew in Java's own order
        return part


def _n_bytes(spec: TensorSpec) -> int:
    return int(np.prod(spec.shape, dtype=np.int64)) * spec.dtype.itemsize
