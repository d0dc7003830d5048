"""The tokenizer of a backbone: the engine's, and how it is trained, and kept in runs."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine import tokenizer as engines
from mobile_app.engine.byte_pair import BytePair
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.manifest import TokenizerSpec
from mobile_app.engine.pieces_file import PIECES_FILE, write_pieces_file
from mobile_app.engine.unigram import Unigram
from mobile_app.engine.wordpiece import SPECIAL_PIECES, WordPiece

# Above this share of letters with a mark, marks are part of how a language is written; English has a few in a million.
ACCENTED = 0.005
VOCABULARY_FILE, SPEC_FILE = "vocab.txt", "tokenizer.json"


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer of the engine with its description.

    On disk a folder with ``vocab.txt`` (word pieces: one per line, LF) or ``pieces.json`` (the other kinds), and
    ``tokenizer.json`` (the fields of the description).
    """

    engine: engines.Tokenizer
    spec: TokenizerSpec

    @classmethod
    def of(
        cls, pieces: Sequence[str], *, lowercase: bool, strip_accents: bool | None, split_chinese: bool
    ) -> "Tokenizer":
        """Make a WordPiece tokenizer of a vocabulary, a piece's position being its id."""
        wordpiece = WordPiece(pieces, lowercase=lowercase, strip_accents=strip_accents, split_chinese=split_chinese)
        positions = {piece: index for index, piece in enumerate(pieces)}
        spec = TokenizerSpec(
            type=engines.WORDPIECE,
            lowercase=lowercase,
            strip_accents=strip_accents,
            split_chinese=split_chinese,
            vocabulary=VOCABULARY_FILE,
            vocabulary_sha256=hashlib.sha256(_file_of(wordpiece)).hexdigest(),
            vocabulary_size=len(pieces),
            special_ids={piece.strip("[]").lower(): positions[piece] for piece in SPECIAL_PIECES if piece in positions},
        )
        return cls(wordpiece, spec)

    @classmethod
    def of_values(cls, engine: BytePair | Unigram, special_ids: Mapping[str, int]) -> "Tokenizer":
        """Describe a tokenizer that lives in ``pieces.json``."""
        spec = TokenizerSpec(
            type=engine.kind,
            lowercase=False,
            strip_accents=None,
            split_chinese=False,
            vocabulary=PIECES_FILE,
            vocabulary_sha256=hashlib.sha256(_file_of(engine)).hexdigest(),
            vocabulary_size=len(engine.pieces),
            special_ids=dict(special_ids),
        )
        return cls(engine, spec)

    @property
    def wordpiece(self) -> WordPiece:
        """The tokenizer, for what works with word pieces alone.

        :raises UndertoneError: if it is of another kind.
        """
        if not isinstance(self.engine, WordPiece):
            raise UndertoneError(
                "a WordPiece tokenizer, as of BERT, DistilBERT, MobileBERT or MiniLM",
                f"one of type {self.spec.type}",
                "choose a backbone of that family",
            )
        return self.engine

    def save(self, folder: Path) -> None:
        """Write the two files."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.spec.vocabulary).write_bytes(_file_of(self.engine))
        (folder / SPEC_FILE).write_text(json.dumps(asdict(self.spec), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Tokenizer":
        """Read what :meth:`save` wrote.

        :raises UndertoneError: if a file is missing, or the vocabulary is not the one of the description.
        """
        try:
            spec = TokenizerSpec(**json.loads((folder / SPEC_FILE).read_text(encoding="utf-8")))
            digest = hashlib.sha256((folder / spec.vocabulary).read_bytes()).hexdigest()
        except (OSError, ValueError, TypeError) as error:
            raise UndertoneError(f"a tokenizer in {folder}", str(error), "copy the run folder again") from None
        if digest != spec.vocabulary_sha256:
            raise UndertoneError(
                f"the vocabulary with hash {spec.vocabulary_sha256[:12]} in {folder}",
                f"hash {digest[:12]}",
                "copy the run folder again",
            )
        return cls(engines.read_tokenizer(folder, spec), spec)


def train_wordpiece(texts: Iterable[str], *, size: int = 4000) -> Tokenizer:
    """Train an uncased WordPiece vocabulary on texts; the same texts in any order give the same vocabulary.

    Accents are stripped as BERT does, but where the texts are written with them, as in Turkish, Russian or German.

    :param texts: of the train split alone.
    :param size: the most pieces.
    """
    from tokenizers import Tokenizer as FastTokenizer
    from tokenizers import models, normalizers, pre_tokenizers, trainers

    fast = FastTokenizer(models.WordPiece(unk_token="[UNK]"))
    texts = list(texts)
    strip_accents = False if _share_of_accents(texts) > ACCENTED else None
    fast.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=strip_accents)
    fast.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # The trainer numbers characters in the order of a hash table that differs from run to run, and breaks ties between
    # merges by these numbers. Given as "special" pieces, they have fixed numbers instead.
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=[*SPECIAL_PIECES, *_characters(fast, texts)],
        show_progress=False,
    )
    fast.train_from_iterator(texts, trainer)
    vocabulary = fast.get_vocab()
    return Tokenizer.of(
        sorted(vocabulary, key=vocabulary.__getitem__), lowercase=True, strip_accents=strip_accents, split_chinese=True
    )


def _share_of_accents(texts: Iterable[str]) -> float:
    """Return the share of the letters that are written with a mark."""
    letters = marks = 0
    for text in texts:
        for character in unicodedata.normalize("NFD", text):
            letters += character.isalpha()
            marks += unicodedata.category(character) == "Mn"
    return marks / max(1, letters)


def _characters(fast: Any, texts: Iterable[str]) -> list[str]:
    """Return the characters that begin a word, and with ## those that continue one."""
    first: set[str] = set()
    later: set[str] = set()
    for text in texts:
        for word, _ in fast.pre_tokenizer.pre_tokenize_str(fast.normalizer.normalize_str(text)):
            first.add(word[0])
            later.update(word[1:])
    return [*sorted(first), *(f"##{character}" for character in sorted(later))]


def _file_of(engine: engines.Tokenizer) -> bytes:
    """Return the content of the file with the vocabulary."""
    if isinstance(engine, BytePair | Unigram):
        return write_pieces_file(engine.to_values())
    return ("\n".join(engine.pieces) + "\n").encode("utf-8")
