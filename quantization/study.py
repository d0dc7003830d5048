"""The separator study: what learning on the phone buys back.

A separator (the trainable classifier on frozen features) is fitted on a few labelled utterances of the train split and
judged on the split that is measured: with the reference's features for both (``reference``), fitted on the reference's
and used on the recipe's (``transferred``: what happens when a trained separator is shipped with a quantized backbone),
and fitted on the recipe's own (``refit``: what the app does when it learns on the phone).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.separators import PrototypeSeparator, Separator, SoftmaxSeparator
from mobile_app.engine.separators.base import Label
from mobile_app.engine.task import Task
from quantization.classification import Labels, scores

# Labelled utterances per label; None: all there are.
SIZES: tuple[int | None, ...] = (5, 20, None)
DRAWS = 3
# What is encoded for the study at most: more would cost more time than the comparison itself.
MOST_TRAIN, MOST_TEST = 1000, 3000
SEED = 0

Features = NDArray[np.float32]


@dataclass(frozen=True)
class MeanScore:
    """Weighted F1 over draws of the labelled utterances."""

    mean: float
    std: float
    n: int


@dataclass(frozen=True)
class StudyRow:
    """One kind of separator after so many labels.

    :param labels_per_class: None: all of the train sample.
    :param reference: fitted and used on the reference's features.
    :param transferred: fitted on the reference's features, used on the recipe's.
    :param refit: fitted and used on the recipe's features.
    """

    separator: str
    labels_per_class: int | None
    n_train: int
    reference: MeanScore
    transferred: MeanScore
    refit: MeanScore


@dataclass(frozen=True)
class Study:
    """The study of one recipe.

    :param refit_weighted_f1: mean over the tasks, linear separator, all labels; ``transferred_weighted_f1`` as it.
    :param n_train: labelled utterances that were drawn from; ``n_test`` those that it was judged on.
    :param tasks: rows per task.
    """

    refit_weighted_f1: float
    transferred_weighted_f1: float
    n_train: int
    n_test: int
    tasks: dict[str, list[StudyRow]]

    @classmethod
    def of(cls, tasks: dict[str, list[StudyRow]], n_train: int, n_test: int) -> "Study":
        """Summarise the rows of at least one task."""
        last = [
            row
            for rows in tasks.values()
            for row in rows
            if row.labels_per_class is None and row.separator == SoftmaxSeparator.kind
        ]
        refit, transferred = ([getattr(row, name).mean for row in last] for name in ("refit", "transferred"))
        return cls(float(np.mean(refit)), float(np.mean(transferred)), n_train, n_test, tasks)


@dataclass(frozen=True)
class Split:
    """Features of every recipe on some utterances, and their gold labels.

    :param features: per recipe ``[n, d]``.
    :param gold: per task ``[n, labels]``, and ``[n]`` whether an utterance is labelled.
    """

    features: Mapping[str, Features]
    gold: Mapping[str, tuple[Labels, NDArray[np.bool_]]]


def study(tasks: Sequence[Task], reference: str, train: Split, test: Split) -> dict[str, Study]:
    """Run the study for every recipe whose features are finite.

    :param tasks: those that the data labels.
    :param test: utterances of another split than ``train``.
    """
    found = {}
    for recipe, features in train.features.items():
        if recipe == reference or not _finite(features, test.features[recipe], train.features[reference]):
            continue
        rows = {task.name: _task_rows(task, reference, recipe, train, test) for task in tasks}
        rows = {name: of_task for name, of_task in rows.items() if of_task}
        if rows:
            found[recipe] = Study.of(rows, len(features), len(test.features[recipe]))
    return found


def _task_rows(task: Task, reference: str, recipe: str, train: Split, test: Split) -> list[StudyRow]:
    gold, labelled = train.gold[task.name]
    truth, judged = test.gold[task.name]
    if not labelled.any() or not judged.any():
        return []
    rows = []
    for kind, fit in FITS.items():
        for size in SIZES:
            draws = [_draw(gold, labelled, size, seed) for seed in range(1 if size is None else DRAWS)]
            results: dict[str, list[float]] = {"reference": [], "transferred": [], "refit": []}
            for chosen in draws:
                labels = _labels(task, gold[chosen])
                mine, theirs = (fit(task, train.features[name][chosen], labels) for name in (recipe, reference))
                for name, separator, used in (
                    ("reference", theirs, reference),
                    ("transferred", theirs, recipe),
                    ("refit", mine, recipe),
                ):
                    results[name].append(_score(task, separator, test.features[used][judged], truth[judged]))
            means = {name: MeanScore(float(np.mean(v)), float(np.std(v)), len(v)) for name, v in results.items()}
            rows.append(StudyRow(kind, size, round(float(np.mean([len(one) for one in draws]))), **means))
    return rows


def _linear(task: Task, x: Features, y: Sequence[Label]) -> Separator:
    return SoftmaxSeparator.fit(x, y, labels=task.labels, activation=task.activation)


def _prototypes(task: Task, x: Features, y: Sequence[Label]) -> Separator:
    separator = PrototypeSeparator(task.labels, x.shape[1], activation=task.activation)
    separator.learn_many(x, y)
    return separator


FITS: dict[str, Callable[[Task, Features, Sequence[Label]], Separator]] = {
    SoftmaxSeparator.kind: _linear,
    PrototypeSeparator.kind: _prototypes,
}


def _draw(gold: Labels, labelled: NDArray[np.bool_], size: int | None, seed: int) -> NDArray[np.int64]:
    """Return labelled utterances: all, or for each label up to ``size`` that carry it."""
    places = np.flatnonzero(labelled)
    if size is None:
        return places
    order = np.random.default_rng([SEED, seed]).permutation(places)
    return np.unique(np.concatenate([order[gold[order, label]][:size] for label in range(gold.shape[1])]))


def _labels(task: Task, gold: Labels) -> list[Label]:
    names = [tuple(task.labels[place] for place in np.flatnonzero(row)) for row in gold]
    return [*names] if task.is_multi_label else [one[0] for one in names]


def _score(task: Task, separator: Separator, x: Features, truth: Labels) -> float:
    probabilities = separator.predict_proba_many(x)[:, : len(task.labels)]
    if task.is_multi_label:
        predicted = probabilities >= 0.5
    else:
        predicted = np.zeros(truth.shape, dtype=np.bool_)
        predicted[np.arange(len(truth)), probabilities.argmax(axis=1)] = True
    return scores(truth, np.asarray(predicted, dtype=np.bool_), task.labels).weighted_f1


def _finite(*arrays: Features) -> bool:
    return all(np.isfinite(array).all() for array in arrays)
