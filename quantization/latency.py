"""Latency from text to features and probabilities, tokenization included."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mobile_app.engine.encoder import Encoder

BLOCK = 20
SAMPLES = 300
WARM_UP = 20
# A recipe that has been timed for so long sits out: one without a fast kernel would take as long as all the others.
MOST_SECONDS = 10.0


@dataclass(frozen=True)
class Latency:
    """Milliseconds an utterance."""

    p50: float
    p95: float
    mean: float
    std: float
    n: int
    threads: int
    includes_tokenizer: bool = True


def measure_latency(
    encoders: Mapping[str, Encoder], texts: Sequence[str], threads: int, advance: Callable[[int], object]
) -> dict[str, Latency]:
    """Time every encoder on the same utterances.

    The encoders take turns on blocks of utterances, and who begins rotates, so that a machine that slows down or
    speeds up on the way hits all of them alike.

    :param encoders: by recipe, all open.
    :param texts: at least one. A slow encoder is timed on the first ones alone, as many as ``n`` of its result says.
    :param advance: told how many encodings were done since it was told last.
    """
    for encoder in encoders.values():
        for text in texts[:WARM_UP]:
            encoder.encode(text)
    names = list(encoders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn, start in enumerate(range(0, len(texts), BLOCK)):
        block = texts[start : start + BLOCK]
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            if sum(seconds[name]) < MOST_SECONDS:
                seconds[name] += _time(encoders[name], block)
            advance(len(block))
    return {name: _summary(values, threads) for name, values in seconds.items()}


def _time(encoder: Encoder, texts: Sequence[str]) -> list[float]:
    encode, clock = encoder.encode, time.perf_counter
    encode(texts[0])  # brings this model's weights back into the caches after the others ran
    seconds = []
    for text in texts:
        start = clock()
        encode(text)
        seconds.append(clock() - start)
    return seconds


def _summary(seconds: Sequence[float], threads: int) -> Latency:
    values = np.asarray(seconds) * 1e3
    p50, p95 = np.percentile(values, [50, 95])
    return Latency(float(p50), float(p95), float(values.mean()), float(values.std()), len(seconds), threads)
