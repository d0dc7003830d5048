"""The tokenizer of a bundle: one interface, and the choice among the kinds."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mobile_app.engine.byte_pair import BytePair
from mobile_app.engine.errors import BundleError
from mobile_app.engine.pieces_file import read_pieces_file
from mobile_app.engine.unigram import Unigram
from mobile_app.engine.wordpiece import WordPiece

if TYPE_CHECKING:
    from mobile_app.engine.manifest import TokenizerSpec

WORDPIECE = "wordpiece"


class Tokenizer(Protocol):
    """Turns text into token ids; to cut them to a length is the work of :func:`mobile_app.engine.wordpiece.truncate`.

    ``pieces`` is the vocabulary, a piece's position being its id; the ids of the special pieces stand beside it.
    """

    @property
    def pieces(self) -> Sequence[str]:
        """The vocabulary."""

    @property
    def pad_id(self) -> int:
        """The id that fills a length bucket."""

    @property
    def unk_id(self) -> int:
        """The id of what the vocabulary cannot spell."""

    @property
    def cls_id(self) -> int:
        """The id before every text."""

    @property
    def sep_id(self) -> int:
        """The id after every text."""

    def encode(self, text: str) -> list[int]:
        """Return the ids of ``text`` between the first and the closing special id, however many they are."""


def read_tokenizer(folder: Path, spec: "TokenizerSpec") -> Tokenizer:
    """Read the tokenizer that a manifest or a run describes.

    :param folder: where the file with the vocabulary is.
    :raises UndertoneError: if the kind is unknown, or the file cannot be read or holds something else.
    """
    if spec.type not in _READERS:
        raise BundleError(
            f"a tokenizer of type {', '.join(_READERS)}", repr(spec.type), "update Undertone to open this bundle"
        )
    return _READERS[spec.type](folder / spec.vocabulary, spec)


def _wordpiece(path: Path, spec: "TokenizerSpec") -> Tokenizer:
    return WordPiece.from_file(
        path, lowercase=spec.lowercase, strip_accents=spec.strip_accents, split_chinese=spec.split_chinese
    )


def _byte_pair(path: Path, spec: "TokenizerSpec") -> Tokenizer:
    return BytePair.from_values(read_pieces_file(path, BytePair.kind), spec.special_ids)


def _unigram(path: Path, spec: "TokenizerSpec") -> Tokenizer:
    return Unigram.from_values(read_pieces_file(path, Unigram.kind), spec.special_ids)


_READERS: Mapping[str, Callable[[Path, "TokenizerSpec"], Tokenizer]] = {
    WORDPIECE: _wordpiece,
    BytePair.kind: _byte_pair,
    Unigram.kind: _unigram,
}
