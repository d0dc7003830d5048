"""The rows of the tables: each is fitted with every setting of its grid on train, chosen on dev, and read on test once.

Every prediction is made by the phone's own separators.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mobile_app.engine.separators import (
    ElmSeparator,
    OsElmSeparator,
    PcaSeparator,
    PrototypeSeparator,
    Separator,
)
from mobile_app.engine.separators.pca import principal_components
from mobile_app.engine.task import Task
from training.metrics import TaskMetrics, task_metrics
from training.separator_tables.choices import (
    BALANCES,
    HIDDEN_L2,
    LINEAR_L2,
    PCA_SHARES,
    RANDOM_UNITS,
    RIDGES,
    SeparatorChoices,
)
from training.separator_tables.labelled import Labelled, Splits
from training.separator_tables.linear import fit_linear
from training.separator_tables.networks import adam, hidden_by_steps, linear_by_steps
from training.thresholds import decide, tuned

Setting = dict[str, Any]
Candidates = Iterable[tuple[Setting, Separator]]


@dataclass(frozen=True)
class Measured:
    """A separator that dev chose, and how good it is.

    :param setting: what dev chose.
    :param dev: its metrics on dev; of a sigmoid task with the thresholds that were tuned there.
    :param test: its metrics on test.
    :param separator: the fitted separator.
    """

    setting: Setting
    dev: TaskMetrics
    test: TaskMetrics
    separator: Separator

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"setting": self.setting, "dev": _brief(self.dev), "test": _brief(self.test)}


def measure(splits: Splits, candidates: Candidates) -> Measured:
    """Choose a candidate by its weighted F1 on dev, the first of equals, and read its score on test."""
    best: tuple[float, Setting, Separator, Task, TaskMetrics] | None = None
    for setting, separator in candidates:
        task = _tuned(splits.task, separator, splits.dev)
        dev = score(task, separator, splits.dev)
        if best is None or dev.weighted_f1 > best[0]:
            best = (dev.weighted_f1, setting, separator, task, dev)
    assert best is not None
    _, setting, separator, task, dev = best
    return Measured(setting, dev, score(task, separator, splits.test), separator)


def score(task: Task, separator: Separator, part: Labelled) -> TaskMetrics:
    """Return the metrics of a separator on some utterances."""
    return task_metrics(task, part.targets, decide(task, separator.predict_proba_many(part.x)))


def linear(splits: Splits) -> Measured:
    """Measure the optimal linear layer: the strength of L2 first, then the balance of the labels."""
    task, train = splits.task, splits.train
    unbalanced = measure(splits, fit_linear(task, train, LINEAR_L2, BALANCES[:1]))
    if task.is_multi_label:
        return unbalanced
    balanced = measure(splits, fit_linear(task, train, (unbalanced.setting["l2"],), BALANCES[1:]))
    return max(unbalanced, balanced, key=lambda one: one.dev.weighted_f1)


def linear_adam(splits: Splits, choices: SeparatorChoices) -> Measured:
    """Measure the linear layer as the paper trains it."""
    fitted = linear_by_steps(splits.task, splits.train, splits.dev, choices, adam)
    return measure(splits, [({"optimizer": "adam", "learning_rate": 1e-4}, fitted)])


def hidden(splits: Splits, choices: SeparatorChoices) -> Measured:
    """Measure the layer of tanh units as the paper trains it: the number of units first, then the strength of L2."""

    def fitted(units: Iterable[int], strengths: Iterable[float]) -> Iterator[tuple[Setting, Separator]]:
        fit = partial(hidden_by_steps, splits.task, splits.train, splits.dev, choices, adam)
        return (({"units": n, "l2": l2}, fit(units=n, l2=l2)) for n in units for l2 in strengths)

    plain = measure(splits, fitted(choices.units, HIDDEN_L2[:1]))
    regularised = measure(splits, fitted([plain.setting["units"]], HIDDEN_L2[1:]))
    return max(plain, regularised, key=lambda one: one.dev.weighted_f1)


def elm(splits: Splits, choices: SeparatorChoices) -> Measured:
    """Measure the extreme learning machine, solved at once."""
    return measure(splits, _random_layers(ElmSeparator, splits, choices))


def oselm(splits: Splits, choices: SeparatorChoices, chosen: Setting) -> Measured:
    """Measure the extreme learning machine that learns 64 utterances at a time, with the setting of the other one."""
    separator = _random_layer(OsElmSeparator, splits, choices, chosen["units"], chosen["ridge"])
    separator.learn_many(splits.train.x, splits.train.labels)
    return measure(splits, [(chosen, separator)])


def prototypes(splits: Splits) -> Measured:
    """Measure class means, which the paper has not."""
    separator = PrototypeSeparator(splits.task.labels, splits.n_features, activation=splits.task.activation)
    separator.learn_many(splits.train.x, splits.train.labels)
    return measure(splits, [({}, separator)])


def pca(splits: Splits, share: float) -> Measured:
    """Measure the optimal linear layer on a share of the principal components of train."""
    n = max(1, round(share * splits.n_features))
    mean, components = principal_components(splits.train.x, min(n, *splits.train.x.shape))

    def projected(part: Labelled) -> Labelled:
        x = ((part.x - mean) @ components.T).astype(np.float32)
        return Labelled(x, part.targets, part.labels, part.speakers)

    inside = linear(Splits(splits.task, projected(splits.train), projected(splits.dev), projected(splits.test)))
    separator = PcaSeparator(inside.separator, mean, components)
    return measure(splits, [(inside.setting | {"components": len(components)}, separator)])


def rows_of(splits: Splits, choices: SeparatorChoices) -> Iterator[tuple[str, Callable[[], Measured]]]:
    """Yield what is measured on the features of one backbone, in the order of the tables."""
    found: dict[str, Measured] = {}

    def kept(name: str, measured: Measured) -> Measured:
        found[name] = measured
        return measured

    yield "Linear", lambda: linear(splits)
    yield "Linear, Adam", lambda: linear_adam(splits, choices)
    yield "Hidden", lambda: hidden(splits, choices)
    yield "ELM", lambda: kept("ELM", elm(splits, choices))
    yield "OS-ELM", lambda: oselm(splits, choices, found["ELM"].setting)
    yield "Prototypes", lambda: prototypes(splits)
    for share in PCA_SHARES:
        yield f"PCA {share:.1%}".replace(".0%", "%"), partial(pca, splits, share)


def _random_layers(kind: type[ElmSeparator], splits: Splits, choices: SeparatorChoices) -> Candidates:
    for units in RANDOM_UNITS:
        for ridge in RIDGES:
            separator = _random_layer(kind, splits, choices, units, ridge)
            separator.learn_many(splits.train.x, splits.train.labels)
            yield {"units": units, "ridge": ridge}, separator


def _random_layer(
    kind: type[ElmSeparator] | type[OsElmSeparator], splits: Splits, choices: SeparatorChoices, units: int, ridge: float
) -> ElmSeparator | OsElmSeparator:
    task = splits.task
    return kind(
        task.labels, splits.n_features, activation=task.activation, n_hidden=units, ridge=ridge, seed=choices.seed
    )


def _tuned(task: Task, separator: Separator, dev: Labelled) -> Task:
    return tuned(task, dev.targets, np.ones(len(dev), np.float32), separator.predict_proba_many(dev.x))


def _brief(metrics: TaskMetrics) -> dict[str, Any]:
    return {
        "n": metrics.n,
        "weighted_f1": metrics.weighted_f1,
        "macro_f1": metrics.macro_f1,
        "accuracy": metrics.accuracy,
    }
