"""From probabilities to labels, and the thresholds of sigmoid tasks."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.examples import Floats

CANDIDATES = tuple(round(0.05 * step, 2) for step in range(1, 20))


def tuned(task: Task, targets: Floats, mask: Floats, probabilities: Floats) -> Task:
    """Return the task with, for each label, the threshold of best F1; a softmax task as it is.

    :param targets: ``[n, n_labels]`` of the dev split.
    :param mask: ``[n]``, 1 where an utterance is labelled for the task.
    :param probabilities: ``[n, n_labels]``.
    """
    if not task.is_multi_label:
        return task
    labelled = mask > 0
    scores = np.stack([_f1(targets[labelled], probabilities[labelled] >= one) for one in CANDIDATES])
    # Among equally good thresholds the one nearest to a half: it says least about the dev split.
    nearness = -np.abs(np.array(CANDIDATES) - 0.5)[:, None] * 1e-6
    best = (scores + nearness).argmax(axis=0)
    return replace(task, thresholds=tuple(CANDIDATES[index] for index in best))


def decide(task: Task, probabilities: Floats) -> NDArray[np.bool_]:
    """Return which labels each utterance gets, ``[n, n_labels]``: one for softmax, any number for sigmoid."""
    if task.is_multi_label:
        return probabilities >= np.array([task.threshold(index) for index in range(len(task.labels))], np.float32)
    return np.arange(len(task.labels)) == probabilities.argmax(axis=1)[:, None]


def _f1(targets: Floats, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the F1 of each label; 0 where it neither occurs nor is chosen."""
    right = (targets * chosen).sum(axis=0, dtype=np.float64)
    return 2 * right / np.maximum(targets.sum(axis=0, dtype=np.float64) + chosen.sum(axis=0), 1)
