"""A conversation: who said what, turn by turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mobile_app.ui.card import Card

KEPT = 6  # turns that stay in sight


@dataclass(frozen=True)
class Talk:
    """The conversation in which utterances are turns.

    :param dialogue: its identifier; empty while utterances stand by themselves.
    :param speaker: who says the utterance in hand.
    :param turns: speaker and text of the last turns.
    :param position: place of the utterance in hand, counted from 0.
    """

    dialogue: str = ""
    speaker: str = ""
    turns: tuple[tuple[str, str], ...] = ()
    position: int = 0

    def origin(self) -> dict[str, Any]:
        """Return what is stored with the utterance in hand."""
        if not self.dialogue:
            return {}
        return {"speaker": self.speaker.strip() or None, "dialogue": self.dialogue, "position": self.position}

    def after(self, card: Card) -> Talk:
        """Return the conversation after a turn; of two who talk, the other one goes on."""
        turns = (*self.turns, (self.speaker.strip(), card.text.strip()))[-KEPT:]
        others = [name for name, _text in reversed(turns) if name and name != self.speaker.strip()]
        return replace(self, turns=turns, position=self.position + 1, speaker=others[0] if others else self.speaker)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        turns = [list(turn) for turn in self.turns]
        return {"dialogue": self.dialogue, "speaker": self.speaker, "turns": turns, "position": self.position}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Talk:
        """Read what :meth:`to_dict` wrote."""
        turns = tuple((str(speaker), str(text)) for speaker, text in values["turns"])
        return cls(str(values["dialogue"]), str(values["speaker"]), turns, int(values["position"]))
