"""WordPiece: text to token ids, in pure Python, exactly as the tokenizer that the backbone was trained with."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from mobile_app.engine import unicode_tables
from mobile_app.engine.errors import UndertoneError

SPECIAL_PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LONGEST_WORD = 100

# Chunks of text between two spaces whose ids are remembered: at most so many, none longer than this.
_CACHE_SIZE = 1 << 15
_CACHED_LENGTH = 32

_ASCII_WORDS = re.compile(r"[A-Za-z0-9]+|[!-/:-@\[-`{-~]").findall


def truncate(ids: Sequence[int], length: int, sep_id: int) -> list[int]:
    """Return ``ids``, if longer than ``length`` cut to its first ``length - 1`` ids and the closing [SEP]."""
    return list(ids) if len(ids) <= length else [*ids[: length - 1], sep_id]


class WordPiece:
    """Greedy longest-match-first word pieces after BERT's normalisation (Devlin et al. 2019, section 3).

    Gives the same ids as the Rust tokenizer behind transformers' ``BertTokenizerFast``, special pieces written in the
    text included. Lone surrogates, which that one refuses, are dropped like control characters.

    :param pieces: the vocabulary; a piece's position is its id.
    :param lowercase: whether text is lower-cased.
    :param strip_accents: whether non-spacing marks are removed (None: as ``lowercase``).
    :param split_chinese: whether each CJK character is a word of its own.
    :raises UndertoneError: if [PAD], [UNK], [CLS] or [SEP] is not in the vocabulary.
    """

    def __init__(
        self,
        pieces: Sequence[str],
        *,
        lowercase: bool = True,
        strip_accents: bool | None = None,
        split_chinese: bool = True,
    ) -> None:
        self.pieces = tuple(pieces)
        self._ids = {piece: index for index, piece in enumerate(self.pieces)}
        missing = [piece for piece in SPECIAL_PIECES[:4] if piece not in self._ids]
        if missing:
            raise UndertoneError(
                f"a WordPiece vocabulary with {', '.join(SPECIAL_PIECES[:4])}",
                f"{len(self.pieces)} pieces without {', '.join(missing)}",
                "use the vocab.txt that came with the backbone",
            )
        self.pad_id, self.unk_id, self.cls_id, self.sep_id = (self._ids[piece] for piece in SPECIAL_PIECES[:4])
        self._continuations = {piece[2:]: index for piece, index in self._ids.items() if piece.startswith("##")}
        self._longest_piece = max(map(len, self.pieces))
        self._lowercase, self._split_chinese = lowercase, split_chinese
        self._strip_accents = lowercase if strip_accents is None else strip_accents
        special = "|".join(re.escape(piece) for piece in SPECIAL_PIECES if piece in self._ids)
        self._split_specials = re.compile(f"({special})").split
        self._cache: dict[str, tuple[int, ...]] = {}

    @classmethod
    def from_file(
        cls,
        path: Path,
        *,
        lowercase: bool = True,
        strip_accents: bool | None = None,
        split_chinese: bool = True,
    ) -> "WordPiece":
        """Read a vocabulary of one piece per line.

        :raises UndertoneError: if the file cannot be read, is not UTF-8 or lacks a special piece.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UndertoneError(
                f"a vocabulary of one piece per line in {path}", str(error), "point to a readable vocab.txt in UTF-8"
            ) from None
        pieces = text.removesuffix("\n").split("\n")
        return cls(pieces, lowercase=lowercase, strip_accents=strip_accents, split_chinese=split_chinese)

    def encode(self, text: str) -> list[int]:
        """Return the ids of ``text`` between [CLS] and [SEP], however many they are."""
        ids = [self.cls_id]
        known = self._cache.get
        for chunk in text.split(" "):
            found = known(chunk)
            ids += self._encode_chunk(chunk) if found is None else found
        ids.append(self.sep_id)
        return ids

    def words(self, text: str) -> list[str]:
        """Return the normalised words and punctuation marks of text without special pieces, before the vocabulary."""
        if text.isascii() and text.isprintable():
            return _ASCII_WORDS(text.lower() if self._lowercase else text)
        return _words()(self._normalise(text))

    def _encode_chunk(self, chunk: str) -> tuple[int, ...]:
        """Return the ids of text without U+0020: nothing in the normalisation reaches over a space."""
        ids: list[int] = []
        if "[" in chunk:
            # Odd places hold the special pieces themselves, which are found before any normalisation.
            for place, part in enumerate(self._split_specials(chunk)):
                ids += [self._ids[part]] if place % 2 else self._encode_part(part)
        else:
            ids = self._encode_part(chunk)
        if len(chunk) > _CACHED_LENGTH:
            return tuple(ids)
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        return self._cache.setdefault(chunk, tuple(ids))

    def _encode_part(self, text: str) -> list[int]:
        ids: list[int] = []
        for word in self.words(text):
            whole = self._ids.get(word)
            if whole is None or len(word) > LONGEST_WORD:
                ids += self._encode_word(word)
            else:
                ids.append(whole)
        return ids

    def _normalise(self, text: str) -> str:
        """Return text cleaned of control characters; then CJK, accents and case as the settings say, in this order."""
        text = _one_of(unicode_tables.SPACES).sub(" ", _one_of(unicode_tables.DROPPED).sub("", text))
        if self._split_chinese:
            text = _one_of(unicode_tables.CHINESE).sub(r" \g<0> ", text)
        if self._strip_accents:
            text = _without_marks(text)
        if self._lowercase:
            text = text.translate(_lower_case()).lower()
        return text

    def _encode_word(self, word: str) -> list[int]:
        """Return the longest pieces from left to right, or [UNK] alone if the word cannot be made of pieces."""
        if len(word) > LONGEST_WORD:
            return [self.unk_id]
        ids: list[int] = []
        vocabulary, start = self._ids, 0
        while start < len(word):
            for end in range(min(len(word), start + self._longest_piece), start, -1):
                index = vocabulary.get(word[start:end])
                if index is not None:
                    break
            else:
                return [self.unk_id]
            ids.append(index)
            vocabulary, start = self._continuations, end
        return ids


@cache
def _one_of(ranges: str) -> re.Pattern[str]:
    """Return the expression for one character of a table; compiled when text beyond ASCII first needs it."""
    return re.compile(f"[{unicode_tables.characters(ranges)}]")


@cache
def _lower_case() -> dict[int, int]:
    return unicode_tables.lower_case()


@cache
def _words() -> Callable[[str], list[str]]:
    punctuation = unicode_tables.characters(unicode_tables.PUNCTUATION)
    return re.compile(f"[^ {punctuation}]+|[{punctuation}]").findall


def _without_marks(text: str) -> str:
    """Return ``text`` decomposed (NFD of the reference's Unicode edition), non-spacing marks removed."""
    parts, start = [], 0
    for newer in _one_of(unicode_tables.NOT_DECOMPOSED).finditer(text):
        parts += [unicodedata.normalize("NFD", text[start : newer.start()]), newer.group()]
        start = newer.end()
    parts.append(unicodedata.normalize("NFD", text[start:]))
    return _one_of(unicode_tables.MARKS).sub("", "".join(parts))
