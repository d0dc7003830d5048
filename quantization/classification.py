"""F1, accuracy and agreement of label sets; one label an utterance and many are the same case here.

Gold and predicted labels are boolean ``[n, labels]``: exactly one True a row for a softmax task, any number for a
sigmoid task, none where a model gave no finite answer (which is wrong unless no label was right).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.bool_]


@dataclass(frozen=True)
class LabelScore:
    """Precision, recall and F1 of one label, and how many utterances carry it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Scores:
    """How well predictions match the gold labels.

    :param weighted_f1: F1 of the labels averaged by their support.
    :param macro_f1: F1 averaged over the labels that occur in gold or predictions.
    :param accuracy: share of utterances whose label set is exactly right.
    """

    weighted_f1: float
    macro_f1: float
    accuracy: float
    per_label: dict[str, LabelScore]


def f1(true_positives: NDArray[Any], predicted: NDArray[Any], support: NDArray[Any]) -> NDArray[np.float64]:
    """Return 2 tp / (predicted + support) element by element; 0 where nothing was predicted and nothing was there."""
    total = np.asarray(predicted + support, dtype=np.float64)
    return np.asarray(np.divide(2.0 * true_positives, total, out=np.zeros_like(total), where=total > 0))


def weighted_f1(true_positives: NDArray[Any], predicted: NDArray[Any], support: NDArray[Any]) -> NDArray[np.float64]:
    """Return F1 averaged by support over the last axis (labels); 0 where no utterance carries a label."""
    each = f1(true_positives, predicted, support)
    total = np.asarray(support.sum(axis=-1), dtype=np.float64)
    weighted = (each * support).sum(axis=-1)
    return np.asarray(np.divide(weighted, total, out=np.zeros_like(total), where=total > 0), dtype=np.float64)


def scores(gold: Labels, predicted: Labels, labels: tuple[str, ...]) -> Scores:
    """Score predictions of shape ``[n, labels]``.

    :raises ValueError: if there are no utterances, or shapes differ.
    """
    require_pairs(gold, predicted)
    if gold.shape[1] != len(labels):
        raise ValueError(f"{gold.shape[1]} columns for {len(labels)} labels")
    hits, guessed, support = (gold & predicted).sum(axis=0), predicted.sum(axis=0), gold.sum(axis=0)
    each = f1(hits, guessed, support)
    occurs = (guessed + support) > 0
    precision = np.divide(hits, guessed, out=np.zeros(len(labels)), where=guessed > 0)
    recall = np.divide(hits, support, out=np.zeros(len(labels)), where=support > 0)
    return Scores(
        weighted_f1=float(weighted_f1(hits, guessed, support)),
        macro_f1=float(each[occurs].mean()) if occurs.any() else 0.0,
        accuracy=agreement(gold, predicted),
        per_label={
            label: LabelScore(float(precision[i]), float(recall[i]), float(each[i]), int(support[i]))
            for i, label in enumerate(labels)
        },
    )


def agreement(one: Labels, other: Labels) -> float:
    """Return the share of utterances with exactly equal label sets.

    :raises ValueError: if there are no utterances, or shapes differ.
    """
    require_pairs(one, other)
    return float((one == other).all(axis=1).mean())


def require_pairs(*arrays: NDArray[Any]) -> None:
    """Check that all arrays are ``[n, labels]`` of one shape with at least one row.

    :raises ValueError: if they are not.
    """
    shapes = [array.shape for array in arrays]
    if len(shapes[0]) != 2 or any(shape != shapes[0] for shape in shapes):
        raise ValueError(f"label sets of different shapes {shapes}, expected [n, labels] for all")
    if not shapes[0][0]:
        raise ValueError("no utterances to compare")
