"""Batches of sequences: vectors gathered from a split, with the labels of the utterances that are asked about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.context.config import ContextConfig
from training.context.sequences import NOBODY, Floats, Rows, Sequences, whole_dialogues, windows
from training.examples import targets_of
from training.utterance import Utterance


@dataclass(frozen=True)
class ContextExamples:
    """The utterances of a split as sequences.

    :param vectors: ``[n, d]``, of every utterance.
    :param targets: per task ``[n, n_labels]``.
    :param masks: per task ``[n]``, 1 where the utterance is labelled for the task.
    :param causal: whether a sequence asks about its last utterance alone, or about all.
    """

    sequences: Sequences
    vectors: Floats
    targets: dict[str, Floats]
    masks: dict[str, Floats]
    causal: bool

    def __len__(self) -> int:
        return len(self.sequences)

    @classmethod
    def of(
        cls, utterances: Sequence[Utterance], vectors: Floats, tasks: Sequence[Task], config: ContextConfig
    ) -> "ContextExamples":
        """Lay out the utterances of a split as the configuration asks for."""
        if config.causal:
            sequences = windows(utterances, config.window)
        else:
            sequences = whole_dialogues(utterances, 1 if config.window == 1 else None)
        return cls(
            sequences,
            vectors,
            {task.name: targets_of(utterances, task) for task in tasks},
            {task.name: np.array([task.name in one.labels for one in utterances], np.float32) for task in tasks},
            config.causal,
        )


@dataclass(frozen=True)
class ContextBatch:
    """The arrays of one step.

    :param inputs: what the model takes.
    :param asked: the place in the split of each answer, ``NOBODY`` where it answers nothing.
    :param targets: per task ``[len(asked), n_labels]``.
    :param masks: per task ``[len(asked)]``.
    """

    inputs: dict[str, Floats]
    asked: NDArray[np.int64]
    targets: dict[str, Floats]
    masks: dict[str, Floats]


def batches(examples: ContextExamples, order: Rows, batch_size: int) -> Iterator[ContextBatch]:
    """Yield the sequences in this order, whole dialogues no longer than the longest of their batch."""
    for start in range(0, len(order), batch_size):
        yield _batch(examples, order[start : start + batch_size])


def _batch(examples: ContextExamples, chosen: Rows) -> ContextBatch:
    rows, same = examples.sequences.rows[chosen], examples.sequences.same_speaker[chosen]
    if not examples.causal:
        longest = int((rows != NOBODY).sum(axis=1).max())
        rows, same = rows[:, :longest], same[:, :longest]
    mask = (rows != NOBODY).astype(np.float32)
    asked = rows[:, -1] if examples.causal else rows.reshape(-1)
    there = asked != NOBODY
    return ContextBatch(
        {"vectors": examples.vectors[rows] * mask[:, :, None], "mask": mask, "same_speaker": same},
        asked,
        {name: values[asked] * there[:, None] for name, values in examples.targets.items()},
        {name: values[asked] * there for name, values in examples.masks.items()},
    )
