"""The interpreter on Android: LiteRT's Java API through pyjnius."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import Array, Signature
from mobile_app.engine.java import java_class, java_errors
from mobile_app.engine.java_signature import JavaSignature
from mobile_app.engine.model_checks import REMEDY, check_identifier, check_run, closed


class AndroidInterpreter:
    """Runs the signatures of one .tflite file with LiteRT's Java API, from one thread at a time, whichever it is.

    LiteRT maps the file. Its Java classes must have been resolved on the main thread (``prepare_interpreter``).

    :param path: the model file.
    :param threads: how many threads a run may use.
    :raises InterpreterError: if the file is no whole model, or a tensor has no fixed shape.
    :raises UndertoneError: if the app has no LiteRT.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._path = path
        self._runners: dict[str, JavaSignature] = {}
        check_identifier(path)
        options = java_class("org.tensorflow.lite.Interpreter$Options")()
        options.setNumThreads(threads)
        with java_errors(InterpreterError, f"a whole TFLite model in {path}", REMEDY):
            file = java_class("java.io.File")(str(path))
            self._model: Any = java_class("org.tensorflow.lite.Interpreter")(file, options)
            for key in self._model.getSignatureKeys():
                self._runners[key] = JavaSignature(self._model, key)
        self._signatures = {key: runner.signature for key, runner in self._runners.items()}

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
        with java_errors(InterpreterError, f"{self._path} to run {signature}", REMEDY):
            return self._runners[signature].run(inputs)

    def close(self) -> None:
        """Release the model; running afterwards raises InterpreterError."""
        if self._model is not None:
            self._model.close()
        self._runners.clear()
        self._model = None
