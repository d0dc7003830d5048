"""The tokenizer of a backbone: the engine's WordPiece, and how it is read from pretrained models and kept in runs."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.manifest import TokenizerSpec
from mobile_app.engine.wordpiece import SPECIAL_PIECES, WordPiece

VOCABULARY_FILE, SPEC_FILE = "vocab.txt", "tokenizer.json"


@dataclass(frozen=True)
class Tokenizer:
    """A WordPiece tokenizer with its description.

    On disk a folder with ``vocab.txt`` (one piece per line, LF) and ``tokenizer.json`` (the fields of the description).
    """

    wordpiece: WordPiece
    spec: TokenizerSpec

    @classmethod
    def of(
        cls, pieces: Sequence[str], *, lowercase: bool, strip_accents: bool | None, split_chinese: bool
    ) -> "Tokenizer":
        """Make a tokenizer of a vocabulary, a piece's position being its id."""
        wordpiece = WordPiece(pieces, lowercase=lowercase, strip_accents=strip_accents, split_chinese=split_chinese)
        positions = {piece: index for index, piece in enumerate(pieces)}
        spec = TokenizerSpec(
            type="wordpiece",
            lowercase=lowercase,
            strip_accents=strip_accents,
            split_chinese=split_chinese,
            vocabulary=VOCABULARY_FILE,
            vocabulary_sha256=hashlib.sha256(_file_of(pieces)).hexdigest(),
            vocabulary_size=len(pieces),
            special_ids={piece.strip("[]").lower(): positions[piece] for piece in SPECIAL_PIECES if piece in positions},
        )
        return cls(wordpiece, spec)

    def save(self, folder: Path) -> None:
        """Write the two files."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / VOCABULARY_FILE).write_bytes(_file_of(self.wordpiece.pieces))
        (folder / SPEC_FILE).write_text(json.dumps(asdict(self.spec), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Tokenizer":
        """Read what :meth:`save` wrote.

        :raises UndertoneError: if a file is missing, or the vocabulary is not the one of the description.
        """
        try:
            spec = TokenizerSpec(**json.loads((folder / SPEC_FILE).read_text(encoding="utf-8")))
            digest = hashlib.sha256((folder / VOCABULARY_FILE).read_bytes()).hexdigest()
        except (OSError, ValueError, TypeError) as error:
            raise UndertoneError(f"a tokenizer in {folder}", str(error), "copy the run folder again") from None
        if digest != spec.vocabulary_sha256:
            raise UndertoneError(
                f"the vocabulary with hash {spec.vocabulary_sha256[:12]} in {folder}",
                f"hash {digest[:12]}",
                "copy the run folder again",
            )
        wordpiece = WordPiece.from_file(
            folder / VOCABULARY_FILE,
            lowercase=spec.lowercase,
            strip_accents=spec.strip_accents,
            split_chinese=spec.split_chinese,
        )
        return cls(wordpiece, spec)


def from_fast_tokenizer(description: str, name: str) -> Tokenizer:
    """Read the tokenizer of a pretrained model.

    :param description: its ``tokenizer.json`` as text, in the format of the tokenizers library.
    :param name: of the model, for messages.
    :raises UndertoneError: if it is no WordPiece tokenizer with BERT's normalisation.
    """
    values = json.loads(description)
    model, normalizer = values["model"], values.get("normalizer") or {}
    if model.get("type") != "WordPiece" or normalizer.get("type") != "BertNormalizer":
        raise UndertoneError(
            "a backbone with a WordPiece tokenizer, as of BERT, DistilBERT, MobileBERT or MiniLM",
            f"a {model.get('type')} tokenizer in {name}",
            "choose a backbone of that family",
        )
    return Tokenizer.of(
        _in_order(model["vocab"], name),
        lowercase=bool(normalizer["lowercase"]),
        strip_accents=normalizer["strip_accents"],
        split_chinese=bool(normalizer["handle_chinese_chars"]),
    )


def train_wordpiece(texts: Iterable[str], *, size: int = 4000) -> Tokenizer:
    """Train an uncased WordPiece vocabulary on texts; the same texts in any order give the same vocabulary.

    :param texts: of the train split alone.
    :param size: the most pieces.
    """
    from tokenizers import Tokenizer as FastTokenizer
    from tokenizers import models, normalizers, pre_tokenizers, trainers

    fast = FastTokenizer(models.WordPiece(unk_token="[UNK]"))
    fast.normalizer = normalizers.BertNormalizer(lowercase=True)
    fast.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    texts = list(texts)
    # The trainer numbers characters in the order of a hash table that differs from run to run, and breaks ties between
    # merges by these numbers. Given as "special" pieces, they have fixed numbers instead.
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=[*SPECIAL_PIECES, *_characters(fast, texts)],
        show_progress=False,
    )
    fast.train_from_iterator(texts, trainer)
    return Tokenizer.of(_in_order(fast.get_vocab(), "tiny"), lowercase=True, strip_accents=None, split_chinese=True)


def _characters(fast: Any, texts: Iterable[str]) -> list[str]:
    """Return the characters that begin a word, and with ## those that continue one."""
    first: set[str] = set()
    later: set[str] = set()
    for text in texts:
        for word, _ in fast.pre_tokenizer.pre_tokenize_str(fast.normalizer.normalize_str(text)):
            first.add(word[0])
            later.update(word[1:])
    return [*sorted(first), *(f"##{character}" for character in sorted(later))]


def _in_order(vocabulary: dict[str, int], name: str) -> list[str]:
    pieces = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[piece] for piece in pieces] != list(range(len(pieces))):
        raise UndertoneError(f"token ids without gaps in {name}", "gaps", "choose another backbone")
    return pieces


def _file_of(pieces: Sequence[str]) -> bytes:
    return ("\n".join(pieces) + "\n").encode("utf-8")
