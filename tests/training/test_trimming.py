"""A vocabulary cut down from a teacher's: which pieces stay, and that text means the same."""

import numpy as np
import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import SPECIAL_PIECES
from training.tokenizer import Tokenizer
from training.trimming import coverage, trim

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["the", "cat", "sat", "rare", "loud", "##ly", "crying", "face", "mat"]
PIECES = [*SPECIAL_PIECES, *LETTERS, *(f"##{letter}" for letter in LETTERS), "!", *WORDS]
TEXTS = ["the cat sat", "the cats", "the cat!", "cat 😭", "oh 😭"]


@pytest.fixture
def teacher() -> Tokenizer:
    return Tokenizer.of(PIECES, lowercase=True, strip_accents=None, split_chinese=True)


def test_text_of_kept_pieces_gets_the_same_embeddings(teacher):
    trimmed = trim(teacher, TEXTS, 250)
    table = np.random.default_rng(1).normal(size=(len(PIECES), 5)).astype(np.float32)
    small = trimmed.embeddings(table)
    assert len(small) == len(trimmed.tokenizer.wordpiece.pieces)
    for text in ("the cat sat", "the cats!", "a b c"):
        ids, before = trimmed.tokenizer.wordpiece.encode(text), teacher.wordpiece.encode(text)
        np.testing.assert_array_equal(small[ids], table[before])


def test_what_the_texts_need_stays_and_the_rest_is_spelled(teacher):
    emoji = len(trim(teacher, TEXTS, 10_000).sources) - len(PIECES)
    trimmed = trim(teacher, TEXTS, len(PIECES) - len(WORDS) + emoji + 2).tokenizer.wordpiece
    assert {"the", "cat"} <= set(trimmed.pieces)
    assert "rare" not in trimmed.pieces
    assert [trimmed.pieces[token] for token in trimmed.encode("rare")[1:-1]] == ["r", "##a", "##r", "##e"]


def test_an_emoji_the_teacher_does_not_know_starts_from_its_name(teacher):
    trimmed = trim(teacher, TEXTS, 10_000)
    place = trimmed.tokenizer.wordpiece.pieces.index("😭")  # LOUDLY CRYING FACE
    assert trimmed.sources[place] == tuple(teacher.wordpiece.encode("loudly crying face")[1:-1])
    assert coverage(teacher.wordpiece, TEXTS).unknown > 0
    assert coverage(trimmed.tokenizer.wordpiece, TEXTS).unknown == 0


def test_the_same_texts_in_another_order_give_the_same_vocabulary(teacher):
    one, other = trim(teacher, TEXTS, 230), trim(teacher, TEXTS[::-1], 230)
    assert one.tokenizer.wordpiece.pieces == other.tokenizer.wordpiece.pieces


def test_a_vocabulary_too_small_for_the_characters_is_refused(teacher):
    with pytest.raises(UndertoneError, match=r"a vocabulary of at least \d+ pieces.*found 20; choose a larger"):
        trim(teacher, TEXTS, 20)
