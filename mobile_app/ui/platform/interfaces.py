"""What the app asks of the system around it, one small interface each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Appearance(Protocol):
    """What a person has set for all apps. Ask again when the app comes back to the front: people change it."""

    def is_dark(self) -> bool:
        """Return whether a dark theme is wanted."""
        ...

    def font_scale(self) -> float:
        """Return by how much text is to be larger than usual: 1 is usual."""
        ...

    def languages(self) -> tuple[str, ...]:
        """Return the languages that are understood as BCP 47 tags, such as de-CH, the preferred one first."""
        ...


@dataclass(frozen=True)
class Insets:
    """How far bars, cut-outs and the keyboard reach over the window, in pixels from each edge.

    :param keyboard: how far the on-screen keyboard reaches over the window from below, ``bottom`` included; 0 while it
        is hidden.
    """

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    keyboard: int = 0


class Surroundings(Protocol):
    """What lies over the edges of the window."""

    def insets(self) -> Insets:
        """Return the insets of this moment; they change with rotation, keyboard and split screen."""
        ...


class Folders(Protocol):
    """Where the app may write."""

    def data(self) -> Path:
        """Return the folder for what must last; it exists, and updates of the app leave it alone."""
        ...

    def cache(self) -> Path:
        """Return the folder for what may vanish at any time, as a file on its way to another app; it exists."""
        ...


class Documents(Protocol):
    """Files that a person chooses, in and out. Answers come on the thread of the screens, once for each call."""

    def open(
        self,
        mime_types: Sequence[str],
        copy: Path,
        done: Callable[[bool], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the person choose a document and copy it.

        :param mime_types: what may be chosen, such as ``application/json``; ``*/*`` is anything.
        :param copy: where its content goes; written whole or not at all.
        :param done: called with True once the copy is there, with False if the person chose nothing.
        :param failed: called with an UndertoneError if the document cannot be read or the copy not be written.
        """
        ...

    def save(
        self,
        source: Path,
        name: str,
        mime_type: str,
        done: Callable[[bool], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the person choose a place for a file and copy it there.

        :param source: the file; it must stay as it is until the answer.
        :param name: proposed name of the document.
        :param mime_type: what it is.
        :param done: called with True once it is there, with False if the person chose nothing.
        :param failed: called with an UndertoneError if the file cannot be copied.
        """
        ...


class Sharing(Protocol):
    """Text for other apps."""

    def share(self, text: str, title: str) -> bool:
        """Offer text to other apps.

        :param title: what the person reads above the choice of apps.
        :return: True if the system shows that choice; False if the text went to the clipboard: the app should say so.
        :raises UndertoneError: if the text is too long for this way, or empty.
        """
        ...


@dataclass(frozen=True)
class Platform:
    """The system around the app."""

    appearance: Appearance
    surroundings: Surroundings
    folders: Folders
    documents: Documents
    sharing: Sharing
