"""From logits to probabilities, and how wrong they are."""

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import SOFTMAX

Array = NDArray[np.float64]


def activate(logits: Array, activation: str) -> Array:
    """Return probabilities ``[n, n_labels]`` that overflow for no logits."""
    if logits.shape[1] == 0:
        return logits.copy()
    if activation == SOFTMAX:
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0.0, 1.0, small) / (1.0 + small))


def cross_entropy(logits: Array, targets: Array, activation: str) -> float:
    """Return the mean over utterances of the cross-entropy; for sigmoid, summed over the labels."""
    if activation == SOFTMAX:
        highest = logits.max(axis=1, keepdims=True)
        normalisers = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
        return float(np.mean(normalisers - (targets * logits).sum(axis=1)))
    losses = np.maximum(logits, 0.0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return float(np.mean(losses.sum(axis=1)))
