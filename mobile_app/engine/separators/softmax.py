"""The linear separator: multinomial or one-against-all logistic regression by stochastic gradient descent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mobile_app.engine.separators.activations import activate, cross_entropy
from mobile_app.engine.separators.base import Label
from mobile_app.engine.separators.growing import Array, GrowingSeparator, SavedArrays
from mobile_app.engine.separators.lbfgs import minimise
from mobile_app.engine.task import SOFTMAX


class SoftmaxSeparator(GrowingSeparator):
    """A linear layer and a softmax (or a sigmoid for each label), trained on the cross-entropy.

    The step is the normalised one of Nagumo and Noda (1967): the learning rate divided by ``1 + |x|^2``, the squared
    norm of the feature vector with its bias, so that a rate means the same for every backbone: with rate r, one
    label moves the logits of its own utterance by r times the error. Steps toward zero (``l2``) and toward the base
    (``pull``) are taken implicitly, which is stable for every strength.

    :param learning_rate: share of the error that one utterance corrects in its own logits.
    :param l2: strength of the pull of the weights toward zero.
    :param pull: strength of the pull of weights and biases toward those it started from.
    :param batch_size: utterances a step in :meth:`learn_many`.
    :param seed: of the order of utterances in :meth:`learn_many`.
    """

    kind = "softmax"

    def __init__(
        self,
        labels: Sequence[str],
        n_features: int,
        *,
        activation: str = SOFTMAX,
        learning_rate: float = 0.2,
        l2: float = 0.0,
        pull: float = 0.0,
        batch_size: int = 32,
        seed: int = 0,
    ) -> None:
        super().__init__(labels, n_features, activation=activation)
        self.learning_rate, self.l2, self.pull = float(learning_rate), float(l2), float(pull)
        self.batch_size, self.seed = int(batch_size), int(seed)
        # One row a label, the bias as the last column; saved as float32, as every model file keeps it.
        self._weights = np.zeros((len(labels), n_features + 1), np.float32)
        self._base = self._weights

    @classmethod
    def from_weights(
        cls, labels: Sequence[str], weights: ArrayLike, bias: ArrayLike, *, activation: str = SOFTMAX, **settings: Any
    ) -> "SoftmaxSeparator":
        """Start from a trained linear layer: ``weights`` ``[n_labels, d]`` and ``bias`` ``[n_labels]``.

        :param settings: as for the constructor.
        """
        both = np.concatenate([np.asarray(weights), np.asarray(bias)[:, None]], axis=1).astype(np.float32)
        arrays = {
            "labels": np.array(labels, dtype=np.str_),
            "activation": np.array(activation),
            "n_seen": np.array(0),
            "weights": both,
        }
        return cls._start(SavedArrays(cls.kind, arrays), settings)

    @classmethod
    def fit(
        cls,
        x: ArrayLike,
        y: Sequence[Label],
        *,
        labels: Sequence[str] = (),
        activation: str = SOFTMAX,
        l2: float = 1e-3,
        **settings: Any,
    ) -> "SoftmaxSeparator":
        """Train to the optimum of the mean cross-entropy plus ``l2 / 2`` times the squared weights (not the biases).

        :param labels: the order of the labels; more are added as they come.
        :param l2: ``1 / (C n)`` in the terms of scikit-learn.
        :param settings: of the online steps that follow, as for the constructor.
        """
        separator = cls(labels, np.asarray(x).shape[-1], activation=activation, **settings)
        matrix, targets = separator._prepare(x, y)
        inputs = with_ones(matrix)

        def objective(flat: Array) -> tuple[float, Array]:
            value, gradient = loss_and_gradient(flat.reshape(separator._weights.shape), inputs, targets, activation, l2)
            return value, gradient.ravel()

        optimum = minimise(objective, np.zeros(separator._weights.size))
        separator._weights = optimum.reshape(separator._weights.shape).astype(np.float32)
        separator._base = separator._weights
        separator.n_seen = len(matrix)
        return separator

    @property
    def weights(self) -> NDArray[np.float32]:
        """``[n_labels, d]``."""
        return self._weights[:, :-1].copy()

    @property
    def bias(self) -> NDArray[np.float32]:
        """``[n_labels]``."""
        return self._weights[:, -1].copy()

    def learn_many(self, x: ArrayLike, y: Sequence[Label], *, epochs: int = 1) -> None:
        """Learn from feature vectors ``[n, n_features]`` and their labels, ``epochs`` times, in mini-batches."""
        matrix, targets = self._prepare(x, y)
        if len(matrix):
            self._learn(matrix, targets, epochs)
            self.n_seen += len(matrix)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays."""
        arrays = self._common_arrays() | {
            "weights": self._weights.copy(),
            "settings": np.array([self.learning_rate, self.l2, self.pull, self.batch_size, self.seed]),
        }
        # Without a pull the base is never read again: leave it out of what each label writes.
        return arrays | ({"base": self._base.copy()} if self.pull else {})

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "SoftmaxSeparator":
        """Build a separator from what :meth:`to_arrays` returned."""
        saved = SavedArrays(cls.kind, arrays)
        rate, l2, pull, batch_size, seed = saved.take("settings", (5,))
        settings = {"learning_rate": rate, "l2": l2, "pull": pull, "batch_size": batch_size, "seed": seed}
        separator = cls._start(saved, settings)
        if separator.pull:
            separator._base = saved.take("base", separator._weights.shape).astype(np.float32)
        return separator

    @classmethod
    def _start(cls, saved: SavedArrays, settings: Mapping[str, Any]) -> "SoftmaxSeparator":
        weights = saved.take("weights", (len(saved.labels), None)).astype(np.float32)
        separator = cls(saved.labels, weights.shape[1] - 1, activation=saved.activation, **settings)
        separator._weights = separator._base = weights
        separator.n_seen = saved.n_seen
        return separator

    def _learn(self, x: Array, targets: Array, epochs: int = 1) -> None:
        inputs = with_ones(x)
        weights = self._weights.astype(np.float64)
        for order in orders(len(inputs), epochs, seed=[self.seed, self.n_seen]):
            for start in range(0, len(order), self.batch_size):
                batch = order[start : start + self.batch_size]
                weights = self._step(weights, inputs[batch], targets[batch])
        self._weights = weights.astype(np.float32)

    def _step(self, weights: Array, inputs: Array, targets: Array) -> Array:
        error = activate(inputs @ weights.T, self.activation) - targets
        rate = self.learning_rate / float(np.mean(np.einsum("nd,nd->n", inputs, inputs)))
        weights = weights - (rate / len(inputs)) * (error.T @ inputs)
        if self.pull:
            weights = (weights + rate * self.pull * self._base) / (1.0 + rate * self.pull)
        if self.l2:
            weights[:, :-1] /= 1.0 + rate * self.l2
        return weights

    def _probabilities(self, x: Array) -> Array:
        return activate(with_ones(x) @ self._weights.T.astype(np.float64), self.activation)

    def _grow(self, n_labels: int) -> None:
        # A new label starts as the average of the others: in the middle of the field, and not at the logit 0, which
        # beside trained logits of -5 would be a claim to every utterance.
        rows = n_labels - len(self._weights)
        average = self._weights.mean(axis=0) if len(self._weights) else np.zeros(self.n_features + 1, np.float32)
        added = np.repeat(average[None], rows, axis=0)
        self._base = np.concatenate([self._base, added])
        self._weights = np.concatenate([self._weights, added])


def loss_and_gradient(weights: Array, inputs: Array, targets: Array, activation: str, l2: float) -> tuple[float, Array]:
    """Return the regularised mean cross-entropy of a linear layer and its gradient.

    :param weights: ``[n_labels, d + 1]``, the bias last; the bias is not regularised.
    :param inputs: ``[n, d + 1]``, the last column 1.
    :param targets: ``[n, n_labels]``.
    """
    logits = inputs @ weights.T
    gradient = (activate(logits, activation) - targets).T @ inputs / len(inputs)
    gradient[:, :-1] += l2 * weights[:, :-1]
    return cross_entropy(logits, targets, activation) + 0.5 * l2 * float((weights[:, :-1] ** 2).sum()), gradient


def orders(n: int, epochs: int, *, seed: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    """Yield the order of ``n`` utterances for each epoch."""
    if n == 1:  # the order of one: a label of the app does not wait for a generator of random numbers
        yield from [np.zeros(1, dtype=np.int64)] * epochs
        return
    random = np.random.default_rng(seed)
    for _ in range(epochs):
        yield random.permutation(n)


def with_ones(x: Array) -> Array:
    """Return ``x`` with a last column of ones, the input of the bias."""
    return np.concatenate([x, np.ones((len(x), 1))], axis=1)
