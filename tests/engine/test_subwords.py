"""What BPE and Unigram share: every id as the reference gives it, on generated and on adversarial text."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_app.engine.tokenizer import read_tokenizer
from mobile_app.engine.wordpiece import truncate
from tests.engine.references import REPLACED, TEXTS, TRAINING_TEXTS, byte_level_reference, unigram_reference
from training.fast_tokenizer import from_fast_tokenizer

REFERENCES: dict[str, Any] = {
    "bpe": byte_level_reference,
    "bpe with a blank in front": partial(byte_level_reference, prefix_space=True),
    "bpe with pieces that strip": partial(byte_level_reference, stripping=True),
    "unigram": unigram_reference,
    "unigram with every step": partial(unigram_reference, steps="all", split_spaces=False),
    "unigram as it is": partial(unigram_reference, steps="none", prefix="never", split_spaces=False),
}
GENERATED = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.text(st.sampled_from("abe'rst 12\t\n"), max_size=12),
        st.text(st.sampled_from("ae\u0301\u200d\u0915\u093c\u094d™©\u0600 ▁``"), max_size=10),
        st.sampled_from([*TEXTS, *REPLACED]),
    ),
    max_size=8,
).map("".join)
SPECIAL = ["", " ", "  ", "a <mask>b<s>", " <mask>  <mask> ", "qqq☃☃☃q☃"]


@pytest.fixture(scope="module", params=REFERENCES)
def pair(request):
    """Return our tokenizer and the reference with the same settings."""
    reference = REFERENCES[request.param]()
    return from_fast_tokenizer(reference.to_str(), "reference").engine, reference


@settings(max_examples=120, deadline=None)
@given(text=GENERATED)
def test_generated_text_gives_the_ids_of_the_reference(pair, text):
    ours, reference = pair
    assert ours.encode(text) == reference.encode(text).ids
    assert ours.encode(text) == reference.encode(text).ids, "the second time comes from the cache"


@pytest.mark.parametrize("text", [*SPECIAL, *TEXTS, *REPLACED])
def test_adversarial_text_gives_the_ids_of_the_reference(pair, text):
    ours, reference = pair
    assert ours.encode(text) == reference.encode(text).ids


def test_the_sample_corpus_gives_the_ids_of_the_reference(pair):
    ours, reference = pair
    expected = [one.ids for one in reference.encode_batch(list(TRAINING_TEXTS))]
    assert [ours.encode(text) for text in TRAINING_TEXTS] == expected


def test_a_very_long_word_is_no_trouble(pair):
    ours, reference = pair
    text = "happy" * 2000
    assert ours.encode(text) == reference.encode(text).ids


def test_truncate_cuts_as_the_reference_does(pair):
    ours, reference = pair
    text = "what a lovely day it is"
    for length in range(3, len(ours.encode(text)) + 2):
        reference.enable_truncation(length)
        expected = reference.encode(text).ids
        reference.no_truncation()
        assert truncate(ours.encode(text), length, ours.sep_id) == expected


def test_lone_surrogates_are_dropped(pair):
    ours, _ = pair
    assert ours.encode("lo\ud800ve\udfff") == ours.encode("love")


def test_it_comes_back_from_its_file(pair, tmp_path):
    ours, reference = pair
    described = from_fast_tokenizer(reference.to_str(), "reference")
    described.save(tmp_path)
    again = read_tokenizer(tmp_path, described.spec)
    assert again.to_values() == ours.to_values()
    assert again.encode(TRAINING_TEXTS[0]) == ours.encode(TRAINING_TEXTS[0])
