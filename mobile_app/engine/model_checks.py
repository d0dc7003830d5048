"""What every interpreter checks before native code sees it: the model file, and the inputs of a run."""

from collections.abc import Mapping
from pathlib import Path

from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import Array, Signature, TensorSpec

_IDENTIFIER = b"TFL3"
REMEDY = "build the bundle again or copy it again"


def check_identifier(path: Path) -> None:
    """Refuse what is plainly no model.

    :raises InterpreterError: if the file cannot be read, or does not begin as a TFLite model does.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise InterpreterError(f"a TFLite model in {path}", error.strerror or str(error), REMEDY) from None
    if head[4:] != _IDENTIFIER:
        found = f"bytes that begin with {head!r}" if head else "an empty file"
        raise InterpreterError(f"a TFLite model in {path}", found, REMEDY)


def check_run(path: Path, signatures: Mapping[str, Signature], key: str, inputs: Mapping[str, Array]) -> None:
    """Refuse an unknown entry point, and inputs that are not exactly its own.

    :param path: the model file, for the message.
    :param key: the entry point to run.
    :raises InterpreterError: if the signature is unknown or an input is missing, foreign or of another shape or type.
    """
    if key not in signatures:
        known = ", ".join(signatures) or "it has none"
        raise InterpreterError(f"a signature of {path} ({known})", repr(key), "choose one of these")
    expected = signatures[key].inputs
    if expected.keys() != inputs.keys():
        raise InterpreterError(
            f"the inputs {', '.join(sorted(expected))} for {key}",
            ", ".join(sorted(inputs)) or "none",
            "pass exactly these by name",
        )
    for name, spec in expected.items():
        if not _fits(spec, inputs[name]):
            raise InterpreterError(
                f"{name} of {key} to be {spec.dtype} {list(spec.shape)}",
                f"{inputs[name].dtype} {list(inputs[name].shape)}",
                "convert or pad it first",
            )


def closed() -> InterpreterError:
    """Return the error for running a closed interpreter."""
    return InterpreterError("an open interpreter", "a closed one", "open the recipe again")


def _fits(spec: TensorSpec, array: Array) -> bool:
    """Return whether an array has the type and shape of a tensor, whose free dimensions are -1."""
    if array.dtype != spec.dtype:
        return False
    return array.shape == spec.shape or (
        len(array.shape) == len(spec.shape)
        and all(want in (-1, size) for want, size in zip(spec.shape, array.shape, strict=True))
    )
