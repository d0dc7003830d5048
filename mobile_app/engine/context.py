"""A conversation: what was said last, in the light of what was said before."""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import BundleError, UndertoneError
from mobile_app.engine.interpreter import Interpreter, Signature, TensorSpec, open_interpreter
from mobile_app.engine.manifest import ContextEntry
from mobile_app.engine.prediction import TaskPrediction

if TYPE_CHECKING:
    from mobile_app.engine.bundle import Bundle

SIGNATURE = "context"
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Turn:
    """An utterance of a conversation.

    :param features: ``[d]``, as the encoder gives them.
    :param speaker: who said it, in any wording; None where that is not known.
    """

    features: Floats
    speaker: str | None = None


class Conversation:
    """Keeps the last turns and predicts the newest one with them. Use it from one thread at a time.

    The model file takes a window of turns, the newest in the last place, and carries no state between runs: an
    utterance that is taken back is simply left out.

    :param bundle: an opened bundle with a context model.
    :param recipe: the recipe that made the features; None is the bundle's default. The context model of the same recipe
        is run, or that of ``fp32`` where there is none.
    :param threads: how many threads a run may use.
    :raises BundleError: if the bundle has no context model, or its file does not fit the manifest.
    :raises InterpreterError: if the model cannot be loaded.
    """

    def __init__(self, bundle: "Bundle", recipe: str | None = None, *, threads: int = 1) -> None:
        self.entry = context_entry(bundle)
        self.recipe = chosen_recipe(self.entry, recipe or bundle.manifest.default_recipe)
        self._dimension = bundle.manifest.feature_dimension
        self._turns: deque[Turn] = deque(maxlen=self.entry.window)
        self._interpreter = _open(bundle, self.entry, self.recipe, threads)

    def add(self, features: Floats, speaker: str | None = None) -> dict[str, Floats]:
        """Append a turn and return per task the probabilities ``[n_labels]`` of it.

        :param features: ``[d]``, as the encoder gives them.
        :param speaker: compared with those of the other turns, and kept for nothing else.
        :raises UndertoneError: if the features have another width than the bundle's.
        """
        if features.shape != (self._dimension,):
            raise UndertoneError(
                f"features of shape [{self._dimension}]", str(list(features.shape)), "take those of the same bundle"
            )
        self._turns.append(Turn(features, speaker))
        outputs = self._interpreter.run(SIGNATURE, window_of(list(self._turns), self.entry.window))
        return {task.name: outputs[task.name][0] for task in self.entry.tasks}

    def predict(self, features: Floats, speaker: str | None = None) -> dict[str, TaskPrediction]:
        """Append a turn and return per task its probabilities with the label that follows from them."""
        probabilities = self.add(features, speaker)
        return {task.name: TaskPrediction.of(task, task.labels, probabilities[task.name]) for task in self.entry.tasks}

    def clear(self) -> None:
        """Forget the turns: a new conversation begins."""
        self._turns.clear()

    def close(self) -> None:
        """Release the model."""
        self._interpreter.close()


def window_of(turns: list[Turn], size: int) -> dict[str, Floats]:
    """Return the model's inputs for the newest of some turns.

    :param turns: from old to new, at least one; the last ``size`` of them count.
    :return: ``vectors`` ``[1, size, d]``, and ``[1, size]`` each: ``mask`` (1 where there is a turn) and
        ``same_speaker`` (1 for the speaker of the newest turn, -1 for another one, 0 where that is not known).
    """
    turns = turns[-size:]
    newest = turns[-1]
    vectors = np.zeros((1, size, len(newest.features)), np.float32)
    mask, same = np.zeros((1, size), np.float32), np.zeros((1, size), np.float32)
    for place, turn in enumerate(turns, start=size - len(turns)):
        vectors[0, place], mask[0, place] = turn.features, 1.0
        same[0, place] = same_speaker(newest.speaker, turn.speaker)
    return {"vectors": vectors, "mask": mask, "same_speaker": same}


def same_speaker(one: str | None, other: str | None) -> float:
    """Return 1 for the same speaker, -1 for different ones, 0 where one of them is not known."""
    if one is None or other is None:
        return 0.0
    return 1.0 if one == other else -1.0


def context_entry(bundle: "Bundle") -> ContextEntry:
    """Return what the manifest says about the context model.

    :raises BundleError: if the bundle has none.
    """
    if bundle.manifest.context is None:
        raise BundleError(
            f"a context model in {bundle.path}", "none", "build the bundle with --context and a context run"
        )
    return bundle.manifest.context


def chosen_recipe(entry: ContextEntry, recipe: str) -> str:
    """Return the recipe of the context model that goes with a recipe of the model."""
    return recipe if recipe in entry.recipes else "fp32"


def _open(bundle: "Bundle", entry: ContextEntry, recipe: str, threads: int) -> Interpreter:
    path = bundle.path / entry.recipes[recipe].file
    interpreter = open_interpreter(path, threads=threads)
    window, floats = (1, entry.window), np.dtype(np.float32)
    inputs = {"vectors": (*window, bundle.manifest.feature_dimension), "mask": window, "same_speaker": window}
    outputs = {task.name: (1, len(task.labels)) for task in entry.tasks}
    expected = Signature(
        {name: TensorSpec(shape, floats) for name, shape in inputs.items()},
        {name: TensorSpec(shape, floats) for name, shape in outputs.items()},
    )
    if interpreter.signatures.get(SIGNATURE) != expected:
        found = ", ".join(interpreter.signatures) or "none"
        interpreter.close()
        raise BundleError(
            f"a signature {SIGNATURE} in {path} that takes {_shapes(expected.inputs)} and gives "
            f"{_shapes(expected.outputs)}, all float32",
            f"signature {found} of other tensors",
            "build or copy the bundle again",
        )
    return interpreter


def _shapes(tensors: dict[str, TensorSpec]) -> str:
    return ", ".join(f"{name} {list(spec.shape)}" for name, spec in tensors.items())
