"""A check on every update: what it costs on utterances that the base was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError
from mobile_app.engine.separators.base import Separator
from mobile_app.engine.task import Task

KIND = "replay"
# Share of the replay set that one update may turn from right to wrong before the person is asked.
MAX_COST = 0.05


@dataclass(frozen=True)
class Replay:
    """The replay set of a task, frozen when the bundle was built.

    In the bundle's ``separators.npz`` as ``<task>.replay.features``, float16 ``[n, d]``, and ``<task>.replay.labels``,
    uint8 ``[n, n_labels]``: 1 where an utterance carries a label of the task.
    """

    task: Task
    features: NDArray[np.float32]
    carried: NDArray[np.bool_]

    @classmethod
    def of(cls, task: Task, arrays: Mapping[str, NDArray[Any]], n_features: int) -> "Replay":
        """Read the arrays of a bundle.

        :raises BundleError: if one is missing or of another shape.
        """
        features, carried = arrays.get("features"), arrays.get("labels")
        n = -1 if features is None else len(features)
        found = [None if array is None else array.shape for array in (features, carried)]
        if features is None or carried is None or found != [(n, n_features), (n, len(task.labels))]:
            raise BundleError(
                f"a replay set of task {task.name!r}: features [n, {n_features}] and labels [n, {len(task.labels)}]",
                str(found),
                "build or copy the bundle again",
            )
        return cls(task, features.astype(np.float32), carried.astype(bool))

    def score(self, separator: Separator) -> float:
        """Return the share of utterances (for sigmoid: of utterances and labels) that a separator gets right."""
        probabilities = separator.predict_proba_many(self.features)
        if not self.task.is_multi_label:
            rows = np.arange(len(self.features))
            best = probabilities.argmax(axis=1)
            known = best < self.carried.shape[1]
            return float(np.mean(known & self.carried[rows, np.where(known, best, 0)]))
        thresholds = [self.task.threshold(index) for index in range(len(self.task.labels))]
        return float(np.mean((probabilities[:, : len(thresholds)] >= thresholds) == self.carried))


class Guard:
    """Scores learners on the replay sets of a bundle; bundles without any pass everything.

    :param max_cost: share of a replay set that one update may cost.
    :raises BundleError: if a replay set cannot be used.
    """

    def __init__(self, bundle: Bundle, *, max_cost: float = MAX_COST) -> None:
        self.max_cost = max_cost
        self._last: dict[str, tuple[Separator, float]] = {}
        bases, width = bundle.base_separators(), bundle.manifest.feature_dimension
        self.replays = {
            task.name: Replay.of(task, bases[task.name][KIND], width)
            for task in bundle.manifest.tasks
            if KIND in bases.get(task.name, {})
        }

    def costs(self, before: Mapping[str, Separator], after: Mapping[str, Separator]) -> dict[str, float]:
        """Return what an update cost too much: per task the share of its replay set that was right only before."""
        costs = {
            name: self._score(name, before[name]) - self._score(name, after[name])
            for name in self.replays
            if name in after and after[name] is not before[name]
        }
        return {name: cost for name, cost in costs.items() if cost > self.max_cost}

    def _score(self, name: str, separator: Separator) -> float:
        # What was after the last update is before this one.
        last = self._last.get(name)
        if last is None or last[0] is not separator:
            last = self._last[name] = (separator, self.replays[name].score(separator))
        return last[1]
