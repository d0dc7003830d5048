"""A task: what is recognised in an utterance, as a closed list of labels."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mobile_app.engine.errors import UndertoneError

SOFTMAX, SIGMOID = "softmax", "sigmoid"
RESERVED_NAMES = frozenset({"features", "input_ids", "attention_mask"})


@dataclass(frozen=True)
class Task:
    """A recognition task.

    :param name: lower-case identifier; also the name of the model output and of the label file.
    :param labels: the labels, in the order of the model output.
    :param activation: ``softmax`` (one label an utterance) or ``sigmoid`` (any number of labels).
    :param thresholds: for sigmoid, the probability from which a label counts, one per label; 0.5 each if absent.
    :raises UndertoneError: if a field is outside these rules.
    """

    name: str
    labels: tuple[str, ...]
    activation: str = SOFTMAX
    thresholds: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        def refuse(expected: str, found: object) -> None:
            raise UndertoneError(f"task {self.name!r} with {expected}", str(found), "correct the task's definition")

        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name) or self.name in RESERVED_NAMES:
            refuse("a name of lower-case letters, digits and _ that is no other tensor's name", repr(self.name))
        if len(self.labels) < 2 or len(set(self.labels)) < len(self.labels):
            refuse("at least two different labels", list(self.labels))
        if any(not label.strip() or "\n" in label for label in self.labels):
            refuse("labels that are one line of text", list(self.labels))
        if self.activation not in (SOFTMAX, SIGMOID):
            refuse(f"activation {SOFTMAX} or {SIGMOID}", repr(self.activation))
        if self.thresholds is not None and (
            self.activation != SIGMOID
            or len(self.thresholds) != len(self.labels)
            or not all(0.0 < threshold < 1.0 for threshold in self.thresholds)
        ):
            refuse("thresholds only for sigmoid, one per label, between 0 and 1", self.thresholds)

    @property
    def is_multi_label(self) -> bool:
        """Whether an utterance may carry any number of labels."""
        return self.activation == SIGMOID

    def threshold(self, index: int) -> float:
        """Return the probability from which label ``index`` counts."""
        return 0.5 if self.thresholds is None else self.thresholds[index]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Task":
        """Read what :meth:`to_dict` wrote."""
        thresholds = values.get("thresholds")
        return cls(
            name=str(values["name"]),
            labels=tuple(str(label) for label in values["labels"]),
            activation=str(values["activation"]),
            thresholds=None if thresholds is None else tuple(float(threshold) for threshold in thresholds),
        )
