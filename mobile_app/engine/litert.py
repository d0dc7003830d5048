"""The interpreter on desktops: LiteRT's Python package."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import numpy as np

from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import Array, Signature, TensorSpec
from mobile_app.engine.model_checks import REMEDY, check_identifier, check_run, closed


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
        check_identifier(path)
        make = _litert()
        try:
            self._model: Any = make(model_path=str(path), num_threads=threads)
            for key in self._model.get_signature_list():
                runner = self._model.get_signature_runner(key)
                self._signatures[key] = Signature(
                    {name: _spec(details) for name, details in runner.get_input_details().items()},
                    {name: _spec(details) for name, details in runner.get_output_details().items()},
                )
                self._runners[key] = _without_resizing(runner, self._signatures[key])
        except (ValueError, RuntimeError, OSError) as error:
            raise InterpreterError(f"a whole TFLite model in {path}", str(error), REMEDY) from None

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
            raise closed()
        check_run(self._path, self._signatures, signature, inputs)
        try:
            with nullcontext() if self._has_run else _without_log_lines():
                outputs = self._runners[signature](**inputs)
        except (ValueError, RuntimeError) as error:
            raise InterpreterError(f"{self._path} to run {signature}", str(error), REMEDY) from None
        self._has_run = True
        return outputs

    def close(self) -> None:
        """Release the model; running afterwards raises InterpreterError."""
        self._runners.clear()
        self._model = None


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


def _without_resizing(runner: Any, signature: Signature) -> Callable[..., dict[str, Array]]:
    """Return a function that runs a signature without resizing its inputs anew in every run.

    LiteRT's signature runner resizes and allocates each time, which for fixed shapes changes nothing. What is below it
    is not public, so that a release without it, or a signature with free dimensions, gets the runner itself.
    """
    fixed = all(-1 not in spec.shape for spec in signature.inputs.values())
    try:
        model, inputs = runner._interpreter_wrapper, dict(runner._inputs)
        outputs, subgraph = tuple(runner._outputs), runner._subgraph_index
        put, invoke, get = model.SetTensor, model.Invoke, model.GetTensor
    except AttributeError:
        return cast(Callable[..., dict[str, Array]], runner)
    if not fixed:
        return cast(Callable[..., dict[str, Array]], runner)
    ready = False

    def run(**arrays: Array) -> dict[str, Array]:
        nonlocal ready
        if not ready:  # the first run allocates
            found: dict[str, Array] = runner(**arrays)
            ready = True
            return found
        for name, array in arrays.items():
            put(inputs[name], array, subgraph)
        invoke(subgraph)
        return {name: get(index, subgraph) for name, index in outputs}

    return run


def _spec(details: Mapping[str, Any]) -> TensorSpec:
    # shape_signature keeps -1 where a dimension is free; shape would claim 1.
    return TensorSpec(tuple(int(size) for size in details["shape_signature"]), np.dtype(details["dtype"]))
