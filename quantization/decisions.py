"""From probabilities to labels: the rules of the engine's predictions, for many utterances at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from quantization.classification import Labels


def decide(task: Task, probabilities: NDArray[Any]) -> Labels:
    """Return the predicted labels ``[n, labels]``: the most probable one, or all from their thresholds for sigmoid.

    An utterance with a probability that is not finite gets no label.

    :param probabilities: ``[n, labels]``.
    :raises ValueError: if the shape does not fit the task.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] != len(task.labels):
        raise ValueError(f"probabilities of shape {probabilities.shape} for {len(task.labels)} labels")
    decided = np.isfinite(probabilities).all(axis=1)
    if task.is_multi_label:
        thresholds = np.asarray([task.threshold(index) for index in range(len(task.labels))])
        with np.errstate(invalid="ignore"):
            chosen = probabilities >= thresholds
    else:
        chosen = np.zeros(probabilities.shape, dtype=np.bool_)
        chosen[np.arange(len(probabilities)), np.argmax(probabilities, axis=1)] = True
    return np.asarray(chosen & decided[:, None], dtype=np.bool_)


def confidence(probabilities: NDArray[Any]) -> NDArray[Any]:
    """Return the highest probability of each utterance ``[n]``; NaN where one is not finite."""
    highest = probabilities.max(axis=1)
    return np.where(np.isfinite(probabilities).all(axis=1), highest, np.nan)
