"""A smaller vocabulary for a student: which pieces of the teacher's it keeps, and where their embeddings come from."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import SPECIAL_PIECES, WordPiece
from training.tokenizer import Tokenizer

Floats = NDArray[np.float32]
# Of the pieces that are no characters this share is chosen by how often the texts need them; the rest in the order of
# the teacher's vocabulary, which is that of general English.
SHARE_BY_TEXTS = 0.85
FIRST_OTHER_SCRIPT = 0x250  # characters below are Latin; others are kept where the texts have them
FACES = range(0x1F600, 0x1F650)  # the block of emoji that are faces
SEEN_OFTEN = 2  # a character the teacher does not know is learned if the texts have it this often


@dataclass(frozen=True)
class TrimmedVocabulary:
    """A vocabulary cut down from a teacher's.

    :param tokenizer: of the student.
    :param sources: per piece the teacher's ids whose embeddings it starts from: its own one, or, for a character that
        the teacher does not know, those of the words of its Unicode name.
    """

    tokenizer: Tokenizer
    sources: tuple[tuple[int, ...], ...]

    def embeddings(self, table: Floats) -> Floats:
        """Return the embeddings ``[n, d]`` of the kept pieces from the teacher's table."""
        return np.stack([table[list(ids)].mean(axis=0) for ids in self.sources])


@dataclass(frozen=True)
class Coverage:
    """How a vocabulary fits texts.

    :param unknown: share of the tokens that are [UNK].
    :param tokens: mean number of tokens of a text, [CLS] and [SEP] included.
    """

    unknown: float
    tokens: float


def trim(teacher: Tokenizer, texts: Sequence[str], size: int) -> TrimmedVocabulary:
    """Choose the pieces of a student's vocabulary.

    Kept are the special pieces, every Latin character, and the characters of the texts, among them emoji that the
    teacher does not know; then the pieces that the texts need most often, then the teacher's first words. Kept pieces
    stay in the teacher's order, so that what is common keeps small ids.

    :param texts: of train splits alone.
    :param size: the number of pieces; fewer if the teacher has no more.
    :raises UndertoneError: if the special pieces and characters alone are more.
    """
    wordpiece = teacher.wordpiece
    places = {piece: place for place, piece in enumerate(wordpiece.pieces)}
    seen = _characters(texts)
    kept = {piece for piece in (*SPECIAL_PIECES, *_known_characters(places, seen)) if piece in places}
    new = _new_characters(places, seen)
    room = size - len(kept) - len(new)
    if room < 0:
        raise UndertoneError(
            f"a vocabulary of at least {size - room} pieces, the special ones and characters",
            str(size),
            "choose a larger --vocabulary",
        )
    enough = len(kept) + round(SHARE_BY_TEXTS * room)
    for count, candidates in ((enough, _by_frequency(wordpiece, texts)), (size - len(new), _in_order(wordpiece))):
        for piece in candidates:
            if len(kept) >= count:
                break
            kept.add(piece)
    known = sorted(kept, key=places.__getitem__)
    spec = teacher.spec
    return TrimmedVocabulary(
        Tokenizer.of(
            [*known, *new],
            lowercase=spec.lowercase,
            strip_accents=spec.strip_accents,
            split_chinese=spec.split_chinese,
        ),
        (*((places[piece],) for piece in known), *(_named(wordpiece, piece) for piece in new)),
    )


def coverage(wordpiece: WordPiece, texts: Iterable[str]) -> Coverage:
    """Measure how a vocabulary fits texts."""
    encoded = [wordpiece.encode(text) for text in texts]
    tokens = sum(map(len, encoded))
    return Coverage(sum(ids.count(wordpiece.unk_id) for ids in encoded) / tokens, tokens / len(encoded))


def _characters(texts: Iterable[str]) -> Counter[str]:
    """Count the characters of texts as the tokenizer sees them: decomposed, without marks, controls and blanks."""
    counts = Counter(character for text in texts for character in unicodedata.normalize("NFD", text.lower()))
    return Counter(
        {one: count for one, count in counts.items() if unicodedata.category(one)[0] not in "MCZ" and one.isprintable()}
    )


def _known_characters(places: dict[str, int], seen: Counter[str]) -> Iterator[str]:
    for piece in places:
        character = piece.removeprefix("##")
        if len(character) == 1 and (ord(character) < FIRST_OTHER_SCRIPT or character in seen):
            yield piece


def _new_characters(places: dict[str, int], seen: Counter[str]) -> list[str]:
    """Return pieces for characters that the teacher does not know, as the start of a word and as its continuation."""
    characters = {one for one, count in seen.items() if count >= SEEN_OFTEN} | set(map(chr, FACES))
    return [piece for one in sorted(characters) if one not in places for piece in (one, f"##{one}")]


def _by_frequency(wordpiece: WordPiece, texts: Iterable[str]) -> Iterator[str]:
    counts = Counter(token for text in texts for token in wordpiece.encode(text))
    return (wordpiece.pieces[token] for token, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _in_order(wordpiece: WordPiece) -> Iterator[str]:
    return (piece for piece in wordpiece.pieces if piece.isascii() and piece.removeprefix("##").isalpha())


def _named(wordpiece: WordPiece, piece: str) -> tuple[int, ...]:
    """Return the teacher's ids of the words of a character's Unicode name, such as "loudly crying face"."""
    name = unicodedata.name(piece.removeprefix("##"), "")
    return tuple(wordpiece.encode(name)[1:-1]) or (wordpiece.unk_id,)
