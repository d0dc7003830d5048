"""Run every recipe over the utterances. Features stream through and are forgotten; only the probabilities stay."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from quantization.feature_error import FeatureError

CHUNK = 128


@dataclass
class RecipeOutcome:
    """What one recipe answered.

    :param error: its features against the reference's; stays empty for the reference itself.
    :param non_finite: features and probabilities that are NaN or infinite.
    :param probabilities: per task, one ``[n, labels]`` array per chunk of utterances.
    """

    error: FeatureError
    non_finite: int = 0
    probabilities: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)

    def merge(self, other: "RecipeOutcome") -> None:
        """Append what was answered to the utterances that follow."""
        self.error.merge(other.error)
        self.non_finite += other.non_finite
        for task, chunks in other.probabilities.items():
            self.probabilities.setdefault(task, []).extend(chunks)

    def probabilities_of(self, task: str) -> NDArray[np.float32]:
        """Return all probabilities ``[n, labels]`` of a task."""
        return np.concatenate(self.probabilities[task])


@dataclass
class Outcome:
    """What all recipes answered to some utterances.

    :param lengths: utterances per length bucket.
    :param truncated: utterances that were cut to the longest bucket.
    """

    recipes: dict[str, RecipeOutcome]
    lengths: Counter[int] = field(default_factory=Counter)
    truncated: int = 0
    seconds: float = 0.0

    def merge(self, other: "Outcome") -> None:
        """Append the answers to the utterances that follow."""
        for name, outcome in other.recipes.items():
            self.recipes[name].merge(outcome)
        self.lengths += other.lengths
        self.truncated += other.truncated


def evaluate_chunk(encoders: Mapping[str, Encoder], reference: str, dimension: int, texts: Sequence[str]) -> Outcome:
    """Run every encoder on a chunk of texts."""
    outcome = Outcome({name: RecipeOutcome(FeatureError(dimension)) for name in encoders})
    answers: dict[str, dict[str, list[NDArray[np.float32]]]] = {name: {} for name in encoders}
    for text in texts:
        expected = encoders[reference].encode(text)
        outcome.lengths[expected.length_bucket] += 1
        outcome.truncated += expected.truncated
        for name, encoder in encoders.items():
            found = expected if name == reference else encoder.encode(text)
            recipe = outcome.recipes[name]
            recipe.non_finite += int((~np.isfinite(found.features)).sum())
            if name != reference:
                recipe.error.add(expected.features, found.features, found.length_bucket)
            for task, probabilities in found.probabilities.items():
                recipe.non_finite += int((~np.isfinite(probabilities)).sum())
                answers[name].setdefault(task, []).append(probabilities)
    for name, tasks in answers.items():
        outcome.recipes[name].probabilities = {task: [np.stack(rows)] for task, rows in tasks.items()}
    return outcome


def evaluate(
    encoders: Mapping[str, Encoder],
    reference: str,
    bundle: Bundle,
    texts: Sequence[str],
    *,
    workers: int,
    advance: Callable[[int], object],
) -> Outcome:
    """Run every recipe over ``texts``, in this process or in ``workers`` ones; the answers are the same.

    :param encoders: by recipe, all open; worker processes open their own like them.
    :param advance: told how many utterances were compared since it was told last.
    """
    dimension = bundle.manifest.feature_dimension
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    total = Outcome({name: RecipeOutcome(FeatureError(dimension)) for name in encoders})
    start = time.perf_counter()
    if workers == 1:
        outcomes: Iterable[Outcome] = (evaluate_chunk(encoders, reference, dimension, chunk) for chunk in chunks)
    else:
        outcomes = _in_workers(bundle.path, tuple(encoders), reference, chunks, workers)
    for outcome in outcomes:
        total.merge(outcome)
        advance(sum(outcome.lengths.values()))
    total.seconds = time.perf_counter() - start
    return total


def _in_workers(
    path: Path, recipes: tuple[str, ...], reference: str, chunks: Sequence[Sequence[str]], workers: int
) -> Iterator[Outcome]:
    """Evaluate chunks in processes that each open all recipes once; outcomes come in the order of the chunks."""
    # Not forked: the interpreter's threads do not survive a fork.
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_open_worker, initargs=(path, recipes, reference)
    )
    try:
        yield from pool.map(_work, chunks)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_worker: tuple[dict[str, Encoder], str, int] | None = None


def _open_worker(path: Path, recipes: tuple[str, ...], reference: str) -> None:
    global _worker
    # Ctrl-C reaches every process of a terminal; the parent says what there is to say and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bundle = Bundle.open(path)
    encoders = {recipe: Encoder(bundle, recipe, threads=1) for recipe in recipes}
    _worker = (encoders, reference, bundle.manifest.feature_dimension)


def _work(texts: Sequence[str]) -> Outcome:
    assert _worker is not None, "the pool runs _open_worker first"
    return evaluate_chunk(*_worker, texts)
