"""A check on every update: what it costs on utterances that the base was trained on."""

import math
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
# Share of the replay set that may be lost before the person is asked, and from one question to the next.
MAX_COST = 0.05
_ROUNDING = 1e-9


def price(base: float, before: float, after: float, *, step: float = MAX_COST) -> float:
    """Return what an update costs if the person should be asked about it, else 0.

    A single label seldom costs much: what does harm is many that pull the same way. So a person is asked when an update
    takes the score past the next whole ``step`` below the base's, or when it alone costs a ``step``.

    :param base: share of the replay set that the base gets right.
    :param before: the same before the update.
    :param after: the same after it.
    :return: the share lost since the base, or since before the update if that was better.
    """
    if after >= before:
        return 0.0
    cost = max(base, before) - after
    asked = step <= 0 or before - after >= step - _ROUNDING or _steps(base - after, step) > _steps(base - before, step)
    return cost if asked else 0.0


def _steps(lost: float, step: float) -> int:
    return math.floor(max(lost, 0.0) / step + _ROUNDING)


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

    :param base: the separators that nobody has taught yet, by task.
    :param max_cost: share of a replay set that may be lost before the person is asked, see :func:`price`.
    :raises BundleError: if a replay set cannot be used.
    """

    def __init__(self, bundle: Bundle, base: Mapping[str, Separator], *, max_cost: float = MAX_COST) -> None:
        self.max_cost = max_cost
        self._base = base
        self._scores: dict[str, dict[int, tuple[Separator, float]]] = {}
        bases, width = bundle.base_separators(), bundle.manifest.feature_dimension
        self.replays = {
            task.name: Replay.of(task, bases[task.name][KIND], width)
            for task in bundle.manifest.tasks
            if KIND in bases.get(task.name, {})
        }

    def costs(self, before: Mapping[str, Separator], after: Mapping[str, Separator]) -> dict[str, float]:
        """Return what an update cost too much: per task the share of its replay set that is lost since the base."""
        costs = {}
        for name in self.replays:
            if name in after and after[name] is not before[name]:
                scores = self._scored(name, self._base[name], before[name], after[name])
                costs[name] = price(*scores, step=self.max_cost)
        return {name: cost for name, cost in costs.items() if cost > 0}

    def _scored(self, name: str, *separators: Separator) -> list[float]:
        # The base stays, and what was after the last update is before this one.
        known = self._scores.get(name, {})
        kept = {id(one): known.get(id(one)) or (one, self.replays[name].score(one)) for one in separators}
        self._scores[name] = kept
        return [kept[id(one)][1] for one in separators]
