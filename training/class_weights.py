"""Weights of labels against their imbalance: from their counts, and adjusted by how often each is missed."""

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.examples import Examples

Weights = NDArray[np.float32]

NONE, STATIC, ADAPTIVE = "none", "static", "adaptive"
CLASS_WEIGHTS = (NONE, STATIC, ADAPTIVE)


def counts_of(task: Task, examples: Examples) -> Weights:
    """Return how many utterances carry each label; for a sigmoid task also how many labelled ones do not.

    :return: ``[1, n_labels]`` or ``[2, n_labels]``.
    """
    mask = examples.masks[task.name]
    present = (examples.targets[task.name] * mask[:, None]).sum(axis=0, dtype=np.float64)
    sides = [present, mask.sum(dtype=np.float64) - present] if task.is_multi_label else [present]
    return np.stack(sides).astype(np.float32)


def balanced(counts: Weights) -> Weights:
    """Return ``N / (n_c |C|)``: every class weighs the same in sum, and an utterance 1 in the mean.

    The classes of a softmax task are its labels; those of a sigmoid task, label by label, presence and absence. A class
    without utterances has weight 0.

    :param counts: ``[1, n_labels]`` or ``[2, n_labels]``.
    """
    axis = 0 if len(counts) == 2 else 1
    total = counts.sum(axis=axis, keepdims=True)
    classes = (counts > 0).sum(axis=axis, keepdims=True)
    return np.where(counts > 0, total / (np.maximum(counts, 1.0) * classes), 0.0).astype(np.float32)


def adjusted(counts: Weights, wrong: Weights, seen: Weights) -> Weights:
    """Return the balanced weights times ``1 + r_c``, for ``r_c`` the share of a class that was not recognised.

    They are scaled so that an utterance still weighs 1 in the mean; of a class that was not seen ``r_c`` is the mean.

    :param wrong: how many utterances of each class were not recognised, like ``counts``.
    :param seen: out of how many.
    """
    rates = np.where(seen > 0, wrong / np.maximum(seen, 1.0), np.nan)
    mean = np.nanmean(rates) if np.isfinite(rates).any() else 0.0
    weights = balanced(counts) * (1.0 + np.where(np.isnan(rates), mean, rates))
    axis = 0 if len(counts) == 2 else 1
    scale = counts.sum(axis=axis, keepdims=True) / np.maximum((counts * weights).sum(axis=axis, keepdims=True), 1e-9)
    return (weights * scale).astype(np.float32)
