"""What there is to say about a text: the model's opinion, and what the person said about it before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mobile_app.engine.prediction import Prediction, TaskPrediction
    from mobile_app.engine.separators.base import Label


@dataclass(frozen=True)
class Opinion:
    """A prediction, and beside it the person's own labels of exactly the same text.

    :param prediction: of the learner; its probabilities are shown as they are.
    :param yours: per task what the person said when this text came last; empty if it is new.
    :param in_talk: what the context model says in the light of the turns before; empty where there is none.
    """

    prediction: Prediction
    yours: Mapping[str, Label] = field(default_factory=dict)
    in_talk: Mapping[str, TaskPrediction] = field(default_factory=dict)

    def suggestion(self, task: str) -> Label:
        """Return what to suggest in a task: the person's own label, or else the learner's."""
        return self.yours[task] if task in self.yours else self.prediction.tasks[task].label
