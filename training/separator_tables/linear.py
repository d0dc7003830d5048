"""The linear separator, as good as train and dev allow: standardised features, balanced labels, L2."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mobile_app.engine.separators import SoftmaxSeparator
from mobile_app.engine.task import Task
from training.separator_tables.choices import BALANCES, LINEAR_L2
from training.separator_tables.labelled import Floats, Labelled

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Standard:
    """The mean and spread of features of train, which become part of the weights that follow.

    :param mean: ``[d]``.
    :param spread: ``[d]``, 1 where a feature never changes.
    """

    mean: Array
    spread: Array

    @classmethod
    def of(cls, x: Floats) -> "Standard":
        """Measure features of train."""
        spread = x.std(axis=0, dtype=np.float64)
        return cls(x.mean(axis=0, dtype=np.float64), np.where(spread > 1e-9, spread, 1.0))

    def __call__(self, x: Floats) -> Floats:
        """Return features of mean 0 and spread 1."""
        return ((x - self.mean) / self.spread).astype(np.float32)

    def separator(self, task: Task, weights: Array, bias: Array) -> SoftmaxSeparator:
        """Return the phone's separator on plain features for a layer ``[n_labels, d]`` on standardised ones."""
        plain = weights / self.spread
        return SoftmaxSeparator.from_weights(task.labels, plain, bias - plain @ self.mean, activation=task.activation)


def fit_linear(
    task: Task, train: Labelled, strengths: Sequence[float] = LINEAR_L2, balances: Sequence[float] = BALANCES
) -> list[tuple[dict[str, Any], SoftmaxSeparator]]:
    """Return a separator for each strength of L2 and each balance of labels; a sigmoid task is not balanced.

    :param strengths: of L2 on the weights of standardised features, per utterance.
    :param balances: a label counts for its frequency to the power of minus this.
    """
    standard = Standard.of(train.x)
    x = standard(train.x)
    if task.is_multi_label:
        return [({"l2": l2}, _one_against_all(task, standard, x, train, l2)) for l2 in strengths]
    return [
        ({"l2": l2, "balance": balance}, _multinomial(task, standard, x, train, l2, balance))
        for balance in balances
        for l2 in strengths
    ]


def _multinomial(
    task: Task, standard: Standard, x: Floats, train: Labelled, l2: float, balance: float
) -> SoftmaxSeparator:
    gold = train.targets.argmax(axis=1)
    counts = np.bincount(gold, minlength=len(task.labels))
    weight = np.where(counts > 0, np.maximum(counts, 1) ** -balance, 0.0)
    weight *= len(gold) / float(weight @ counts)
    # A label that train lacks is never given.
    weights, bias = np.zeros((len(task.labels), x.shape[1])), np.full(len(task.labels), -30.0)
    present = np.flatnonzero(counts)
    if len(present) == 1:
        bias[present] = 0.0
        return standard.separator(task, weights, bias)
    model = LogisticRegression(
        C=1.0 / (l2 * len(gold)), class_weight={int(one): float(weight[one]) for one in present}, max_iter=500
    ).fit(x, gold)
    if len(model.classes_) == 2:  # one row for both
        weights[model.classes_], bias[model.classes_] = (
            np.concatenate([-model.coef_, model.coef_]) / 2,
            np.concatenate([-model.intercept_, model.intercept_]) / 2,
        )
    else:
        weights[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return standard.separator(task, weights, bias)


def _one_against_all(task: Task, standard: Standard, x: Floats, train: Labelled, l2: float) -> SoftmaxSeparator:
    fitted = SoftmaxSeparator.fit(x, train.labels, labels=task.labels, activation=task.activation, l2=l2)
    return standard.separator(task, fitted.weights.astype(np.float64), fitted.bias.astype(np.float64))
