"""Models that Undertone did not train: a Keras file or a SavedModel, behind the interface of its own models."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from converter.foreign_tasks import LOGITS, Declaration
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import SIGMOID
from training.tensorflow import keras, tf

IDS, MASK, SEGMENTS = "input_ids", "attention_mask", "token_type_ids"
# Probabilities below this are rounding: their logarithm would be far outside what any layer gives.
_SMALLEST = 1e-30
Function = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class ForeignModel(tf.Module):
    """A model that takes ``input_ids`` and ``attention_mask``, and gives ``features`` and logits per task.

    :param path: a ``.keras`` or ``.h5`` file, or a SavedModel folder.
    :param declared: which of its outputs are what.
    :raises UndertoneError: if it cannot be opened, or has other inputs or outputs than were declared.
    """

    def __init__(self, path: Path, declared: Declaration) -> None:
        super().__init__()
        self.declared = declared
        self._call, inputs, outputs, self.captured = _open(path, declared)
        _require_inputs(inputs, path)
        wanted = [declared.features, *(one.output for one in declared.tasks)]
        missing = [name for name in wanted if name not in outputs]
        if missing:
            raise UndertoneError(
                f"an output {missing[0]!r} of {path}, as declared",
                ", ".join(outputs) or "none",
                "name one of these in the file of tasks",
            )
        self.dtypes = dict(inputs)
        # What the builder asks of a backbone: nothing is known of its positions.
        self.backbone = SimpleNamespace(config=SimpleNamespace(model_type="imported", max_position_embeddings=None))
        self.feature_dimension = 0

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Return ``features`` and the logits of each task under its name."""
        given = {name: tf.cast(inputs[name], self.dtypes[name]) for name in (IDS, MASK) if name in self.dtypes}
        if SEGMENTS in self.dtypes:
            given[SEGMENTS] = tf.zeros_like(given[IDS], self.dtypes[SEGMENTS])
        outputs = self._call(given)
        result = {"features": outputs[self.declared.features]}
        for one in self.declared.tasks:
            value = outputs[one.output]
            result[one.task.name] = value if one.gives == LOGITS else _logits(value, one.task.activation)
        return result

    @property
    def variables(self) -> Sequence[Any]:
        """The weights."""
        return tuple(self.captured)


def _logits(probabilities: Any, activation: str) -> Any:
    """Return what gives these probabilities again: Undertone's own activation comes after it."""
    logarithm = tf.math.log(tf.maximum(probabilities, _SMALLEST))
    if activation == SIGMOID:
        return logarithm - tf.math.log(tf.maximum(1.0 - probabilities, _SMALLEST))
    return logarithm


def _require_inputs(inputs: Mapping[str, Any], path: Path) -> None:
    if IDS not in inputs or not {IDS, MASK, SEGMENTS} >= set(inputs):
        raise UndertoneError(
            f"inputs {IDS} and {MASK} (and {SEGMENTS} if need be) of {path}",
            ", ".join(inputs) or "none",
            "rename the inputs and save the model again",
        )


def _open(path: Path, declared: Declaration) -> tuple[Function, dict[str, Any], list[str], Sequence[Any]]:
    """Return a function from named tensors to named tensors, its inputs with types, its outputs, and its weights."""
    if path.is_dir() and (path / "saved_model.pb").is_file():
        return _open_saved_model(path)
    if path.is_file() and path.suffix in (".keras", ".h5", ".hdf5"):
        return _open_keras(path, declared)
    raise UndertoneError(
        f"a Keras model (.keras, .h5) or the folder of a SavedModel in {path}",
        "something else" if path.exists() else "nothing",
        "save the model in one of these forms",
    )


def _open_saved_model(path: Path) -> tuple[Function, dict[str, Any], list[str], Sequence[Any]]:
    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:  # any of TensorFlow's own, of the file system or of protobuf
        raise _unreadable(path, error) from error
    signatures = dict(loaded.signatures)
    if len(signatures) != 1 and "serving_default" not in signatures:
        raise UndertoneError(
            f"a signature serving_default in {path}",
            ", ".join(signatures) or "none",
            "save the model with that signature",
        )
    signature = signatures.get("serving_default") or next(iter(signatures.values()))
    specs = signature.structured_input_signature[1]

    def call(inputs: Mapping[str, Any], _loaded: Any = loaded) -> Mapping[str, Any]:
        outputs: Mapping[str, Any] = signature(**inputs)
        return outputs

    inputs = {name: spec.dtype for name, spec in specs.items()}
    return call, inputs, list(signature.structured_outputs), list(signature.variables)


def _open_keras(path: Path, declared: Declaration) -> tuple[Function, dict[str, Any], list[str], Sequence[Any]]:
    library, model = _load_keras(path)
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise UndertoneError(
            f"a functional or sequential Keras model in {path}",
            f"a {type(model).__name__}, whose inputs are not named",
            "export it as a SavedModel with a signature",
        )
    tensors = dict(zip(_names(model, "output"), model.outputs, strict=True))
    for name in (declared.features, *(one.output for one in declared.tasks)):
        if name not in tensors and name in {layer.name for layer in model.layers}:
            tensors[name] = model.get_layer(name).output
    part = library.Model(model.inputs, tensors)
    named = zip(_names(model, "input"), model.inputs, strict=True)
    inputs = {name: tf.as_dtype(tensor.dtype) for name, tensor in named}

    def call(given: Mapping[str, Any]) -> Mapping[str, Any]:
        outputs: Mapping[str, Any] = part([given[name] for name in inputs], training=False)
        return outputs

    # Variables of Keras 3 hold those of TensorFlow.
    weights = [one if isinstance(one, tf.Variable) else one.value for one in model.variables]
    return call, inputs, list(tensors), weights


def _names(model: Any, kind: str) -> list[str]:
    """Return the names of the inputs or outputs of a Keras model, old or new."""
    return [str(name) for name in getattr(model, f"{kind}_names", None) or []]


def _load_keras(path: Path) -> tuple[Any, Any]:
    """Return the library and the model: files of Keras 2 and of Keras 3 need different ones."""
    errors = []
    for library in (keras, importlib.import_module("keras")):
        try:
            return library, library.models.load_model(path, compile=False)
        except Exception as error:  # Keras raises several undocumented types
            errors.append(error)
    signs = ("unknown layer", "could not locate class", "could not be deserialized", "could not deserialize")
    custom = [error for error in errors if any(sign in str(error).lower() for sign in signs)]
    # Which one it is cannot be told for sure: each Keras calls the other's own model classes unknown too.
    if custom:
        raise UndertoneError(
            f"layers of Keras alone in {path}",
            "a custom object",
            "export the model as a SavedModel, which needs no Python code to be loaded",
        ) from custom[0]
    raise _unreadable(path, errors[-1]) from errors[-1]


def _unreadable(path: Path, error: Exception) -> UndertoneError:
    return UndertoneError(f"a model that TensorFlow can load in {path}", _first_line(error), "save it again")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".;")
