"""Byte-level BPE: every id as the reference gives it, on whole corpora, on generated text, and on every code point."""

import json
from pathlib import Path

import pytest

from mobile_app.engine import byte_pair
from mobile_app.engine.byte_pair import BytePair
from mobile_app.engine.errors import BundleError, UndertoneError
from mobile_app.engine.pieces_file import SpecialIds, write_pieces_file
from mobile_app.engine.tokenizer import read_tokenizer
from tests.engine.references import byte_level_reference
from training.fast_tokenizer import from_fast_tokenizer


def test_every_code_point_is_the_letter_number_or_sign_of_the_reference():
    """All code points of the planes that hold characters, and the ends of the others."""
    splitter = byte_level_reference().pre_tokenizer
    codes = [*range(0xD800), *range(0xE000, 0x33600), *range(0xE0000, 0xE0200), *range(0x10FFF0, 0x110000)]
    for start in range(0, len(codes), 8192):
        text = "".join(f" a{chr(code)}1{chr(code)}" for code in codes[start : start + 8192])
        expected = [word for word, _ in splitter.pre_tokenize_str(text)]
        ours = [word.encode() for word in byte_pair.words(text)]
        spelled = ["".join(byte_pair.byte_characters()[byte] for byte in word) for word in ours]
        assert spelled == expected, f"somewhere from U+{codes[start]:04X}"


def test_stale_merges_are_passed_over_as_in_the_reference():
    """Merges in an order that no training gives: what is merged depends on the order of the reference's queue."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    merged = ["bc", "ab", "abc", "aa", "aaaa", "ca", "cab"]
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *byte_pair.byte_characters(), *merged]
    merges = [("a", "bc"), ("ab", "c"), ("aa", "aa"), ("b", "c"), ("a", "b"), ("a", "a"), ("c", "ab"), ("c", "a")]
    reference = Tokenizer(models.BPE({piece: place for place, piece in enumerate(pieces)}, merges))
    reference.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    reference.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    ours = BytePair(pieces, merges, [], SpecialIds(1, 3, 0, 2))
    for number in range(3**7):
        text = "".join("abc"[number // 3**place % 3] for place in range(7))
        assert ours.encode(text) == reference.encode(text).ids, text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v["pieces"].remove("Ġ"), r"a piece for every byte and every merge; found \d+ pieces without 'Ġ'"),
        (lambda v: v["merges"].append(["☃", "a"]), r"without '☃'"),
        (lambda v: v.pop("merges"), "pieces, merges, added pieces"),
        (lambda v: v.update(type="unigram"), r"a vocabulary of type bytepair in .*pieces\.json"),
        (lambda v: v.update(added=[{"name": "x"}]), "pieces, merges, added pieces"),
    ],
)
def test_a_damaged_vocabulary_is_refused(tmp_path, change, message):
    described = from_fast_tokenizer(byte_level_reference().to_str(), "reference")
    values = json.loads(write_pieces_file(described.engine.to_values()))
    change(values)
    (tmp_path / "pieces.json").write_bytes(write_pieces_file(values))
    with pytest.raises(BundleError, match=message):
        read_tokenizer(tmp_path, described.spec)


def test_a_vocabulary_that_cannot_be_read_is_refused(tmp_path: Path):
    described = from_fast_tokenizer(byte_level_reference().to_str(), "reference")
    with pytest.raises(BundleError, match="No such file"):
        read_tokenizer(tmp_path, described.spec)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v["model"].update(type="WordLevel"), "a tokenizer of a known family.*found another WordLevel"),
        (lambda v: v.update(normalizer={"type": "NFC"}), 'normalizer to be null .*found {"type": "NFC"}'),
        (lambda v: v["pre_tokenizer"].update(use_regex=False), "pre_tokenizer.use_regex to be true"),
        (lambda v: v["added_tokens"][0].update(single_word=True), r"added_tokens\['<s>'\].single_word to be false"),
        (lambda v: v.update(post_processor={"type": "ByteLevel"}), "one special piece before and one after"),
    ],
)
def test_a_tokenizer_with_steps_that_the_engine_has_not_is_refused(change, message):
    values = json.loads(byte_level_reference().to_str())
    change(values)
    with pytest.raises(UndertoneError, match=message):
        from_fast_tokenizer(json.dumps(values), "a backbone")
