"""What the app remembers between two starts besides the store: the card in hand, the page, what a person has set."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mobile_app.ui.card import Card
from mobile_app.ui.talk import Talk

SYSTEM, LIGHT, DARK = "system", "light", "dark"


@dataclass(frozen=True)
class SavedState:
    """The state of the app.

    :param theme: ``system``, ``light`` or ``dark``.
    :param screen: the page last looked at.
    :param language: a language of the table, or ``system``.
    :param recipe: the model file that the person chose; empty for the bundle's default.
    :param intro: whether the person has seen what the app is.
    :param inbox: uid of the utterance that is being labelled in the inbox.
    :param talk: the conversation under way.
    """

    card: Card = field(default_factory=Card)
    theme: str = SYSTEM
    screen: str = "say"
    language: str = SYSTEM
    recipe: str = ""
    intro: bool = False
    inbox: str = ""
    talk: Talk = field(default_factory=Talk)


class StateFile:
    """Keeps the state in a small JSON file beside the store."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, store: Path) -> "StateFile":
        """Return the file that belongs to a store."""
        return cls(store.with_name(f"{store.stem}.app.json"))

    def load(self) -> SavedState:
        """Return the state last saved; a missing or damaged file is a fresh start, for it holds no labels."""
        try:
            return _state(json.loads(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return SavedState()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            logging.getLogger(__name__).warning("the state of the app could not be read; starting afresh")
            return SavedState()

    def save(self, state: SavedState) -> None:
        """Write the state so that the app can be killed at any moment.

        It is renamed into place but not flushed to the disk: that would cost a frame at every key, and only a loss
        of power could take back the last letters of a text that is not saved yet.
        """
        values = {**vars(state), "card": state.card.to_dict(), "talk": state.talk.to_dict()}
        temporary = self._path.with_name(f".{self._path.name}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(values, ensure_ascii=False), "utf-8")
            temporary.replace(self._path)
        except OSError as error:
            logging.getLogger(__name__).warning("the state of the app could not be written: %s", error)


def _state(values: dict[str, Any]) -> SavedState:
    """Read what was saved; versions before this one knew card, theme and screen alone."""
    return SavedState(
        card=Card.from_dict(values["card"]),
        theme=str(values["theme"]),
        screen=str(values["screen"]),
        language=str(values.get("language", SYSTEM)),
        recipe=str(values.get("recipe", "")),
        intro=bool(values.get("intro", True)),
        inbox=str(values.get("inbox", "")),
        talk=Talk.from_dict(values["talk"]) if "talk" in values else Talk(),
    )
