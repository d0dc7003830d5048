import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertTokenizerFast

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import WordPiece, truncate

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Every printable ASCII character, as a word and as a continuation, a few accents and scripts, and some longer pieces.
CHARACTERS = [chr(code) for code in range(33, 127)] + list("éßığσςжя漢字हि\u0301\u0307\u302e") + ["\U0001f62d"]
PIECES = [
    *SPECIAL,
    *CHARACTERS,
    *(f"##{c}" for c in CHARACTERS),
    "hello",
    "hel",
    "##lo",
    "un",
    "##able",
    "##",
    "[unused1]",
]
SETTINGS = [
    {"lowercase": True},
    {"lowercase": False},
    {"lowercase": False, "strip_accents": True},
    {"lowercase": True, "strip_accents": False},
    {"lowercase": True, "split_chinese": False},
]
COMBINING = [chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code))]
FRAGMENTS = [
    *SPECIAL, "[sep]", "[SEP", "##", "[[MASK]]", "\r\n", "\t", "\x0b", "\x1c", "\x85", "\xa0", "\u2028", "\u3000",
    "\x00", "\ufffd", "\u200b", "\ufeff", "\u00ad", "Σ", "ΑΣ ", "İ", "ı", "ß", "ﬁ", "漢字", "\U0002b920", "e\u0301",
    "Å", "x" * 99, "x" * 100, "x" * 101, "é" * 101, "hello", "HELLO", "unable", "don't", "👩‍👩‍👧", "\u0344", "\u1f82",
    "각", "\U0001d15e", "\u302e\u0323",
]  # fmt: skip
TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
        st.text(max_size=8, alphabet=st.sampled_from(CHARACTERS)),
        st.text(max_size=4, alphabet=st.sampled_from(COMBINING)),
        st.sampled_from(FRAGMENTS),
    ),
    max_size=8,
).map("".join)


@pytest.fixture(scope="module", params=SETTINGS, ids=str)
def pair(request, tmp_path_factory):
    """Return our tokenizer and the reference with the same settings."""
    vocabulary = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    vocabulary.write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    options = request.param
    reference = BertTokenizerFast(
        vocab_file=str(vocabulary),
        do_lower_case=options["lowercase"],
        strip_accents=options.get("strip_accents"),
        tokenize_chinese_chars=options.get("split_chinese", True),
    )
    return WordPiece.from_file(vocabulary, **options), reference


@settings(max_examples=250, deadline=None)
@given(text=TEXTS)
def test_generated_text_gives_the_ids_of_the_reference(pair, text):
    ours, reference = pair
    assert ours.encode(text) == reference(text)["input_ids"]
    assert ours.encode(text) == reference(text)["input_ids"], "the second time comes from the cache"


@pytest.mark.parametrize(
    "text", ["", " ", *FRAGMENTS, "a[SEP]b", "[CLS][CLS]", "É [MASK]É", "#hello ##lo", "x" * 100 + "!"]
)
def test_adversarial_text_gives_the_ids_of_the_reference(pair, text):
    ours, reference = pair
    assert ours.encode(text) == reference(text)["input_ids"]


def test_single_code_points_give_the_words_of_the_reference(pair):
    """Words rather than ids: no difference can hide behind [UNK].

    All code points of the planes that hold characters, and one in 97 of the planes that are empty or private.
    """
    ours, reference = pair
    normalizer, splitter = reference.backend_tokenizer.normalizer, reference.backend_tokenizer.pre_tokenizer
    codes = [*range(0xD800), *range(0xE000, 0x33500), *range(0x33500, 0x110000, 97), *range(0xE0000, 0xE0200)]
    characters = [chr(code) for code in codes]
    for start in range(0, len(characters), 4096):
        text = " ".join(f"a{character}b" for character in characters[start : start + 4096])
        expected = [word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text))]
        assert ours.words(text) == expected, f"somewhere from U+{codes[start]:04X}"


def test_truncate_cuts_as_the_reference_does(pair):
    ours, reference = pair
    text = "hello unable hello !"
    ids = ours.encode(text)
    for length in range(3, len(ids) + 2):
        expected = reference(text, truncation=True, max_length=length)["input_ids"]
        assert truncate(ids, length, ours.sep_id) == expected


def test_lone_surrogates_are_dropped(pair):
    ours, _ = pair
    assert ours.encode("hel\ud800lo \udfff") == ours.encode("hello")


def test_the_cache_is_bounded(pair):
    ours, _ = pair
    for number in range(40_000):
        ours.encode(str(number))
    assert len(ours._cache) <= 1 << 15
    assert ours.encode("39999") == [
        ours.cls_id,
        *(PIECES.index(p) for p in ("3", "##9", "##9", "##9", "##9")),
        ours.sep_id,
    ]


def test_a_vocabulary_without_special_pieces_is_refused():
    with pytest.raises(UndertoneError, match=r"found 3 pieces without \[PAD\], \[CLS\]"):
        WordPiece(["[UNK]", "[SEP]", "a"])


def test_a_vocabulary_that_is_no_utf8_is_refused(tmp_path):
    (tmp_path / "vocab.txt").write_bytes(b"[PAD]\n\xff\n")
    with pytest.raises(UndertoneError, match=r"one piece per line in .*vocab\.txt; found .*0xff"):
        WordPiece.from_file(tmp_path / "vocab.txt")


def test_a_missing_vocabulary_is_refused(tmp_path):
    with pytest.raises(UndertoneError, match="No such file"):
        WordPiece.from_file(tmp_path / "vocab.txt")
