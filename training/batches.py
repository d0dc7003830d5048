"""Batches of utterances of similar length, so that short ones are not padded to the longest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.batch import pad
from training.examples import Examples

BATCHES_SORTED_TOGETHER = 50
_MULTIPLE = 4


@dataclass(frozen=True)
class Batch:
    """The arrays of one training step.

    :param rows: the place of each utterance in the train split.
    """

    input_ids: NDArray[np.int32]
    attention_mask: NDArray[np.int32]
    targets: dict[str, NDArray[np.float32]]
    masks: dict[str, NDArray[np.float32]]
    rows: NDArray[np.int64]


def training_batches(
    examples: Examples,
    *,
    batch_size: int,
    pad_id: int,
    seed: int,
    epoch: int,
    rows: NDArray[np.int64] | None = None,
) -> Iterator[Batch]:
    """Yield every example once, or each as often as it is among ``rows``, in an order of seed and epoch alone.

    Examples are shuffled, sorted by length within blocks of 50 batches, cut into batches, and the batches shuffled.
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(examples)) if rows is None else random.permutation(rows)
    n_tokens = np.array([len(ids) for ids in examples.ids])
    batches: list[NDArray[np.int64]] = []
    for start in range(0, len(order), batch_size * BATCHES_SORTED_TOGETHER):
        block = order[start : start + batch_size * BATCHES_SORTED_TOGETHER]
        block = block[np.argsort(n_tokens[block], kind="stable")]
        batches += [block[at : at + batch_size] for at in range(0, len(block), batch_size)]
    for index in random.permutation(len(batches)):
        batch = batches[index]
        yield Batch(
            *padded([examples.ids[row] for row in batch], pad_id),
            {task: values[batch] for task, values in examples.targets.items()},
            {task: values[batch] for task, values in examples.masks.items()},
            batch,
        )


def steps_per_epoch(n_examples: int, batch_size: int) -> int:
    """Return how many batches :func:`training_batches` yields."""
    return -(-n_examples // batch_size)


def ordered_batches(ids: Sequence[Sequence[int]], batch_size: int) -> Iterator[NDArray[np.int64]]:
    """Yield positions in batches of utterances of similar length, for predicting."""
    order = np.argsort([len(one) for one in ids], kind="stable")
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def padded(batch: Sequence[Sequence[int]], pad_id: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return ``input_ids`` and ``attention_mask``, as long as the longest needs, rounded up to a multiple of 4."""
    longest = max(map(len, batch))
    return pad(batch, -(-longest // _MULTIPLE) * _MULTIPLE, pad_id)
