"""The seam between the engine and whatever runs TFLite files: LiteRT on the desktop, LiteRT's Java API on Android."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.java import is_android

Array = NDArray[Any]


@dataclass(frozen=True)
class TensorSpec:
    """Shape and type of a named input or output."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class Signature:
    """A named entry point of a model file: its inputs and outputs by name."""

    inputs: dict[str, TensorSpec]
    outputs: dict[str, TensorSpec]


class Interpreter(Protocol):
    """Runs the signatures of one model file. Not thread-safe: use it from one thread at a time."""

    @property
    def signatures(self) -> Mapping[str, Signature]:
        """The entry points, by key."""
        ...

    def run(self, signature: str, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run one entry point; tensors are bound by name, never by position.

        :param signature: key of the entry point.
        :param inputs: one array per input name, with exactly its shape and type.
        :return: one array per output name, owned by the caller.
        :raises InterpreterError: if the signature is unknown, or an input is missing, foreign or of another shape.
        """
        ...

    def close(self) -> None:
        """Release the model; running afterwards raises InterpreterError."""
        ...


def open_interpreter(path: Path, *, threads: int = 1) -> Interpreter:
    """Open a .tflite file with the implementation that this machine has.

    :raises InterpreterError: if the file is no model, is truncated, or no implementation is installed.
    """
    if is_android():  # the phone has LiteRT's Java API, and no ai_edge_litert
        from mobile_app.engine.android import AndroidInterpreter

        return AndroidInterpreter(path, threads=threads)
    from mobile_app.engine.litert import LiteRTInterpreter

    return LiteRTInterpreter(path, threads=threads)
