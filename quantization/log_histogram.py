"""Count values on logarithmic bins as they stream by: memory stays flat however many utterances are compared."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS_PER_DECADE = 50
LOWEST_EXPONENT, HIGHEST_EXPONENT = -20, 10
DRAWN_PER_DECADE = 5
LOWEST = 10.0**LOWEST_EXPONENT
# A percentile lies in the right bin, so it is off by less than the width of a bin.
RELATIVE_RESOLUTION = 10 ** (1 / BINS_PER_DECADE) - 1

_N_BINS = (HIGHEST_EXPONENT - LOWEST_EXPONENT) * BINS_PER_DECADE


@dataclass(frozen=True)
class Bins:
    """A histogram to draw: ``counts[i]`` values lie in ``[edges[i], edges[i + 1])``; the first bin begins at 0."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class LogHistogram:
    """Non-negative finite values on bins of equal width in log10, with the exact sum and maximum beside them.

    Values below LOWEST count as 0 in percentiles and bins, values above 1e10 in the highest bin.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_N_BINS, dtype=np.int64)
        self._zeros = 0
        self._sum = 0.0
        self._max = 0.0

    def add(self, values: NDArray[np.float64]) -> None:
        """Count values of any shape.

        :raises ValueError: if one is negative or not finite: count those apart, never here.
        """
        values = np.asarray(values, dtype=np.float64).ravel()
        if values.size == 0:
            return
        if not np.isfinite(values).all() or values.min() < 0:
            raise ValueError("a histogram on logarithmic bins counts finite values that are not negative")
        positive = values[values >= LOWEST]
        places = np.floor((np.log10(positive) - LOWEST_EXPONENT) * BINS_PER_DECADE).astype(np.int64)
        self._counts += np.bincount(np.clip(places, 0, _N_BINS - 1), minlength=_N_BINS)
        self._zeros += values.size - positive.size
        self._sum += float(values.sum())
        self._max = max(self._max, float(values.max()))

    def merge(self, other: "LogHistogram") -> None:
        """Count what another histogram has counted."""
        self._counts += other._counts
        self._zeros += other._zeros
        self._sum += other._sum
        self._max = max(self._max, other._max)

    def to_arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what was counted as plain arrays; only bins in use are kept."""
        used = np.flatnonzero(self._counts)
        return {
            "bins": np.stack([used, self._counts[used]]).astype(np.float64),
            "sums": np.asarray([self._zeros, self._sum, self._max]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float64]]) -> "LogHistogram":
        """Return what :meth:`to_arrays` kept."""
        histogram = cls()
        places, counts = arrays["bins"].astype(np.int64)
        histogram._counts[places] = counts
        histogram._zeros, histogram._sum, histogram._max = int(arrays["sums"][0]), *map(float, arrays["sums"][1:])
        return histogram

    @property
    def count(self) -> int:
        """The number of values."""
        return self._zeros + int(self._counts.sum())

    @property
    def mean(self) -> float:
        """The exact mean.

        :raises ValueError: if nothing was counted.
        """
        self._require_values()
        return self._sum / self.count

    @property
    def max(self) -> float:
        """The exact maximum.

        :raises ValueError: if nothing was counted.
        """
        self._require_values()
        return self._max

    def percentile(self, percent: float) -> float:
        """Return the value below which ``percent`` per cent of the values lie, to within RELATIVE_RESOLUTION.

        :raises ValueError: if nothing was counted.
        """
        self._require_values()
        rank = percent / 100 * self.count
        if rank <= self._zeros:
            return 0.0
        reached = self._zeros + np.cumsum(self._counts)
        place = int(np.searchsorted(reached, rank))
        share = (rank - (reached[place] - self._counts[place])) / self._counts[place]
        value = float(10 ** (LOWEST_EXPONENT + (place + share) / BINS_PER_DECADE))
        return min(value, self._max)

    def bins(self) -> Bins:
        """Return five bins a decade from the lowest to the highest value, after one bin ``[0, lowest edge)``."""
        step = BINS_PER_DECADE // DRAWN_PER_DECADE
        coarse = self._counts.reshape(-1, step).sum(axis=1)
        used = np.flatnonzero(coarse)
        if not used.size:
            return Bins((0.0, 10.0**LOWEST_EXPONENT), (self._zeros,))
        first, last = int(used[0]), int(used[-1])
        edges = [10 ** (LOWEST_EXPONENT + place / DRAWN_PER_DECADE) for place in range(first, last + 2)]
        return Bins((0.0, *edges), (self._zeros, *(int(count) for count in coarse[first : last + 1])))

    def _require_values(self) -> None:
        if not self.count:
            raise ValueError("an empty histogram has no statistics")
