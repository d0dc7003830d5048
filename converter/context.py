"""The context model of a bundle: conversion at several precisions, and the proof that each file is the model."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from converter.census import census
from converter.convert import convert
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.context import SIGNATURE
from mobile_app.engine.context_golden import FILE_NAME, ContextGolden, answers_of
from mobile_app.engine.errors import CheckFailedError, UndertoneError
from mobile_app.engine.interpreter import open_interpreter
from mobile_app.engine.manifest import ContextEntry, RecipeEntry
from mobile_app.engine.recipe import Recipe, recipe_named
from mobile_app.engine.task import SIGMOID
from training.checkpoint import Run
from training.context.checkpoint import ContextRun, load_context_run
from training.context.vectors import weights_sha256
from training.tensorflow import tf

Arrays = dict[str, NDArray[np.float32]]
# Largest difference of a probability from Keras. The windows of the proof are random, which is harder than speech.
LIMITS: Mapping[str, float] = {"fp32": 1e-4, "fp16": 1e-2, "dynamic_wi8_afp32": 0.2}
# The same on another machine than the one that built the bundle; integer kernels also move the features.
TOLERANCES: Mapping[str, float] = {"fp32": 1e-3, "fp16": 1e-2, "dynamic_wi8_afp32": 0.25}
_WINDOWS = 64
# Written for this project; more turns than a window holds, and speakers who come back.
GOLDEN_TURNS = (
    ("Ada", "I got the letter today."),
    ("Ben", "And?"),
    ("Ada", "They said no."),
    ("Ben", "Oh no. I am so sorry."),
    ("Ada", "It is fine."),
    ("Cem", "Wait, what is fine?"),
    ("Ben", "She did not get the flat."),
    ("Cem", "Are you serious? After all that paperwork?!"),
    ("Ada", "Stop shouting, please."),
    ("Cem", "Well, there is cake in the kitchen."),
    ("Ada", "You made a cake? That is the best thing I heard all day!"),
)


def file_name(recipe: Recipe) -> str:
    """Return the name of the context model's file in a bundle."""
    return f"context.{recipe.name}.tflite"


def open_fitting(run: Run, path: Path) -> ContextRun:
    """Read a context run that a phone can feed with the features of this run.

    :raises UndertoneError: if it is not causal, or its vectors are not the features of this run.
    """
    context = load_context_run(path)
    if not context.config.causal:
        raise UndertoneError(
            "a causal context run for --context",
            f"{path}, which sees the whole dialogue",
            "train it with --causal: a phone does not know what will be said",
        )
    if context.config.vectors != "features":
        raise UndertoneError(
            "a context run on features for --context",
            f"{path} on {context.config.vectors}",
            "train it with --vectors features, which are what a bundle gives out",
        )
    if context.vectors_sha256 != weights_sha256(run.model.named_weights()):
        raise UndertoneError(
            f"a context run on the features of {run.path}",
            f"{path} on those of another model ({context.config.run})",
            "train it on this run, or build the run that it belongs to",
        )
    return context


def write_context(context: ContextRun, recipes: Sequence[str], folder: Path) -> ContextEntry:
    """Convert a context model: signature ``context``, one window in, probabilities per task out.

    Takes ``vectors`` ``[1, window, d]``, ``mask`` and ``same_speaker`` ``[1, window]`` (float32), and carries no state.

    :param recipes: names; fp32 is among them.
    :param folder: where the files go.
    :raises CheckFailedError: if a file is further from Keras than its recipe may be.
    """
    phone = _PhoneContext(context)
    windows = random_windows(context)
    expected = [{name: value.numpy() for name, value in phone.traced(**window).items()} for window in windows]
    entries = {}
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        tf.saved_model.save(phone, scratch, signatures={SIGNATURE: phone.traced})
        for name in tqdm(recipes, desc="context recipes", unit="recipe", disable=None):
            recipe = recipe_named(name)
            content = convert(Path(scratch), [SIGNATURE], recipe)
            path = folder / file_name(recipe)
            path.write_bytes(content)
            difference = _difference(path, windows, expected)
            if difference > LIMITS[name]:
                raise CheckFailedError(
                    f"the context model in {recipe.shown_as} within {LIMITS[name]:g} of Keras",
                    f"{difference:.3g}",
                    "nothing was written; leave this recipe out with --recipes",
                )
            against = {"max_difference": difference, "n": len(windows)}
            entries[name] = RecipeEntry(path.name, census(content), {"against_keras": against})
    return ContextEntry(
        window=context.config.window,
        speakers=context.config.speakers,
        tasks=context.tasks,
        recipes=entries,
        training={**context.provenance, "metrics": context.metrics},
    )


def write_context_golden(bundle: Bundle) -> None:
    """Hold the golden conversation with every recipe of a bundle that is being built, and keep the answers."""
    recipes = bundle.manifest.recipes
    answers = {name: answers_of(bundle, name, GOLDEN_TURNS) for name in recipes}
    golden = ContextGolden(GOLDEN_TURNS, answers, {name: TOLERANCES[name] for name in recipes})
    (bundle.path / FILE_NAME).write_text(golden.to_json(), encoding="utf-8")


def random_windows(context: ContextRun) -> list[Arrays]:
    """Return seeded windows around the mean of the model's vectors, of every number of turns and every speaker bit."""
    random = np.random.default_rng(0)
    size, d = context.config.window, context.model.dimension
    mean, deviation = context.model.mean.numpy(), 1.0 / context.model.scale.numpy()
    windows = []
    for number in range(_WINDOWS):
        mask = (np.arange(size) >= size - 1 - number % size).astype(np.float32)[None]
        vectors = (mean + deviation * random.standard_normal((1, size, d))).astype(np.float32) * mask[:, :, None]
        same = random.integers(-1, 2, (1, size)).astype(np.float32) * mask
        windows.append({"vectors": vectors, "mask": mask, "same_speaker": same})
    return windows


class _PhoneContext(tf.Module):
    """The context model as the phone calls it: one window in, probabilities out."""

    def __init__(self, context: ContextRun) -> None:
        super().__init__()
        self.model, self.tasks = context.model, context.tasks
        places = tf.TensorSpec([1, context.config.window], tf.float32)
        vectors = tf.TensorSpec([1, context.config.window, context.model.dimension], tf.float32, name="vectors")
        named = [tf.TensorSpec(places.shape, places.dtype, name=name) for name in ("mask", "same_speaker")]
        self.traced = tf.function(self._answer).get_concrete_function(vectors, *named)

    def _answer(self, vectors: Any, mask: Any, same_speaker: Any) -> dict[str, Any]:
        logits = self.model({"vectors": vectors, "mask": mask, "same_speaker": same_speaker}, training=False)
        return {
            task.name: (tf.sigmoid if task.activation == SIGMOID else tf.nn.softmax)(logits[task.name])
            for task in self.tasks
        }


def _difference(path: Path, windows: Sequence[Arrays], expected: Sequence[Arrays]) -> float:
    """Return the largest difference of a probability; infinite where one is no number."""
    interpreter = open_interpreter(path)
    try:
        found = [interpreter.run(SIGNATURE, window) for window in windows]
    finally:
        interpreter.close()
    pairs = [(mine[name], theirs[name]) for mine, theirs in zip(found, expected, strict=True) for name in theirs]
    if not all(np.isfinite(mine).all() for mine, _ in pairs):
        return float("inf")
    return float(max(np.abs(mine - theirs).max() for mine, theirs in pairs))
