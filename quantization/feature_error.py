"""How far a recipe's features are from the reference's: squared error per feature and utterance, and cosine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantization.log_histogram import LOWEST, Bins, LogHistogram

# A feature whose variance falls below this share of the reference's says nothing any more.
DEAD = 1e-4


@dataclass(frozen=True)
class SquaredError:
    """Statistics of e = (h_reference - h_recipe)^2 per feature and utterance (Pandelea et al. 2021, eq. 6)."""

    mean: float
    p50: float
    p95: float
    p99: float
    max: float
    histogram: Bins

    @classmethod
    def of(cls, histogram: LogHistogram) -> "SquaredError":
        """Summarise what was counted.

        :raises ValueError: if nothing was.
        """
        p50, p95, p99 = (histogram.percentile(percent) for percent in (50, 95, 99))
        return cls(histogram.mean, p50, p95, p99, histogram.max, histogram.bins())


@dataclass(frozen=True)
class Cosine:
    """Cosine similarity between the two feature vectors of an utterance."""

    mean: float
    min: float


class FeatureError:
    """Sums over utterances as they stream by. Values that are not finite are counted apart and enter nothing else.

    :param dimension: width of the features.
    """

    def __init__(self, dimension: int) -> None:
        self.overall = LogHistogram()
        self.by_length: dict[int, LogHistogram] = {}
        self._feature_sums = np.zeros(dimension)
        self._feature_counts = np.zeros(dimension, dtype=np.int64)
        # Sum and sum of squares of each feature, of the reference and of the recipe: what became constant, died.
        self._moments = np.zeros((4, dimension))
        self._cosine_sum, self._cosine_min, self._cosine_count = 0.0, 1.0, 0

    def add(self, reference: NDArray[Any], target: NDArray[Any], length: int) -> None:
        """Compare the features of one utterance.

        :param reference: ``[d]`` of the reference model, ``target`` as it.
        :param length: the length bucket that both ran at.
        :raises ValueError: if a shape is not ``[d]``.
        """
        if reference.shape != self._feature_sums.shape or target.shape != reference.shape:
            raise ValueError(
                f"features of shapes {reference.shape} and {target.shape}, expected {self._feature_sums.shape}"
            )
        one, other = reference.astype(np.float64), target.astype(np.float64)
        finite = np.isfinite(one) & np.isfinite(other)
        error = np.zeros_like(one)
        error[finite] = np.square(one[finite] - other[finite])
        self.overall.add(error[finite])
        self.by_length.setdefault(length, LogHistogram()).add(error[finite])
        self._feature_sums += error
        self._feature_counts += finite
        values = np.where(finite, one, 0.0), np.where(finite, other, 0.0)
        self._moments += np.stack([values[0], values[0] ** 2, values[1], values[1] ** 2])
        if finite.all():
            self._add_cosine(one, other)

    def merge(self, other: "FeatureError") -> None:
        """Add what another one has summed."""
        self.overall.merge(other.overall)
        for length, histogram in other.by_length.items():
            self.by_length.setdefault(length, LogHistogram()).merge(histogram)
        self._feature_sums += other._feature_sums
        self._feature_counts += other._feature_counts
        self._moments += other._moments
        self._cosine_sum += other._cosine_sum
        self._cosine_min = min(self._cosine_min, other._cosine_min)
        self._cosine_count += other._cosine_count

    def squared_error(self) -> SquaredError | None:
        """Return the statistics over all utterances; None if no value was finite."""
        return SquaredError.of(self.overall) if self.overall.count else None

    def squared_error_by_length(self) -> dict[int, SquaredError]:
        """Return the statistics per length bucket."""
        return {
            length: SquaredError.of(histogram)
            for length, histogram in sorted(self.by_length.items())
            if histogram.count
        }

    def mean_by_feature(self) -> list[float]:
        """Return the mean squared error of each feature with a finite value, in order; empty if one has none."""
        if not self._feature_counts.all():
            return []
        return [float(value) for value in self._feature_sums / self._feature_counts]

    def dead_features(self) -> list[int]:
        """Return the features that vary in the reference and are (all but) constant in the recipe."""
        counts = np.maximum(self._feature_counts, 1)
        means, squares = self._moments[::2] / counts, self._moments[1::2] / counts
        before, after = np.maximum(squares - means**2, 0.0)
        return np.flatnonzero((after < DEAD * before) & (before > LOWEST) & (self._feature_counts > 1)).tolist()

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that was summed as plain arrays, named ``histogram.part``."""
        arrays = {
            "features": np.stack([self._feature_sums, self._feature_counts, *self._moments]),
            "cosine": np.asarray([self._cosine_sum, self._cosine_min, self._cosine_count]),
        }
        for name, histogram in (("overall", self.overall), *((str(key), one) for key, one in self.by_length.items())):
            arrays |= {f"{name}.{part}": array for part, array in histogram.to_arrays().items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "FeatureError":
        """Return what :meth:`to_arrays` kept."""
        sums, counts, *moments = arrays["features"]
        error = cls(len(sums))
        error._feature_sums, error._feature_counts, error._moments = sums, counts.astype(np.int64), np.stack(moments)
        total, lowest, count = arrays["cosine"].tolist()
        error._cosine_sum, error._cosine_min, error._cosine_count = total, lowest, int(count)
        for name in {key.partition(".")[0] for key in arrays if key.endswith(".bins")}:
            found = LogHistogram.from_arrays({part: arrays[f"{name}.{part}"] for part in ("bins", "sums")})
            if name == "overall":
                error.overall = found
            else:
                error.by_length[int(name)] = found
        return error

    def cosine(self) -> Cosine | None:
        """Return mean and minimum over the utterances with finite features that are not all 0; None if none is."""
        if not self._cosine_count:
            return None
        return Cosine(self._cosine_sum / self._cosine_count, self._cosine_min)

    def _add_cosine(self, one: NDArray[np.float64], other: NDArray[np.float64]) -> None:
        norms = float(np.linalg.norm(one) * np.linalg.norm(other))
        if norms > 0:
            cosine = float(np.clip(one @ other / norms, -1.0, 1.0))
            self._cosine_sum += cosine
            self._cosine_min = min(self._cosine_min, cosine)
            self._cosine_count += 1
