"""The nearest class mean, as running means."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.activations import activate
from mobile_app.engine.separators.growing import Array, GrowingSeparator, SavedArrays
from mobile_app.engine.task import SIGMOID, SOFTMAX

# A logit that no distance outweighs, for labels without any utterance yet; finite, so that nothing becomes NaN.
_NEVER = -1e300


class PrototypeSeparator(GrowingSeparator):
    """Compares an utterance with the mean of every label.

    The logit of a label is minus the squared Euclidean distance to its prototype, over a temperature (Snell et al.
    2017, eq. 2). For sigmoid tasks every label has a second prototype, of the utterances that do not carry it, and
    the logit is the difference of the two distances.

    :param normalize: bring features to length 1 first, so that one temperature fits every backbone.
    :param temperature: the smaller, the surer.
    """

    kind = "prototypes"

    def __init__(
        self,
        labels: Sequence[str],
        n_features: int,
        *,
        activation: str = SOFTMAX,
        normalize: bool = True,
        temperature: float = 0.1,
    ) -> None:
        super().__init__(labels, n_features, activation=activation)
        if not temperature > 0.0:
            raise SeparatorError("a temperature above 0", repr(temperature), "try 0.1")
        self.normalize, self.temperature = bool(normalize), float(temperature)
        sides = 2 if activation == SIGMOID else 1  # utterances with the label; for sigmoid also those without
        self._means = np.zeros((sides, len(labels), n_features))
        self._counts = np.zeros((sides, len(labels)))

    @classmethod
    def from_means(
        cls,
        labels: Sequence[str],
        means: ArrayLike,
        counts: ArrayLike,
        *,
        absent_means: ArrayLike | None = None,
        absent_counts: ArrayLike | None = None,
        activation: str = SOFTMAX,
        **settings: Any,
    ) -> "PrototypeSeparator":
        """Start from prototypes that were computed elsewhere.

        :param means: ``[n_labels, d]``, of features of length 1 unless ``normalize=False`` is among the settings.
        :param counts: ``[n_labels]``, how many utterances each mean stands for.
        :param absent_means: for sigmoid, the means of the utterances without each label.
        :param absent_counts: for sigmoid, their counts.
        :param settings: as for the constructor.
        """
        sides = [(means, counts)]
        if activation == SIGMOID:
            if absent_means is None or absent_counts is None:
                raise SeparatorError(
                    "means and counts of the utterances without each label",
                    "none, for a sigmoid task",
                    "give absent_means and absent_counts, or call learn_many",
                )
            sides.append((absent_means, absent_counts))
        separator = cls(labels, np.asarray(means).shape[-1], activation=activation, **settings)
        arrays = separator.to_arrays() | {
            "means": np.stack([np.asarray(side[0], dtype=np.float64) for side in sides]),
            "counts": np.stack([np.asarray(side[1], dtype=np.float64) for side in sides]),
        }
        return cls.from_arrays(arrays)

    def limit_prior(self, count: float) -> None:
        """Let everything learned so far weigh at most as much as ``count`` utterances, shared out as they came."""
        # Every utterance counts once over all labels; for sigmoid once for each of them.
        seen = float(self._counts.sum(axis=0).max() if self.activation == SIGMOID else self._counts.sum())
        if seen > count:
            self._counts = self._counts * (count / seen)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays."""
        return self._common_arrays() | {
            "means": self._means.copy(),
            "counts": self._counts.copy(),
            "settings": np.array([self.normalize, self.temperature], dtype=np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "PrototypeSeparator":
        """Build a separator from what :meth:`to_arrays` returned."""
        saved = SavedArrays(cls.kind, arrays)
        normalize, temperature = saved.take("settings", (2,))
        sides = 2 if saved.activation == SIGMOID else 1
        means = saved.take("means", (sides, len(saved.labels), None)).astype(np.float64)
        separator = cls(
            saved.labels,
            means.shape[2],
            activation=saved.activation,
            normalize=bool(normalize),
            temperature=temperature,
        )
        separator._means = means
        separator._counts = saved.take("counts", (sides, len(saved.labels))).astype(np.float64)
        separator.n_seen = saved.n_seen
        return separator

    def _learn(self, x: Array, targets: Array) -> None:
        points = self._points(x)
        sides = np.stack([targets, 1.0 - targets])[: len(self._means)]
        added = sides.sum(axis=1)
        sums = np.swapaxes(sides, 1, 2) @ points
        counts = self._counts + added
        # mean += (sum - added * mean) / count: the running mean, exact for any number at once
        change = sums - added[:, :, None] * self._means
        self._means = self._means + change / np.maximum(counts, np.finfo(np.float64).tiny)[:, :, None]
        self._counts = counts

    def _probabilities(self, x: Array) -> Array:
        points = self._points(x)
        # |x|^2 is the same for every prototype and cancels.
        closeness = 2.0 * (points @ np.swapaxes(self._means, 1, 2)) - (self._means**2).sum(axis=2)[:, None, :]
        logits = closeness[0] - closeness[1] if self.activation == SIGMOID else closeness[0]
        with np.errstate(over="ignore"):
            logits = np.clip(logits / self.temperature, -1e200, 1e200)
        if self.activation == SIGMOID:
            logits = np.where(self._counts[1] > 0.0, logits, -_NEVER)
        return activate(np.where(self._counts[0] > 0.0, logits, _NEVER), self.activation)

    def _points(self, x: Array) -> Array:
        if not self.normalize:
            return x
        norms = np.linalg.norm(x, axis=1, keepdims=True)
        return np.asarray(x / np.maximum(norms, np.finfo(np.float64).tiny))

    def _grow(self, n_labels: int) -> None:
        rows = n_labels - self._means.shape[1]
        sides = len(self._means)
        means = np.zeros((sides, rows, self.n_features))
        counts = np.zeros((sides, rows))
        if sides == 2 and self._means.shape[1]:
            # Nobody carried a new label so far: what is far from all of it is what was seen, whatever it was called.
            weights = self._counts.sum(axis=0) @ np.ones(self._means.shape[1]) or 1.0
            seen = np.einsum("sk,skd->d", self._counts, self._means) / weights
            means[1], counts[1] = seen, self._counts.sum(axis=0).max()
        self._means = np.concatenate([self._means, means], axis=1)
        self._counts = np.concatenate([self._counts, counts], axis=1)
