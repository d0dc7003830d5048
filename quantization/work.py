"""The unit of work: some utterances through every recipe, in whatever process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.prediction import Encoding
from quantization.feature_error import FeatureError
from quantization.outcome import Outcome, RecipeOutcome

REMEMBERED = 512  # encodings a process and recipe

Encode = Callable[[str], Encoding]


@dataclass(frozen=True)
class Work:
    """What every worker needs to know.

    :param bundle: folder of the bundle, the same on every machine that works.
    :param recipes: in the order of the report, ``reference`` among them.
    """

    bundle: str
    recipes: tuple[str, ...]
    reference: str


@dataclass(frozen=True)
class Chunk:
    """Some utterances.

    :param index: place among the chunks.
    :param kept: places in ``texts`` whose features are kept.
    """

    index: int
    texts: tuple[str, ...]
    kept: frozenset[int] = frozenset()


def do(work: Work, chunk: Chunk) -> Outcome:
    """Run a chunk; a process opens the models of a bundle once."""
    encode, dimension = _opened(work)
    return evaluate_chunk(encode, work.reference, dimension, chunk.texts, chunk.kept)


@lru_cache(maxsize=1)
def _opened(work: Work) -> tuple[dict[str, Encode], int]:
    bundle = Bundle.open(Path(work.bundle))
    # People repeat themselves: one utterance of MELD in ten was there before.
    encoders: dict[str, Encode] = {
        recipe: lru_cache(REMEMBERED)(Encoder(bundle, recipe, threads=1).encode) for recipe in work.recipes
    }
    return encoders, bundle.manifest.feature_dimension


def forget() -> None:
    """Release the models that this process holds."""
    _opened.cache_clear()


def evaluate_chunk(
    encoders: Mapping[str, Encode],
    reference: str,
    dimension: int,
    texts: Sequence[str],
    kept: frozenset[int] = frozenset(),
) -> Outcome:
    """Run every recipe on a chunk of texts.

    :param encoders: by recipe, what encodes a text.
    :param kept: places whose features are kept.
    """
    outcome = Outcome({name: RecipeOutcome(FeatureError(dimension)) for name in encoders})
    answers: dict[str, dict[str, list[NDArray[np.float32]]]] = {name: {} for name in encoders}
    for place, text in enumerate(texts):
        expected = encoders[reference](text)
        outcome.lengths[expected.length_bucket] += 1
        outcome.truncated += expected.truncated
        for name, encoder in encoders.items():
            found = expected if name == reference else encoder(text)
            recipe = outcome.recipes[name]
            recipe.non_finite += int((~np.isfinite(found.features)).sum())
            if name != reference:
                recipe.error.add(expected.features, found.features, found.length_bucket)
            if place in kept:
                recipe.features.append(found.features[None])
            for task, probabilities in found.probabilities.items():
                recipe.non_finite += int((~np.isfinite(probabilities)).sum())
                answers[name].setdefault(task, []).append(probabilities)
    for name, tasks in answers.items():
        outcome.recipes[name].probabilities = {task: [np.stack(rows)] for task, rows in tasks.items()}
    return outcome
