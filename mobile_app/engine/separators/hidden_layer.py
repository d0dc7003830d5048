"""The random hidden layer of extreme learning machines."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class HiddenLayer:
    """``tanh`` units with random weights that are never trained, and one constant unit.

    Weights follow from the seed alone, so that a saved separator need not carry them. They are made from the raw bits
    of the generator: numpy keeps those the same in every version, unlike the distributions made from them.
    Features are brought to a root mean square of 1 first, so that one layer fits every backbone.
    """

    def __init__(self, n_features: int, n_hidden: int, seed: int) -> None:
        bits = np.random.PCG64(seed).random_raw((n_features + 1) * n_hidden)
        uniform = (bits >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0  # [-1, 1)
        weights = uniform.reshape(n_features + 1, n_hidden)
        self._bias = weights[-1]
        self._weights = weights[:-1] * np.sqrt(3.0 / n_features)  # inputs of the units of variance about 1
        self.n_outputs = n_hidden + 1

    def __call__(self, x: Array) -> Array:
        """Return ``[n, n_hidden + 1]`` for features ``[n, n_features]``."""
        norms = np.linalg.norm(x, axis=1, keepdims=True)
        scaled = x * (np.sqrt(x.shape[1]) / np.maximum(norms, np.finfo(np.float64).tiny))
        return np.concatenate([np.tanh(scaled @ self._weights + self._bias), np.ones((len(x), 1))], axis=1)
