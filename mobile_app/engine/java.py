"""Java classes on Android: resolved on the main thread, used from every thread."""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from mobile_app.engine.errors import UndertoneError

_LITERT = "org.tensorflow.lite."
# Also those that calls only return: pyjnius looks them up when they come.
_INTERPRETER_CLASSES = (
    "java.io.File",
    "java.nio.Buffer",
    "java.nio.ByteBuffer",
    "java.nio.ByteOrder",
    "java.util.HashMap",
    f"{_LITERT}DataType",
    f"{_LITERT}Tensor",
    f"{_LITERT}InterpreterApi",
    f"{_LITERT}InterpreterApi$Options",
    f"{_LITERT}Interpreter",
    f"{_LITERT}Interpreter$Options",
)
_resolved: dict[str, Any] = {}


def is_android() -> bool:
    """Return whether this process runs inside an Android app."""
    return "ANDROID_ARGUMENT" in os.environ


def resolve(names: Iterable[str]) -> None:
    """Look Java classes up, so that every thread can use them afterwards; those known already cost nothing.

    A thread that Python started sees the classes of Android but none of the app's own, among them LiteRT's: the main
    thread looks them up for all, including classes that methods only return.

    :param names: full names, as ``java.util.HashMap`` or ``org.tensorflow.lite.Interpreter$Options``.
    :raises UndertoneError: if one is missing, or a new one is asked for off the main thread.
    """
    wanted = [name for name in names if name not in _resolved]
    if not wanted:
        return
    if threading.current_thread() is not threading.main_thread():
        raise UndertoneError(
            f"{wanted[0]} to be looked up on the main thread",
            f"the thread {threading.current_thread().name}",
            "prepare Java classes before starting the thread",
        )
    autoclass, java_exception = _jnius()
    for name in wanted:
        try:
            _resolved[name] = autoclass(name)
        except java_exception as error:
            raise UndertoneError(f"the Java class {name} in this app", _described(error), _remedy(name)) from None


def prepare_interpreter() -> None:
    """On Android, resolve what the interpreter needs; call it on the main thread before another one opens a model.

    :raises UndertoneError: if the app has no LiteRT, or this is not the main thread.
    """
    if is_android():
        resolve(_INTERPRETER_CLASSES)


def java_class(name: str) -> Any:
    """Return a Java class by its full name.

    :raises UndertoneError: if it is missing, or was not resolved and this is not the main thread.
    """
    resolve([name])
    return _resolved[name]


@contextmanager
def java_errors(kind: type[UndertoneError], expected: str, remedy: str) -> Iterator[None]:
    """Turn exceptions of Java in the block into one of ours.

    :param kind: what to raise.
    :param expected: what should have happened.
    :param remedy: what to do about it.
    """
    _, java_exception = _jnius()
    try:
        yield
    except java_exception as error:
        raise kind(expected, _described(error), remedy) from None


def _jnius() -> tuple[Any, Any]:
    try:
        from jnius import JavaException, autoclass  # type: ignore[import-untyped, import-not-found]
    except ImportError as error:
        raise UndertoneError("the package pyjnius", str(error), "add pyjnius to the requirements of the app") from None
    return autoclass, JavaException


def _described(error: Any) -> str:
    """Return the name and the message of a Java exception in one line."""
    message = " ".join(str(error.innermessage or error).split())
    name = (error.classname or "").rpartition(".")[2]
    return f"{name}: {message}" if name else message


def _remedy(name: str) -> str:
    if name.startswith(_LITERT):
        return "add com.google.ai.edge.litert:litert:1.4.1 and litert-api:1.4.1 to android.gradle_dependencies"
    return "check the class path and the Android version"
