"""The base and what a person taught it, weighed by how well each has predicted so far."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.activations import activate, cross_entropy
from mobile_app.engine.separators.growing import Array, GrowingSeparator, SavedArrays
from mobile_app.engine.separators.softmax import SoftmaxSeparator, with_ones
from mobile_app.engine.task import SOFTMAX

# One that hardly moves for people whom the base fits, and two for those whom it does not: the best of several sets in
# test-then-train over six speakers, as they are and with two labels swapped (docs/learning.md).
RATES = (0.05, 0.2, 0.5)
SHARE = 1e-4


class EnsembleSeparator(GrowingSeparator):
    """Linear experts that start from the base and learn at different rates.

    Before an expert learns a label its cross-entropy on it lowers its weight (Bayes' rule). After that every expert
    hands on a small share of its weight to all (fixed share, Herbster and Warmuth 1998), so that one which was wrong
    for long can come back. Probabilities are the weighted mean of those of the experts.

    :param rates: learning rate of each expert, as for :class:`SoftmaxSeparator`; 0 is the base kept as it was.
    :param share: of the weight, handed on after each label.
    """

    kind = "ensemble"

    def __init__(
        self,
        labels: Sequence[str],
        n_features: int,
        *,
        activation: str = SOFTMAX,
        rates: Sequence[float] = RATES,
        share: float = SHARE,
    ) -> None:
        super().__init__(labels, n_features, activation=activation)
        if not rates or min(rates) < 0.0 or not 0.0 <= share < 1.0:
            raise SeparatorError("rates of at least 0 and a share below 1", f"{rates} and {share}", "try 0, 0.1, 0.5")
        self.share = float(share)
        self._rates = np.array(rates, dtype=np.float64)
        # One matrix an expert, the bias as the last column; saved as float32, as every model file keeps it.
        self._weights = np.zeros((len(rates), len(labels), n_features + 1), np.float32)
        self._trust = np.full(len(rates), 1.0 / len(rates))

    @classmethod
    def over(
        cls, base: SoftmaxSeparator, *, rates: Sequence[float] = RATES, share: float = SHARE
    ) -> "EnsembleSeparator":
        """Start every expert from a trained linear layer."""
        separator = cls(base.labels, base.n_features, activation=base.activation, rates=rates, share=share)
        both = np.concatenate([base.weights, base.bias[:, None]], axis=1)
        separator._weights = np.repeat(both[None], len(rates), axis=0)
        separator.n_seen = base.n_seen
        return separator

    @property
    def trust(self) -> Array:
        """The weight of each expert, ``[n_experts]``; they sum to 1."""
        return self._trust.copy()

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays."""
        return self._common_arrays() | {
            "weights": self._weights.copy(),
            "rates": self._rates.copy(),
            "trust": self._trust.copy(),
            "share": np.array(self.share),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "EnsembleSeparator":
        """Build a separator from what :meth:`to_arrays` returned."""
        saved = SavedArrays(cls.kind, arrays)
        rates = saved.take("rates", (None,))
        weights = saved.take("weights", (len(rates), len(saved.labels), None)).astype(np.float32)
        separator = cls(
            saved.labels,
            weights.shape[2] - 1,
            activation=saved.activation,
            rates=rates.tolist(),
            share=saved.number("share"),
        )
        separator._weights = weights
        separator._trust = saved.take("trust", rates.shape).astype(np.float64)
        separator.n_seen = saved.n_seen
        return separator

    def _learn(self, x: Array, targets: Array) -> None:
        for row, target in zip(with_ones(x), targets, strict=True):
            weights = self._weights.astype(np.float64)
            logits = weights @ row
            self._trust = self._judged(logits, target)
            errors = activate(logits, self.activation) - target
            steps = self._rates / float(row @ row)
            self._weights = (weights - (steps[:, None] * errors)[:, :, None] * row).astype(np.float32)

    def _judged(self, logits: Array, target: Array) -> Array:
        losses = np.array([cross_entropy(one[None], target[None], self.activation) for one in logits])
        # The tiny number keeps an expert that was given up once within reach of its share.
        chances = np.log(np.maximum(self._trust, np.finfo(np.float64).tiny)) - losses
        trust = activate(chances[None], SOFTMAX)[0]
        return np.asarray((1.0 - self.share) * trust + self.share / len(trust))

    def _probabilities(self, x: Array) -> Array:
        inputs = with_ones(x)
        experts = [activate(inputs @ weights.T, self.activation) for weights in self._weights.astype(np.float64)]
        return np.asarray(np.tensordot(self._trust, np.stack(experts), axes=1))

    def _grow(self, n_labels: int) -> None:
        # In the middle of the field, as in the softmax separator.
        n_experts, known, width = self._weights.shape
        average = self._weights.mean(axis=1, keepdims=True) if known else np.zeros((n_experts, 1, width), np.float32)
        self._weights = np.concatenate([self._weights, np.repeat(average, n_labels - known, axis=1)], axis=1)
