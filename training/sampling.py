"""Which utterances of the train split an epoch learns from, and how often: oversampling of rare labels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.examples import Examples, Floats

Rows = NDArray[np.int64]


class Oversampling:
    """Repeats utterances with rare labels of the first task, as many rows in every epoch.

    For a softmax task, utterances of each label are drawn again until all labels are as frequent as the most frequent
    one. For a sigmoid task, where one utterance carries frequent and rare labels at once, it is repeated
    ``sqrt(t / f)`` times, rounded, for ``f`` the frequency of its rarest label and ``t`` the mean frequency of labels
    (repeat factor sampling, Gupta, Dollar and Girshick 2019, section 4.1).

    :param examples: the train split.
    :param seed: of what is drawn.
    """

    def __init__(self, tasks: Sequence[Task], examples: Examples, *, seed: int) -> None:
        self._task, self._seed = tasks[0], seed
        self._targets = examples.targets[self._task.name] * examples.masks[self._task.name][:, None]
        self.n_rows = len(self.rows(1))

    def rows(self, epoch: int) -> Rows:
        """Return rows of the train split, each at least once, in their order; repeated ones come last."""
        everything = np.arange(len(self._targets))
        if self._task.is_multi_label:
            return np.concatenate([everything, np.repeat(everything, _repeats(self._targets) - 1)])
        random = np.random.default_rng([self._seed, epoch, 1])
        counts = self._targets.sum(axis=0).astype(np.int64)
        drawn = [
            _drawn(np.flatnonzero(self._targets[:, label]), int(counts.max() - counts[label]), random)
            for label in range(len(counts))
            if counts[label]
        ]
        return np.concatenate([everything, *drawn])


def _drawn(rows: Rows, n: int, random: np.random.Generator) -> Rows:
    """Return ``n`` of the rows, none more often than another by more than one."""
    rounds = [random.permutation(rows) for _ in range(-(-n // len(rows)))]
    return np.concatenate([*rounds, rows[:0]])[:n]


def _repeats(targets: Floats) -> Rows:
    """Return how often each utterance is learned, at least 1."""
    frequency = targets.mean(axis=0, dtype=np.float64)
    factors = np.sqrt(frequency.mean() / np.maximum(frequency, 1 / max(1, len(targets))))
    return np.maximum(1, np.rint((targets * factors).max(axis=1))).astype(np.int64)
