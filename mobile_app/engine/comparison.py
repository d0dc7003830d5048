"""Base against personal, utterance by utterance."""

from dataclasses import dataclass, field
from typing import Any

from mobile_app.engine.prequential import Prequential
from mobile_app.engine.separators.base import Label


@dataclass(frozen=True)
class Comparison:
    """Prequential scores, in one task, of the bundle's own model and of the personal learner.

    :param base: of the model that never learns.
    :param personal: of the learner, before it learns each utterance.
    """

    base: Prequential = field(default_factory=Prequential)
    personal: Prequential = field(default_factory=Prequential)

    def add(self, true: Label, base: Label, personal: Label) -> None:
        """Count one utterance."""
        self.base.add(true, base)
        self.personal.add(true, personal)

    def marks(self) -> list[dict[str, Any]]:
        """Return plain JSON values: both scores at every power of two and at the end."""
        return [
            {
                "n": base.n,
                "base": {"accuracy": base.accuracy, "weighted_f1": base.weighted_f1},
                "personal": {"accuracy": personal.accuracy, "weighted_f1": personal.weighted_f1},
            }
            for base, personal in zip(self.base.marks, self.personal.marks, strict=True)
        ]
