"""The separators of all tasks, and how far they have learned."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError, SeparatorError
from mobile_app.engine.labelled import LearnerState
from mobile_app.engine.npz import pack, unpack
from mobile_app.engine.prediction import Encoding, Prediction, TaskPrediction
from mobile_app.engine.separators import started
from mobile_app.engine.separators.base import Label, Separator
from mobile_app.engine.task import Task

_FLOAT16_MAX = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class TaskLearner:
    """The separator of one task.

    :param version: how many updates it has seen.
    :param up_to: number of the last stored utterance that it has learned.
    """

    task: Task
    separator: Separator
    version: int = 0
    up_to: int = 0

    def state(self) -> LearnerState:
        """Return what the store keeps."""
        return LearnerState(self.version, self.up_to, pack(self.separator.to_arrays()))


@dataclass(frozen=True)
class Learner:
    """What was learned so far. It never changes: learning gives another one, and the old one is there to go back to."""

    tasks: Mapping[str, TaskLearner]

    @classmethod
    def base(cls, bundle: Bundle, kind: str, *, prior_count: float) -> "Learner":
        """Return the bundle's base separators, which have not learned from anybody yet.

        :param kind: of separator.
        :param prior_count: the base weighs at most as much as so many labels of the person.
        :raises BundleError: if the bundle has no fitting base separator of that kind for one of its tasks.
        """
        separators = bundle.base_separators()
        tasks = {}
        for task in bundle.manifest.tasks:
            separator = _base_separator(bundle, task, kind, separators.get(task.name, {}))
            separator.limit_prior(prior_count)
            tasks[task.name] = TaskLearner(task, separator)
        return cls(tasks)

    def restored(self, states: Mapping[str, LearnerState]) -> "Learner":
        """Return a learner with these saved states; a task without a usable one stays as it is here."""
        tasks = dict(self.tasks)
        for name in tasks.keys() & states.keys():
            state, learner = states[name], tasks[name]
            try:
                separator = type(learner.separator).from_arrays(unpack(state.arrays))
            except (ValueError, SeparatorError):
                continue  # the labels are all there: the learner is built from them again
            tasks[name] = replace(learner, separator=separator, version=state.version, up_to=state.up_to)
        return Learner(tasks)

    def learned(
        self, features: NDArray[np.float16], labels: Mapping[str, Label], *, number: int | None = None
    ) -> "Learner":
        """Return a learner that has learned these labels too.

        :param features: ``[d]``, as the store keeps them, so that a replay ends in the same state.
        :param labels: per task; other tasks are not touched.
        :param number: of the utterance in the store, if it is stored already.
        """
        tasks = dict(self.tasks)
        for name, label in labels.items():
            learner = tasks[name]
            separator = copy.copy(learner.separator)
            separator.learn_one(features.astype(np.float32), label)
            up_to = learner.up_to if number is None else number
            tasks[name] = replace(learner, separator=separator, version=learner.version + 1, up_to=up_to)
        return Learner(tasks)

    def stored(self, number: int, tasks: Mapping[str, Any]) -> "Learner":
        """Return the same learner, its last update in ``tasks`` being that of utterance ``number``."""
        return Learner(
            {name: replace(learner, up_to=number) if name in tasks else learner for name, learner in self.tasks.items()}
        )

    def separators(self) -> dict[str, Separator]:
        """Return the separator of each task."""
        return {name: learner.separator for name, learner in self.tasks.items()}

    def states(self, tasks: Mapping[str, Any] | None = None) -> dict[str, LearnerState]:
        """Return what the store keeps, of these tasks or of all."""
        return {name: learner.state() for name, learner in self.tasks.items() if tasks is None or name in tasks}

    def predict(self, encoding: Encoding) -> Prediction:
        """Return the prediction of the separators."""
        return Prediction(
            encoding,
            {
                name: TaskPrediction.of(
                    learner.task, learner.separator.labels, learner.separator.predict_proba_one(encoding.features)
                )
                for name, learner in self.tasks.items()
            },
        )


def as_stored(features: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return features as the store keeps them: half the bytes, and never infinite."""
    return np.clip(features, -_FLOAT16_MAX, _FLOAT16_MAX).astype(np.float16)


def _base_separator(
    bundle: Bundle, task: Task, kind: str, kinds: Mapping[str, Mapping[str, NDArray[Any]]]
) -> Separator:
    try:
        separator = started(kind, kinds)
    except SeparatorError as error:
        raise BundleError(
            f"{error.expected} for task {task.name!r} in {bundle.path}", error.found, error.remedy
        ) from None
    found = (separator.labels, separator.n_features)
    expected = (task.labels, bundle.manifest.feature_dimension)
    if found != expected:
        raise BundleError(
            f"labels and features of the manifest, {expected}, in the base separator {kind!r} of task {task.name!r}",
            str(found),
            "build or copy the bundle again",
        )
    return separator
