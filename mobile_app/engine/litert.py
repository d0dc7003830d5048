"""The interpreter on desktops: LiteRT's Python package."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import Array, Signature, TensorSpec

_IDENTIFIER = b"TFL3"
_REMEDY = "build the bundle again or copy it again"


class LiteRTInterpreter:
    """Runs the signatures of one .tflite file with ai-edge-litert. Opening maps the file; closing releases it.

    :param path: the model file.
    :param threads: how many threads a run may use.
    :raises InterpreterError: if the file is no whole model, or ai-edge-litert is not installed.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._path, self._has_run = path, False
        self._signatures: dict[str, Signature] = {}
        self._runners: dict[str, Callable[..., dict[str, Array]]] = {}
        _check_identifier(path)
        make = _litert()
        try:
            self._model: Any = make(model_path=str(path), num_threads=threads)
            for key in self._model.get_signature_list():
                runner = self._model.get_signature_runner(key)
                self._runners[key] = runner
                self._signatures[key] = Signature(
                    {name: _spec(details) for name, details in runner.get_input_details().items()},
                    {name: _spec(details) for name, details in runner.get_output_details().items()},
                )
        except (ValueError, RuntimeError, OSError) as error:
            raise InterpreterError(f"a whole TFLite model in {path}", str(error), _REMEDY) from None

    @property
    def signatures(self) -> Mapping[str, Signature]:
        """The entry points, by key."""
        return self._signatures

    def run(self, signature: str, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run one entry point; tensors are bound by name, never by position.

        :param signature: key of the entry point.
        :param inputs: one array per input name, with exactly its shape and type.
        :return: one array per output name, owned by the caller.
        :raises InterpreterError: if the signature is unknown, an input is missing, foreign or of another shape or type,
            the interpreter is closed, or the model fails.
        """
        if self._model is None:
            raise InterpreterError("an open interpreter", "a closed one", "open the recipe again")
        if signature not in self._signatures:
            raise InterpreterError(
                f"a signature of {self._path} ({', '.join(self._signatures) or 'it has none'})",
                repr(signature),
                "choose one of these",
            )
        _check_inputs(signature, self._signatures[signature].inputs, inputs)
        try:
            with nullcontext() if self._has_run else _without_log_lines():
                outputs = self._runners[signature](**inputs)
        except (ValueError, RuntimeError) as error:
            raise InterpreterError(f"{self._path} to run {signature}", str(error), _REMEDY) from None
        self._has_run = True
        return outputs

    def close(self) -> None:
        """Release the model; running afterwards raises InterpreterError."""
        self._runners.clear()
        self._model = None


def _check_identifier(path: Path) -> None:
    """Refuse what is plainly no model before native code sees it."""
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise InterpreterError(f"a TFLite model in {path}", error.strerror or str(error), _REMEDY) from None
    if head[4:] != _IDENTIFIER:
        found = f"bytes that begin with {head!r}" if head else "an empty file"
        raise InterpreterError(f"a TFLite model in {path}", found, _REMEDY)


@contextmanager
def _without_log_lines() -> Iterator[None]:
    """Hold back what native code writes to stderr, and pass on all but its "INFO:" lines.

    LiteRT announces its delegate on the first run, has no switch for that, and a command has one line for an error.
    """
    with tempfile.TemporaryFile() as held:
        try:
            stderr = os.dup(2)
        except OSError:  # no stderr, as under some window managers: nobody would see the lines
            yield
            return
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            os.write(2, b"".join(line for line in held if not line.startswith(b"INFO:")))


def _litert() -> Callable[..., Any]:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise InterpreterError(
            "the package ai-edge-litert", str(error), "install it with pip install ai-edge-litert"
        ) from None
    make: Callable[..., Any] = Interpreter
    return make


def _spec(details: Mapping[str, Any]) -> TensorSpec:
    # shape_signature keeps -1 where a dimension is free; shape would claim 1.
    return TensorSpec(tuple(int(size) for size in details["shape_signature"]), np.dtype(details["dtype"]))


def _check_inputs(signature: str, expected: Mapping[str, TensorSpec], inputs: Mapping[str, Array]) -> None:
    if expected.keys() != inputs.keys():
        raise InterpreterError(
            f"the inputs {', '.join(sorted(expected))} for {signature}",
            ", ".join(sorted(inputs)) or "none",
            "pass exactly these by name",
        )
    for name, spec in expected.items():
        array = inputs[name]
        fits = len(array.shape) == len(spec.shape) and all(
            want in (-1, size) for want, size in zip(spec.shape, array.shape, strict=True)
        )
        if not fits or array.dtype != spec.dtype:
            raise InterpreterError(
                f"{name} of {signature} to be {spec.dtype} {list(spec.shape)}",
                f"{array.dtype} {list(array.shape)}",
                "convert or pad it first",
            )
