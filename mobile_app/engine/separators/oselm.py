"""The extreme learning machine that learns online, by recursive least squares."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.growing import Array, SavedArrays
from mobile_app.engine.separators.random_hidden import RandomHiddenSeparator
from mobile_app.engine.task import SOFTMAX

# Utterances that one chunk update takes in: its cost is a solve of this size beside products with P.
_CHUNK = 64


class OsElmSeparator(RandomHiddenSeparator):
    """Online sequential extreme learning machine (Liang et al. 2006), one utterance or a chunk at a time.

    After any number of updates the output weights are those of the ridge regression over all utterances, each weighted
    with the forgetting factor to the power of its age. State is float64. ``P`` is kept symmetric exactly, and its trace
    within that of the start: with a forgetting factor below 1, ``P`` would else grow without bound in the directions
    that no utterance excites.

    :param n_hidden: random units; a constant one is added.
    :param ridge: strength of the penalty on the squared output weights.
    :param forgetting_factor: 1 forgets nothing; 0.999 halves the weight of an utterance in 700 more.
    :param seed: of the hidden layer.
    """

    kind = "oselm"

    def __init__(
        self,
        labels: Sequence[str],
        n_features: int,
        *,
        activation: str = SOFTMAX,
        n_hidden: int = 256,
        ridge: float = 1.0,
        forgetting_factor: float = 1.0,
        seed: int = 0,
    ) -> None:
        super().__init__(labels, n_features, activation=activation, n_hidden=n_hidden, ridge=ridge, seed=seed)
        if not 0.0 < forgetting_factor <= 1.0:
            raise SeparatorError(
                "a forgetting factor above 0, at most 1", repr(forgetting_factor), "use 1 to forget nothing"
            )
        self.forgetting_factor = float(forgetting_factor)
        self._p = np.eye(self._hidden.n_outputs) / self.ridge
        self._output = np.zeros((self._hidden.n_outputs, len(labels)))

    def limit_prior(self, count: float) -> None:
        """Let everything learned so far weigh at most as much as ``count`` utterances."""
        if self.n_seen > count:
            self._p = self._p * (self.n_seen / count)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays; of the symmetric ``P`` the upper triangle."""
        return self._hidden_arrays() | {
            "forgetting_factor": np.array(self.forgetting_factor),
            "p": self._p[np.triu_indices(len(self._p))],
            "output": self._output.copy(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "OsElmSeparator":
        """Build a separator from what :meth:`to_arrays` returned."""
        saved = SavedArrays(cls.kind, arrays)
        n_features, n_hidden, seed = (int(value) for value in saved.take("hidden", (3,), "iu"))
        separator = cls(
            saved.labels,
            n_features,
            activation=saved.activation,
            n_hidden=n_hidden,
            ridge=saved.number("ridge"),
            forgetting_factor=saved.number("forgetting_factor"),
            seed=seed,
        )
        size = len(separator._p)
        upper = np.zeros((size, size))
        upper[np.triu_indices(size)] = saved.take("p", (size * (size + 1) // 2,))
        separator._p = upper + np.triu(upper, 1).T
        separator._output = saved.take("output", separator._output.shape).astype(np.float64)
        separator.n_seen = saved.n_seen
        return separator

    def _learn(self, x: Array, targets: Array) -> None:
        hidden = self._hidden(x)
        for start in range(0, len(hidden), _CHUNK):
            self._update(hidden[start : start + _CHUNK], targets[start : start + _CHUNK])

    def _update(self, hidden: Array, targets: Array) -> None:
        """Take in one chunk (Liang et al. 2006, eq. 23-24; with forgetting, Zhao et al. 2012)."""
        n = len(hidden)
        # Earlier rows of the chunk are older by the time it is in, as they are one by one.
        ages = np.sqrt(self.forgetting_factor ** np.arange(n - 1, -1, -1.0))[:, None]
        rows, wanted = hidden * ages, targets * ages
        p = self._p / self.forgetting_factor**n
        gains = rows @ p
        spread = gains @ rows.T
        spread.flat[:: n + 1] += 1.0
        scaled = gains / spread[0, 0] if n == 1 else np.linalg.solve(spread, gains)
        self._output = self._output + scaled.T @ (wanted - rows @ self._output)
        self._p = self._bounded(p - _symmetric(gains.T @ scaled))

    def _bounded(self, p: Array) -> Array:
        if self.forgetting_factor == 1.0:
            return p
        return p * min(1.0, len(p) / self.ridge / float(np.trace(p)))

    def _regress(self, hidden: Array) -> Array:
        return hidden @ self._output

    def _grow(self, n_labels: int) -> None:
        # Whoever was seen before did not carry the new label: ridge regression to zeros gives zeros.
        missing = n_labels - self._output.shape[1]
        self._output = np.concatenate([self._output, np.zeros((len(self._output), missing))], axis=1)


def _symmetric(matrix: Array) -> Array:
    return np.asarray((matrix + matrix.T) / 2.0)
