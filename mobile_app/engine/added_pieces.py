"""Pieces that are looked for in text before anything else is done to it, such as <s> and <mask>."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mobile_app.engine import unicode_tables


@dataclass(frozen=True)
class AddedPiece:
    """A piece with an id of its own.

    :param content: as it stands in text.
    :param id: its token id.
    :param strip_left: whether white space before it belongs to it.
    :param strip_right: whether white space after it belongs to it.
    :param normalized: whether it is looked for in the normalised text, after those that are not.
    """

    content: str
    id: int
    strip_left: bool = False
    strip_right: bool = False
    normalized: bool = False


@dataclass(frozen=True)
class AddedPieces:
    """Finds added pieces in text: of those that begin at the first place, the longest."""

    pieces: tuple[AddedPiece, ...]

    @classmethod
    def of(cls, values: Iterable[Mapping[str, Any]], *, normalized: bool) -> "AddedPieces":
        """Return the pieces of ``pieces.json`` that are looked for before or after the normalisation."""
        pieces = (AddedPiece(**value) for value in values)
        return cls(tuple(piece for piece in pieces if piece.normalized == normalized))

    def split(self, text: str) -> Iterator[str | int]:
        """Yield what lies between the pieces as text, and the pieces as ids."""
        start = 0
        for found in self._pattern.finditer(text) if self.pieces else ():
            piece = self._by_content[found.group()]
            first, last = found.span()
            if piece.strip_left:
                first = max(start, len(text[:first].rstrip(_SPACES)))
            if piece.strip_right:
                last = len(text) - len(text[last:].lstrip(_SPACES))
            if start < first:
                yield text[start:first]
            yield piece.id
            start = last
        if start < len(text):
            yield text[start:]

    @cached_property
    def _by_content(self) -> dict[str, AddedPiece]:
        return {piece.content: piece for piece in self.pieces}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._by_content, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))


_SPACES = "".join(unicode_tables.members(unicode_tables.WHITE_SPACE))
