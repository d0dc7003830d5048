"""Features with labels: one split of a task, or a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.separators import Label
from mobile_app.engine.task import Task
from training.utterance import Utterance

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Labelled:
    """Utterances that are labelled for a task, as arrays.

    :param x: features ``[n, d]``.
    :param targets: ``[n, n_labels]``, one-hot or multi-hot.
    :param labels: what a separator learns, one an utterance.
    :param speakers: who said them.
    """

    x: Floats
    targets: Floats
    labels: tuple[Label, ...]
    speakers: tuple[str | None, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(cls, task: Task, utterances: Sequence[Utterance], x: Floats) -> "Labelled":
        """Take the utterances that carry the task's label.

        :param x: features of all of them.
        """
        rows = [row for row, one in enumerate(utterances) if task.name in one.labels]
        sets = [utterances[row].labels[task.name] for row in rows]
        targets = np.array([[label in carried for label in task.labels] for carried in sets], np.float32)
        labels = tuple(carried if task.is_multi_label else carried[0] for carried in sets)
        return cls(
            x[rows], targets.reshape(-1, len(task.labels)), labels, tuple(utterances[row].speaker for row in rows)
        )

    def take(self, rows: NDArray[np.int64]) -> "Labelled":
        """Return some rows."""
        return Labelled(
            self.x[rows],
            self.targets[rows],
            tuple(self.labels[row] for row in rows),
            tuple(self.speakers[row] for row in rows),
        )

    def by(self, speaker: str) -> "Labelled":
        """Return what one speaker said."""
        return self.take(np.flatnonzero([one == speaker for one in self.speakers]))


@dataclass(frozen=True)
class Splits:
    """Train, dev and test of a task.

    :param task: softmax or sigmoid.
    """

    task: Task
    train: Labelled
    dev: Labelled
    test: Labelled

    @property
    def n_features(self) -> int:
        """The width of the features."""
        return int(self.train.x.shape[1])

    def by(self, speaker: str) -> "Splits":
        """Return what one speaker said."""
        return Splits(self.task, self.train.by(speaker), self.dev.by(speaker), self.test.by(speaker))
