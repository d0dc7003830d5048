"""Whether a model is right as often as it says: confidence against accuracy."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True)
class CalibrationBin:
    """Utterances of similar confidence: their mean confidence, the share that is right, and their number."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True)
class Calibration:
    """Expected calibration error (Guo et al. 2017, eq. 3) on ten bins of equal width, and those in use."""

    expected_error: float
    bins: tuple[CalibrationBin, ...]


def calibration(confidence: NDArray[Any], right: NDArray[np.bool_]) -> Calibration:
    """Compare the probability of the chosen label with how often it is right.

    :param confidence: ``[n]`` in 0 to 1.
    :param right: ``[n]``, whether the chosen label was right.
    :raises ValueError: if there are no utterances, shapes differ or a confidence is not finite.
    """
    if confidence.ndim != 1 or confidence.shape != right.shape or not confidence.size:
        raise ValueError(f"confidences of shape {confidence.shape} for {right.shape} utterances, expected [n] for both")
    if not np.isfinite(confidence).all():
        raise ValueError("a confidence that is not finite cannot be calibrated: leave it out and count it")
    places = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    bins = tuple(
        CalibrationBin(float(confidence[chosen].mean()), float(right[chosen].mean()), int(chosen.sum()))
        for place in range(BINS)
        if (chosen := places == place).any()
    )
    gap = sum(abs(one.confidence - one.accuracy) * one.n for one in bins)
    return Calibration(gap / confidence.size, bins)
