"""Utterances as arrays: token ids, targets and masks, made once before training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from mobile_app.engine.tokenizer import Tokenizer
from mobile_app.engine.wordpiece import truncate
from training.utterance import Utterance

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Examples:
    """Labelled utterances as arrays.

    :param ids: token ids of each utterance, truncated.
    :param targets: per task ``[n, n_labels]``, one-hot or multi-hot; zeros where unlabelled.
    :param masks: per task ``[n]``, 1 where the utterance is labelled for the task.
    """

    ids: tuple[tuple[int, ...], ...]
    targets: dict[str, Floats]
    masks: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(
        cls, utterances: Sequence[Utterance], tasks: Sequence[Task], tokenizer: Tokenizer, max_length: int
    ) -> "Examples":
        """Tokenize utterances and lay out their labels."""
        return cls(
            ids=tokenize([utterance.text for utterance in utterances], tokenizer, max_length),
            targets={task.name: targets_of(utterances, task) for task in tasks},
            masks={
                task.name: np.array([task.name in utterance.labels for utterance in utterances], np.float32)
                for task in tasks
            },
        )


def tokenize(texts: Sequence[str], tokenizer: Tokenizer, max_length: int) -> tuple[tuple[int, ...], ...]:
    """Return the token ids of each text, at most ``max_length``, the special ones included."""
    return tuple(tuple(truncate(tokenizer.encode(text), max_length, tokenizer.sep_id)) for text in texts)


def targets_of(utterances: Sequence[Utterance], task: Task) -> Floats:
    """Return ``[n, n_labels]``, one-hot or multi-hot; zeros where an utterance is not labelled for the task."""
    places = {label: index for index, label in enumerate(task.labels)}
    targets = np.zeros((len(utterances), len(task.labels)), np.float32)
    for row, utterance in enumerate(utterances):
        for label in utterance.labels.get(task.name, ()):
            targets[row, places[label]] = 1.0
    return targets
