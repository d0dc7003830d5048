"""The extreme learning machine in closed form."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.separators.growing import Array, SavedArrays
from mobile_app.engine.separators.random_hidden import RandomHiddenSeparator
from mobile_app.engine.task import SOFTMAX


class ElmSeparator(RandomHiddenSeparator):
    """Keeps the sums of the normal equations and solves them when a prediction is wanted.

    The state ``A = ridge I + sum h h^T`` and ``B = sum h t^T`` has a fixed size, and an utterance can be taken out
    of it as exactly as it went in.

    :param n_hidden: random units; a constant one is added.
    :param ridge: strength of the penalty on the squared output weights.
    :param seed: of the hidden layer.
    """

    kind = "elm"

    def __init__(
        self,
        labels: Sequence[str],
        n_features: int,
        *,
        activation: str = SOFTMAX,
        n_hidden: int = 256,
        ridge: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(labels, n_features, activation=activation, n_hidden=n_hidden, ridge=ridge, seed=seed)
        self._gram = self.ridge * np.eye(self._hidden.n_outputs)
        self._moments = np.zeros((self._hidden.n_outputs, len(labels)))
        self._output: Array | None = None

    def limit_prior(self, count: float) -> None:
        """Let everything learned so far weigh at most as much as ``count`` utterances."""
        if self.n_seen > count:
            self._gram = self._gram * (count / self.n_seen)
            self._moments = self._moments * (count / self.n_seen)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays."""
        return self._hidden_arrays() | {"gram": self._gram.copy(), "moments": self._moments.copy()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "ElmSeparator":
        """Build a separator from what :meth:`to_arrays` returned."""
        saved = SavedArrays(cls.kind, arrays)
        n_features, n_hidden, seed = (int(value) for value in saved.take("hidden", (3,), "iu"))
        separator = cls(
            saved.labels,
            n_features,
            activation=saved.activation,
            n_hidden=n_hidden,
            ridge=saved.number("ridge"),
            seed=seed,
        )
        separator._gram = saved.take("gram", separator._gram.shape).astype(np.float64)
        separator._moments = saved.take("moments", separator._moments.shape).astype(np.float64)
        separator.n_seen = saved.n_seen
        return separator

    def _learn(self, x: Array, targets: Array) -> None:
        hidden = self._hidden(x)
        self._gram = self._gram + hidden.T @ hidden
        self._moments = self._moments + hidden.T @ targets
        self._output = None

    def _regress(self, hidden: Array) -> Array:
        if self._output is None:
            self._output = np.linalg.solve(self._gram, self._moments).astype(np.float64)
        return np.asarray(hidden @ self._output)

    def _grow(self, n_labels: int) -> None:
        # Whoever was seen before did not carry the new label: its column of targets was 0 all along.
        missing = n_labels - self._moments.shape[1]
        self._moments = np.concatenate([self._moments, np.zeros((len(self._moments), missing))], axis=1)
        self._output = None
