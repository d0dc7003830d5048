"""Run every recipe over the utterances, chunk by chunk. Features stream through; only the probabilities stay."""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from mobile_app.engine import npz
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.files import write_file
from quantization.engines import Engine
from quantization.feature_error import FeatureError
from quantization.outcome import Outcome, RecipeOutcome
from quantization.work import Chunk, Work

CHUNK = 128


def evaluate(
    work: Work,
    bundle: Bundle,
    texts: Sequence[str],
    *,
    engine: Engine,
    advance: Callable[[int], object],
    kept: Collection[int] = (),
    resume: Path | None = None,
) -> Outcome:
    """Run every recipe over ``texts``; the answers are the same whichever engine does it.

    :param engine: where chunks are run.
    :param advance: told how many utterances were compared since it was told last.
    :param kept: places of the texts whose features are kept.
    :param resume: folder for the outcomes of finished chunks; those that are there are not run again.
    """
    dimension = bundle.manifest.feature_dimension
    total = Outcome({name: RecipeOutcome(FeatureError(dimension)) for name in work.recipes})
    start = time.perf_counter()
    parts = None if resume is None else _Parts(resume, bundle, work, texts, kept)
    for outcome in _outcomes(work, _chunks(texts, kept), engine, parts):
        total.merge(outcome)
        advance(sum(outcome.lengths.values()))
    total.seconds = time.perf_counter() - start
    return total


def _chunks(texts: Sequence[str], kept: Collection[int]) -> list[Chunk]:
    wanted = frozenset(kept)
    return [
        Chunk(
            number,
            tuple(texts[start : start + CHUNK]),
            frozenset(place - start for place in range(start, start + CHUNK) if place in wanted),
        )
        for number, start in enumerate(range(0, len(texts), CHUNK))
    ]


def _outcomes(work: Work, chunks: Sequence[Chunk], engine: Engine, parts: "_Parts | None") -> Iterator[Outcome]:
    """Yield the outcomes in the order of the chunks, read from what is there already where it is."""
    if parts is None:
        yield from engine(work, chunks)
        return
    there = {chunk.index: outcome for chunk in chunks if (outcome := parts.read(chunk.index)) is not None}
    missing = [chunk for chunk in chunks if chunk.index not in there]
    done = iter(engine(work, missing))
    for chunk in chunks:
        if chunk.index in there:
            yield there.pop(chunk.index)
        else:
            outcome = next(done)
            parts.write(chunk.index, outcome)
            yield outcome


class _Parts:
    """The outcomes of finished chunks, one file each, under a name that says what was run."""

    def __init__(self, folder: Path, bundle: Bundle, work: Work, texts: Sequence[str], kept: Collection[int]) -> None:
        models = [bundle.model_hash(recipe) for recipe in work.recipes]
        said = [CHUNK, bundle.manifest.tokenizer.vocabulary_sha256, work.recipes, models, list(texts), sorted(kept)]
        key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
        self._folder = folder / key

    def read(self, index: int) -> Outcome | None:
        """Return what was kept of a chunk; None if nothing that can be read."""
        try:
            return Outcome.from_arrays(npz.unpack(self._path(index).read_bytes()))
        except (OSError, ValueError, KeyError):
            return None

    def write(self, index: int, outcome: Outcome) -> None:
        """Keep the outcome of a chunk."""
        write_file(self._path(index), npz.pack(outcome.to_arrays()))

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:06d}.npz"
