"""How well predicted labels match the gold ones, for softmax and sigmoid tasks alike."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task

try:
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support
except ImportError as error:
    raise UndertoneError(
        "scikit-learn for metrics", str(error), 'install it with pip install "undertone[train]"'
    ) from error


@dataclass(frozen=True)
class LabelMetrics:
    """Precision, recall and F1 of one label (0 where undefined), and how many utterances carry it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class TaskMetrics:
    """Metrics of one task on one split.

    :param n: number of utterances.
    :param weighted_f1: F1 of the labels, averaged by support.
    :param macro_f1: F1 averaged over the labels that occur in gold or predictions.
    :param accuracy: share of utterances whose labels are exactly right (subset accuracy for a sigmoid task).
    :param per_label: label by label, in the order of the task.
    """

    n: int
    weighted_f1: float
    macro_f1: float
    accuracy: float
    per_label: dict[str, LabelMetrics]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def task_metrics(task: Task, targets: ArrayLike, chosen: ArrayLike) -> TaskMetrics:
    """Compare chosen labels with gold ones.

    :param targets: ``[n, n_labels]``, of utterances labelled for the task, non-zero where they carry a label.
    :param chosen: ``[n, n_labels]``, true where a label is predicted.
    :raises UndertoneError: if there is no utterance, or the shapes differ or do not fit the task.
    """
    gold, predicted = np.asarray(targets) > 0, np.asarray(chosen).astype(bool)
    if gold.shape != predicted.shape or gold.ndim != 2 or gold.shape[1] != len(task.labels) or not len(gold):
        raise UndertoneError(
            f"gold and predicted labels of shape [n, {len(task.labels)}] for task {task.name!r}, n > 0",
            f"shapes {list(gold.shape)} and {list(predicted.shape)}",
            "give both for the same labelled utterances",
        )
    precision, recall, f1, support = precision_recall_fscore_support(gold, predicted, average=None, zero_division=0)
    occurs = gold.any(axis=0) | predicted.any(axis=0)
    return TaskMetrics(
        n=len(gold),
        weighted_f1=float(np.average(f1, weights=support)) if support.any() else 0.0,
        macro_f1=float(f1[occurs].mean()) if occurs.any() else 0.0,
        accuracy=float(accuracy_score(gold, predicted)),
        per_label={
            label: LabelMetrics(float(precision[i]), float(recall[i]), float(f1[i]), int(support[i]))
            for i, label in enumerate(task.labels)
        },
    )
