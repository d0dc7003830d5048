"""Which pages there are, and how each is made when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kivy.uix.screenmanager import Screen

from mobile_app.ui.controller import Controller
from mobile_app.ui.platform.interfaces import Platform
from mobile_app.ui.saved_state import SavedState

# Page -> the page that the back key leads to.
HOME: Mapping[str, str] = {
    "say": "say",
    "inbox": "say",
    "history": "say",
    "progress": "say",
    "yours": "say",
    "model": "yours",
}
Make = Callable[[str], Screen]


class Remember(Protocol):
    """Keeps changes of the saved state."""

    def __call__(self, **changes: Any) -> None:
        """Keep these fields."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What pages are given.

    :param state: returns what was remembered.
    :param remember: keeps changes of it.
    :param show: turns to a page.
    :param appearance_changed: called after theme or language were chosen anew.
    :param emptied: called after everything was forgotten or replaced.
    """

    controller: Controller
    platform: Platform
    store: Path
    state: Callable[[], SavedState]
    remember: Remember
    show: Callable[[str], None]
    appearance_changed: Callable[[], None]
    emptied: Callable[[], None]


def make(name: str, around: Surroundings) -> Screen:
    """Make a page; its module is loaded now and not before the first frame."""
    if name == "inbox":
        from mobile_app.ui.inbox import InboxScreen

        return InboxScreen(around)
    if name == "history":
        from mobile_app.ui.history import HistoryScreen

        return HistoryScreen(around.controller)
    if name == "progress":
        from mobile_app.ui.progress import ProgressScreen

        return ProgressScreen(around.controller, around.platform.sharing)
    if name == "model":
        from mobile_app.ui.model import ModelScreen

        return ModelScreen(around)
    from mobile_app.ui.yours import YoursScreen

    return YoursScreen(around)
