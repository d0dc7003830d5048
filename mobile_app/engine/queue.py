"""Which utterances to label next."""

from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.prediction import Prediction, TaskPrediction


def next_to_label(predictions: Sequence[Prediction], *, limit: int = 20, spread: float = 1.0) -> list[int]:
    """Return which utterances to label, the most telling first.

    An utterance counts by how uncertain the prediction is, times how far its features are from everything that is in
    the queue before it: near-duplicates of what will be asked anyway wait.

    :param predictions: of the learner, one an utterance that waits for labels.
    :param limit: at most so many.
    :param spread: how much nearness counts; 0 is uncertainty alone.
    :return: indices into ``predictions``.
    """
    if not predictions:
        return []
    doubt = np.array([uncertainty(prediction) for prediction in predictions])
    directions = _directions(predictions)
    nearest = np.zeros(len(predictions))
    waiting, chosen = np.ones(len(predictions), bool), []
    for _ in range(min(limit, len(predictions))):
        worth = np.where(waiting, (doubt + 1e-9) * (1.0 - np.clip(nearest, 0.0, 1.0)) ** spread, -1.0)
        best = int(np.argmax(worth))
        chosen.append(best)
        waiting[best] = False
        nearest = np.maximum(nearest, directions @ directions[best])
    return chosen


def uncertainty(prediction: Prediction) -> float:
    """Return the highest entropy of its tasks, each as a share of the highest possible: 0 sure, 1 no idea."""
    return max((_entropy(task) for task in prediction.tasks.values()), default=0.0)


def _entropy(task: TaskPrediction) -> float:
    chances = list(task.probabilities.values())
    if isinstance(task.label, str):
        return -sum(_times_log(chance) for chance in chances) / log(len(chances)) if len(chances) > 1 else 0.0
    bits = [-_times_log(chance) - _times_log(1.0 - chance) for chance in chances]
    return max(bits, default=0.0) / log(2.0)


def _times_log(chance: float) -> float:
    return chance * log(chance) if chance > 0.0 else 0.0


def _directions(predictions: Sequence[Prediction]) -> NDArray[np.float64]:
    features = np.stack([prediction.encoding.features for prediction in predictions]).astype(np.float64)
    features -= features.mean(axis=0)  # sentence features share a large mean; what differs is the rest
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(norms, np.finfo(np.float64).tiny))
