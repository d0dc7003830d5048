"""A small trained layer between features and labels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.activations import activate, cross_entropy
from mobile_app.engine.separators.base import Label
from mobile_app.engine.separators.growing import Array, GrowingSeparator, SavedArrays
from mobile_app.engine.separators.softmax import SoftmaxSeparator, orders, with_ones
from mobile_app.engine.task import SOFTMAX


class HiddenSeparator(GrowingSeparator):
    """``logits = base x + output tanh(hidden x)``: one layer of tanh units beside a linear base that stays as it was.

    The output weights start at zero, so that it says at first what the base says. Both layers take normalised steps of
    the gradient of the cross-entropy, as :class:`SoftmaxSeparator` does; features are brought to a root mean square
    of 1 for the units, so that one layer fits every backbone.

    :param n_hidden: tanh units.
    :param learning_rate: share of the error that one utterance corrects in its own logits.
    :param batch_size: utterances a step in :meth:`learn_many`.
    :param seed: of the first weights of the units and of the order of utterances.
    """

    kind = "hidden"

    def __init__(
        self,
        labels: Sequence[str],
        n_features: int,
        *,
        activation: str = SOFTMAX,
        n_hidden: int = 32,
        learning_rate: float = 0.2,
        batch_size: int = 8,
        seed: int = 0,
    ) -> None:
        super().__init__(labels, n_features, activation=activation)
        if n_hidden < 1 or batch_size < 1 or not learning_rate > 0.0:
            found = f"{n_hidden}, {batch_size} and {learning_rate}"
            raise SeparatorError("at least one unit, a batch of one and a rate above 0", found, "try 32, 8 and 0.2")
        self.n_hidden, self.learning_rate = int(n_hidden), float(learning_rate)
        self.batch_size, self.seed = int(batch_size), int(seed)
        uniform = np.random.default_rng(self.seed).uniform(-1.0, 1.0, (self.n_hidden, n_features + 1))
        self._hidden = (uniform * np.sqrt(3.0 / (n_features + 1))).astype(np.float32)
        self._output = np.zeros((len(labels), self.n_hidden), np.float32)
        self._base = np.zeros((len(labels), n_features + 1), np.float32)

    @classmethod
    def over(cls, base: SoftmaxSeparator, **settings: Any) -> "HiddenSeparator":
        """Start from a trained linear layer.

        :param settings: as for the constructor.
        """
        separator = cls(base.labels, base.n_features, activation=base.activation, **settings)
        separator._base = np.concatenate([base.weights, base.bias[:, None]], axis=1)
        separator.n_seen = base.n_seen
        return separator

    def learn_many(self, x: ArrayLike, y: Sequence[Label], *, epochs: int = 1) -> None:
        """Learn from feature vectors ``[n, n_features]`` and their labels, ``epochs`` times, in mini-batches."""
        matrix, targets = self._prepare(x, y)
        if len(matrix):
            self._learn(matrix, targets, epochs)
            self.n_seen += len(matrix)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays."""
        return self._common_arrays() | {
            "base": self._base.copy(),
            "hidden": self._hidden.copy(),
            "output": self._output.copy(),
            "settings": np.array([self.learning_rate, self.batch_size, self.seed]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "HiddenSeparator":
        """Build a separator from what :meth:`to_arrays` returned."""
        saved = SavedArrays(cls.kind, arrays)
        rate, batch_size, seed = saved.take("settings", (3,))
        hidden = saved.take("hidden", (None, None)).astype(np.float32)
        separator = cls(
            saved.labels,
            hidden.shape[1] - 1,
            activation=saved.activation,
            n_hidden=len(hidden),
            learning_rate=rate,
            batch_size=batch_size,
            seed=seed,
        )
        separator._hidden = hidden
        separator._output = saved.take("output", separator._output.shape).astype(np.float32)
        separator._base = saved.take("base", separator._base.shape).astype(np.float32)
        separator.n_seen = saved.n_seen
        return separator

    def _learn(self, x: Array, targets: Array, epochs: int = 1) -> None:
        linear, inputs = with_ones(x) @ self._base.T.astype(np.float64), _scaled(x)
        layers = self._hidden.astype(np.float64), self._output.astype(np.float64)
        for order in orders(len(x), epochs, seed=[self.seed, self.n_seen]):
            for start in range(0, len(order), self.batch_size):
                batch = order[start : start + self.batch_size]
                layers = self._step(*layers, inputs[batch], linear[batch], targets[batch])
        self._hidden, self._output = (layer.astype(np.float32) for layer in layers)

    def _step(self, hidden: Array, output: Array, inputs: Array, linear: Array, targets: Array) -> tuple[Array, Array]:
        _, to_hidden, to_output = loss_and_gradients(hidden, output, inputs, linear, targets, self.activation)
        units = np.tanh(inputs @ hidden.T)
        rates = [self.learning_rate / (1.0 + float(np.mean((seen**2).sum(axis=1)))) for seen in (inputs, units)]
        return hidden - rates[0] * to_hidden, output - rates[1] * to_output

    def _probabilities(self, x: Array) -> Array:
        linear = with_ones(x) @ self._base.T.astype(np.float64)
        units = np.tanh(_scaled(x) @ self._hidden.T.astype(np.float64))
        return activate(linear + units @ self._output.T.astype(np.float64), self.activation)

    def _grow(self, n_labels: int) -> None:
        # In the middle of the field, as in the softmax separator.
        self._base, self._output = (_grown(layer, n_labels) for layer in (self._base, self._output))


def loss_and_gradients(
    hidden: Array, output: Array, inputs: Array, linear: Array, targets: Array, activation: str
) -> tuple[float, Array, Array]:
    """Return the mean cross-entropy and its gradients by the hidden and by the output weights.

    :param hidden: ``[n_hidden, d + 1]``.
    :param output: ``[n_labels, n_hidden]``.
    :param inputs: ``[n, d + 1]``, the last column 1.
    :param linear: ``[n, n_labels]``, logits that are added to those of the units.
    :param targets: ``[n, n_labels]``.
    """
    units = np.tanh(inputs @ hidden.T)
    logits = linear + units @ output.T
    errors = (activate(logits, activation) - targets) / len(inputs)
    to_hidden = ((errors @ output) * (1.0 - units**2)).T @ inputs
    return cross_entropy(logits, targets, activation), to_hidden, errors.T @ units


def _scaled(x: Array) -> Array:
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    return with_ones(x * (np.sqrt(x.shape[1]) / np.maximum(norms, np.finfo(np.float64).tiny)))


def _grown(layer: NDArray[np.float32], n_labels: int) -> NDArray[np.float32]:
    average = layer.mean(axis=0) if len(layer) else np.zeros(layer.shape[1], np.float32)
    return np.concatenate([layer, np.repeat(average[None], n_labels - len(layer), axis=0)])
