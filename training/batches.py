"""Batches of few fixed shapes: short utterances are not padded to the longest, and each shape is compiled once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.batch import bucket, pad
from training.examples import Examples

SHORTEST = 8
BATCHES_SORTED_TOGETHER = 50


@dataclass(frozen=True)
class Batch:
    """Arrays of one training step; rows that only fill the batch up are masked in every task."""

    input_ids: NDArray[np.int32]
    attention_mask: NDArray[np.int32]
    targets: dict[str, NDArray[np.float32]]
    masks: dict[str, NDArray[np.float32]]


def lengths_up_to(longest: int) -> tuple[int, ...]:
    """Return the padded lengths: 8, 16, 32 and so on, and ``longest`` itself.

    >>> lengths_up_to(40)
    (8, 16, 32, 40)
    """
    lengths = []
    length = SHORTEST
    while length < longest:
        lengths.append(length)
        length *= 2
    return (*lengths, longest)


def training_batches(
    examples: Examples, *, batch_size: int, max_length: int, pad_id: int, seed: int, epoch: int
) -> Iterator[Batch]:
    """Yield every example once, in an order that depends on seed and epoch alone.

    Examples are shuffled, sorted by length within blocks of 50 batches, cut into batches, and the batches shuffled.
    Every batch has ``batch_size`` rows: the last ones of the smallest are filler.
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(examples))
    n_tokens = np.array([len(ids) for ids in examples.ids])
    batches: list[NDArray[np.int64]] = []
    for start in range(0, len(order), batch_size * BATCHES_SORTED_TOGETHER):
        block = order[start : start + batch_size * BATCHES_SORTED_TOGETHER]
        block = block[np.argsort(n_tokens[block], kind="stable")]
        batches += [block[at : at + batch_size] for at in range(0, len(block), batch_size)]
    for index in random.permutation(len(batches)):
        length = bucket(n_tokens[batches[index]].max(), lengths_up_to(max_length))
        yield _batch(examples, batches[index], batch_size, length, pad_id)


def steps_per_epoch(n_examples: int, batch_size: int) -> int:
    """Return how many batches :func:`training_batches` yields."""
    return -(-n_examples // batch_size)


def ordered_batches(ids: Sequence[Sequence[int]], batch_size: int) -> Iterator[NDArray[np.int64]]:
    """Yield positions in batches of utterances of similar length, for predicting."""
    order = np.argsort([len(one) for one in ids], kind="stable")
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def _batch(examples: Examples, rows: NDArray[np.int64], batch_size: int, length: int, pad_id: int) -> Batch:
    filler = batch_size - len(rows)
    ids = [examples.ids[row] for row in rows] + [examples.ids[rows[0]]] * filler
    input_ids, attention_mask = pad(ids, length, pad_id)
    return Batch(
        input_ids,
        attention_mask,
        {task: np.pad(values[rows], ((0, filler), (0, 0))) for task, values in examples.targets.items()},
        {task: np.pad(values[rows], (0, filler)) for task, values in examples.masks.items()},
    )

