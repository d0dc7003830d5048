"""Medians with quartiles, of times and of ratios utterance by utterance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of ``n`` values."""

    median: float
    lower: float
    upper: float
    n: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """Summarise at least one value."""
        array = np.fromiter(values, float)
        lower, median, upper = np.percentile(array, [25, 50, 75])
        return cls(float(median), float(lower), float(upper), len(array))


def paired_ratios(theirs: Mapping[int, float], ours: Mapping[int, float]) -> Spread:
    """Return how many times as long they took, over the utterances that both were timed on.

    :param theirs: utterance to seconds.
    """
    return Spread.of(seconds / ours[index] for index, seconds in theirs.items() if index in ours)
