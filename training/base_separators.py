"""The base separators of a bundle: what people's labels are added to, fitted on the features of the train split."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.guard import KIND as REPLAY
from mobile_app.engine.learner import as_stored
from mobile_app.engine.separators import ElmSeparator, OsElmSeparator, PrototypeSeparator, SoftmaxSeparator
from mobile_app.engine.separators.base import Label, Separator
from mobile_app.engine.separators.inputs import as_label_sets, indicators
from mobile_app.engine.task import Task
from training.utterance import Utterance

N_HIDDEN = 128
SEED = 1
# Utterances of the train split that a linear separator without a trained head is fitted to: its optimum takes up to a
# thousand passes over them.
N_FITTED = 8000
# Utterances of the train split that go into the bundle, for the phone to check its updates on.
N_REPLAY = 200


def fit_base_separators(
    tasks: Sequence[Task],
    utterances: Sequence[Utterance],
    features: NDArray[np.float32],
    heads: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
) -> dict[str, NDArray[Any]]:
    """Fit every kind of separator for every task.

    :param utterances: the train split, in the order of the features.
    :param features: ``[n, d]``, of the model whose features the phone will see.
    :param heads: per task the kernel ``[d, n_labels]`` and bias ``[n_labels]`` of the trained head, where it is linear
        in the features; else the linear separator is fitted to them.
    :return: plain arrays named ``<task>.<kind>.<array>``, the content of ``separators.npz``.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for task in tasks:
        rows = [row for row, utterance in enumerate(utterances) if task.name in utterance.labels]
        labels = [_label(task, utterances[row]) for row in rows]
        separators: list[Separator] = [
            _linear(task, features[rows], labels, heads.get(task.name)),
            PrototypeSeparator(task.labels, features.shape[1], activation=task.activation),
            OsElmSeparator(task.labels, features.shape[1], activation=task.activation, n_hidden=N_HIDDEN, seed=SEED),
            ElmSeparator(task.labels, features.shape[1], activation=task.activation, n_hidden=N_HIDDEN, seed=SEED),
        ]
        for separator in separators[1:]:  # the first one is the trained head itself, or fitted already
            separator.learn_many(features[rows], labels)
        for separator in separators:
            for name, array in separator.to_arrays().items():
                arrays[f"{task.name}.{separator.kind}.{name}"] = array
        if rows:
            arrays |= _replay(task, features[rows], labels)
    return arrays


def _linear(
    task: Task,
    features: NDArray[np.float32],
    labels: Sequence[Label],
    head: tuple[NDArray[Any], NDArray[Any]] | None,
) -> SoftmaxSeparator:
    if head is None:
        drawn = np.sort(np.random.default_rng(SEED).permutation(len(features))[:N_FITTED])
        known = [labels[row] for row in drawn]
        return SoftmaxSeparator.fit(features[drawn], known, labels=task.labels, activation=task.activation)
    kernel, bias = head
    return SoftmaxSeparator.from_weights(task.labels, kernel.T, bias, activation=task.activation)


def _replay(task: Task, features: NDArray[np.float32], labels: Sequence[Label]) -> dict[str, NDArray[Any]]:
    """Draw the replay set of the guard at random, so that its labels are as frequent as in the data."""
    drawn = np.sort(np.random.default_rng(SEED).permutation(len(features))[:N_REPLAY])
    sets = as_label_sets([labels[row] for row in drawn], task.activation)
    return {
        f"{task.name}.{REPLAY}.features": as_stored(features[drawn]),
        f"{task.name}.{REPLAY}.labels": indicators(sets, task.labels).astype(np.uint8),
    }


def _label(task: Task, utterance: Utterance) -> Label:
    labels = utterance.labels[task.name]
    return labels if task.is_multi_label else labels[0]
