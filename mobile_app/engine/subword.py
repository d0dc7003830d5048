"""What tokenizers have in common that look for added pieces in the text and cut the rest into words."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mobile_app.engine.added_pieces import AddedPieces
from mobile_app.engine.pieces_file import SpecialIds

# Words whose ids are remembered: at most so many, none longer than this.
_CACHE_SIZE = 1 << 15
_CACHED_LENGTH = 32


class Subword(ABC):
    """Text to token ids by way of added pieces, normalisation and words.

    :param pieces: the vocabulary; a piece's position is its id.
    :param added: the pieces that are looked for in the text itself.
    :param special: the ids of the pieces with a role.
    """

    def __init__(self, pieces: Sequence[str], added: Iterable[Mapping[str, Any]], special: SpecialIds) -> None:
        self.pieces = tuple(pieces)
        self.pad_id, self.unk_id, self.cls_id, self.sep_id = special.pad, special.unk, special.cls, special.sep
        self._added = list(added)
        self._raw = AddedPieces.of(self._added, normalized=False)
        normalised = ({**one, "content": self._normalise(one["content"])} for one in self._added)
        self._normalised = AddedPieces.of(normalised, normalized=True)
        self._cache: dict[str, tuple[int, ...]] = {}

    def encode(self, text: str) -> list[int]:
        """Return the ids of ``text`` between the first and the closing special id, however many they are."""
        if not text.isascii():
            text = text.encode("utf-8", "ignore").decode("utf-8")
        ids = [self.cls_id]
        for part in self._raw.split(text):
            if isinstance(part, int):
                ids.append(part)
                continue
            for inner in self._normalised.split(self._normalise(part)):
                ids += [inner] if isinstance(inner, int) else self._encode_part(inner)
        ids.append(self.sep_id)
        return ids

    def _encode_part(self, text: str) -> list[int]:
        """Return the ids of normalised text without added pieces."""
        ids: list[int] = []
        known = self._cache.get
        for word in self._words(text):
            found = known(word)
            ids += self._encode_word(word) if found is None else found
        return ids

    def _encode_word(self, word: str) -> tuple[int, ...]:
        ids = self._ids_of(word)
        if len(word) > _CACHED_LENGTH:
            return ids
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        return self._cache.setdefault(word, ids)

    def _normalise(self, text: str) -> str:
        """Return text as the vocabulary has it."""
        return text

    @abstractmethod
    def _words(self, text: str) -> Iterable[str]:
        """Cut normalised text into words, which are encoded one by one."""

    @abstractmethod
    def _ids_of(self, word: str) -> tuple[int, ...]:
        """Return the ids of a word."""
