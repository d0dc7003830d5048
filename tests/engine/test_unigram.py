"""Unigram: every id as the reference gives it, on generated text, and every code point through the normalisation."""

import json

import pytest

from mobile_app.engine.errors import BundleError, UndertoneError
from mobile_app.engine.pieces_file import SpecialIds, write_pieces_file
from mobile_app.engine.tokenizer import read_tokenizer
from mobile_app.engine.unigram import Unigram
from tests.engine.references import unigram_reference
from training.fast_tokenizer import from_fast_tokenizer


@pytest.mark.parametrize(
    "context", ["a{0}b", "{0}\u0301x", "{0}\u200d{0}\u0301", "\u0600{0}a", "\u0915\u094d{0}\u0301"]
)
def test_every_code_point_is_normalised_as_by_the_reference(context):
    """In contexts in which its grapheme cluster decides what becomes of its neighbours."""
    reference = unigram_reference()
    ours = from_fast_tokenizer(reference.to_str(), "reference").engine
    codes = [*range(0xD800), *range(0xE000, 0x33600), *range(0xE0000, 0xE0200)]
    for start in range(0, len(codes), 16384):
        text = "\n".join(context.format(chr(code)) for code in codes[start : start + 16384])
        assert ours._normalise(text) == reference.normalizer.normalize_str(text), f"from U+{codes[start]:04X}"


def test_of_equal_sums_the_reference_keeps_the_same_way():
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    scored = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    scored += [("a", -1.0), ("b", -1.0), ("ab", -2.0), ("ba", -2.0), ("aba", -3.0), ("bb", -1.0), ("▁", -1.0)]
    reference = Tokenizer(models.Unigram(scored, 3, False))
    reference.pre_tokenizer = pre_tokenizers.Metaspace()
    reference.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    ours = Unigram([piece for piece, _ in scored], [score for _, score in scored], [], SpecialIds(1, 3, 0, 2))
    for number in range(3**7):
        text = "".join("abc"[number // 3**place % 3] for place in range(7))
        assert ours.encode(text) == reference.encode(text).ids, text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.pop("scores"), "pieces, scores, added pieces"),
        (lambda v: v["scores"].extend([0.0] * 9), r"a score for each of \d+ pieces"),
        (lambda v: v["steps"].append({"step": "nfkc"}), "a known step of normalisation; found 'nfkc'; update"),
    ],
)
def test_a_damaged_vocabulary_is_refused(tmp_path, change, message):
    described = from_fast_tokenizer(unigram_reference().to_str(), "reference")
    values = json.loads(write_pieces_file(described.engine.to_values()))
    change(values)
    (tmp_path / "pieces.json").write_bytes(write_pieces_file(values))
    with pytest.raises(BundleError, match=message):
        read_tokenizer(tmp_path, described.spec)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.update(normalizer={"type": "NFKC"}), 'found {"type": "NFKC"}'),
        (lambda v: v["model"].update(byte_fallback=True), "model.byte_fallback to be false"),
        (lambda v: v.update(pre_tokenizer={"type": "Whitespace"}), "pre_tokenizer to be Metaspace"),
        (
            lambda v: v["normalizer"]["normalizers"][0].update(precompiled_charsmap="AAAA!"),
            "a character map that can be read in the tokenizer of a backbone",
        ),
    ],
)
def test_a_tokenizer_with_steps_that_the_engine_has_not_is_refused(change, message):
    values = json.loads(unigram_reference().to_str())
    change(values)
    with pytest.raises(UndertoneError, match=message):
        from_fast_tokenizer(json.dumps(values), "a backbone")
