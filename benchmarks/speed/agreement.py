"""Whether two contestants ran the same model: their answers side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """How far answers are from those of another contestant.

    :param max_difference: the largest of a probability or a feature.
    :param same_labels: share of utterances with the same labels of every task that both have.
    """

    max_difference: float
    same_labels: float
    n: int


def agreement(
    theirs: Sequence[Mapping[str, Any]], ours: Sequence[Mapping[str, Any]], tokens: Sequence[int], longest: int
) -> Agreement:
    """Compare answers to the same utterances.

    :param tokens: of each utterance; those beyond ``longest`` are left out, since they are cut at different places.
    """
    pairs = [(one, other) for one, other, n in zip(theirs, ours, tokens, strict=True) if n <= longest]
    differences = [0.0]
    for one, other in pairs:
        differences += [_largest(row, other["probabilities"][name]) for name, row in one["probabilities"].items()]
        if one["features"] is not None:
            differences.append(_largest(one["features"], other["features"]))
    same = [all(label == other["labels"][name] for name, label in one["labels"].items()) for one, other in pairs]
    return Agreement(max(differences), sum(same) / max(len(same), 1), len(pairs))


def _largest(one: Sequence[float], other: Sequence[float]) -> float:
    return float(np.abs(np.subtract(one, other)).max())
