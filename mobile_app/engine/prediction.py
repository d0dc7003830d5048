"""What the engine says about an utterance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task


@dataclass(frozen=True)
class Encoding:
    """An utterance after the model: features for the separators, and the model's own probabilities.

    :param n_tokens: tokens that reached the model, the special ones included.
    :param truncated: whether tokens were cut off to fit the longest bucket.
    :param length_bucket: the length that the model ran at.
    :param features: ``[d]`` float32.
    :param probabilities: per task ``[n_labels]`` float32, from the model's own heads.
    """

    text: str
    n_tokens: int
    truncated: bool
    length_bucket: int
    features: NDArray[np.float32]
    probabilities: dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class TaskPrediction:
    """Probabilities of one task, and the label or labels that follow from them.

    :param label: the label for a softmax task; for a sigmoid task the labels at or above their thresholds, the most
        probable first (possibly none).
    :param probabilities: label to probability, in the order of the task's labels.
    """

    label: str | tuple[str, ...]
    probabilities: dict[str, float]

    @classmethod
    def of(cls, task: Task, labels: tuple[str, ...], probabilities: NDArray[Any]) -> "TaskPrediction":
        """Decide the label of ``task`` from ``probabilities`` aligned with ``labels``.

        ``labels`` may be longer than the task's own: labels that a person added come last and count from 0.5.
        """
        by_label = {label: float(p) for label, p in zip(labels, probabilities, strict=True)}
        ranked = sorted(by_label, key=by_label.__getitem__, reverse=True)
        if not task.is_multi_label:
            return cls(ranked[0], by_label)
        thresholds = {label: task.threshold(index) for index, label in enumerate(task.labels)}
        return cls(tuple(label for label in ranked if by_label[label] >= thresholds.get(label, 0.5)), by_label)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        label = list(self.label) if isinstance(self.label, tuple) else self.label
        return {"label": label, "probabilities": self.probabilities}


@dataclass(frozen=True)
class Prediction:
    """An utterance's predictions, task by task."""

    encoding: Encoding
    tasks: dict[str, TaskPrediction]

    def to_dict(self, *, features: bool = False) -> dict[str, Any]:
        """Return the JSON object that ``python -m mobile_app predict`` prints."""
        encoding = self.encoding
        values: dict[str, Any] = {
            "text": encoding.text,
            "n_tokens": encoding.n_tokens,
            "truncated": encoding.truncated,
            "length_bucket": encoding.length_bucket,
            "tasks": {name: task.to_dict() for name, task in self.tasks.items()},
        }
        if features:
            values["features"] = [float(value) for value in encoding.features]
        return values
