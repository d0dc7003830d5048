"""What the two extreme learning machines share: the hidden layer, and probabilities from a regression."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.growing import Array, GrowingSeparator
from mobile_app.engine.separators.hidden_layer import HiddenLayer
from mobile_app.engine.task import SOFTMAX

# What a label keeps when the regression says 0 or less, so that probabilities always sum to 1.
_FLOOR = 1e-6


class RandomHiddenSeparator(GrowingSeparator):
    """Ridge regression from a random hidden layer to label indicators (Huang et al. 2006).

    The regression estimates the probability of each label given the features; it is clipped to [0, 1] and, for softmax
    tasks, brought to a sum of 1.

    :param n_hidden: random units; a constant one is added.
    :param ridge: strength of the penalty on the squared output weights.
    :param seed: of the hidden layer.
    """

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
        super().__init__(labels, n_features, activation=activation)
        if n_hidden < 1 or not ridge > 0.0:
            raise SeparatorError(
                "at least one hidden unit and a ridge above 0", f"{n_hidden} and {ridge}", "try 256 and 1.0"
            )
        self.n_hidden, self.ridge, self.seed = int(n_hidden), float(ridge), int(seed)
        self._hidden = HiddenLayer(n_features, self.n_hidden, self.seed)

    def _regress(self, hidden: Array) -> Array:
        raise NotImplementedError

    def _probabilities(self, x: Array) -> Array:
        shares = np.clip(self._regress(self._hidden(x)), _FLOOR, 1.0)
        if self.activation == SOFTMAX and self.labels:
            return np.asarray(shares / shares.sum(axis=1, keepdims=True))
        return np.asarray(shares)

    def _hidden_arrays(self) -> dict[str, NDArray[Any]]:
        return self._common_arrays() | {
            "hidden": np.array([self.n_features, self.n_hidden, self.seed], dtype=np.int64),
            "ridge": np.array(self.ridge),
        }
