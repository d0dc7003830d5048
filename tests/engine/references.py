"""Reference tokenizers, trained on the spot on the sample corpus: the hub's own ones need a network."""

from functools import cache
from typing import Any

from training.datasets import load

TRAINING_TEXTS = tuple(utterance.text for utterance in load("sample").utterances)
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
TEXTS = [
    *SPECIAL, "<mask>", "  <mask>", "<s", "<<s>>", "\r\n", "\t", "\x0b", "\x1c", "\x85", "\xa0", "\u2028", "\u3000",
    "\x00", "\ufffd", "\u200b", "\ufeff", "\u00ad", "İ", "ß", "ﬁ", "漢字", "e\u0301", "Å", "don't", "DON'T", "we're",
    "i'm I'd he'll you've it's", "'s", " 's", "a  b", "a   ", "   a", " \n a", "...!?", "C++ 100%", "👩‍👩‍👧 ❤️ 🏳️‍🌈",
    "ｆｕｌｌ", "①½²", "각", "각", "१२३", "\U00031350", "\u1c89", "▁", "a▁b", "▁▁", "x" * 300,
]  # fmt: skip


@cache
def _trained_byte_level() -> str:
    from tokenizers import ByteLevelBPETokenizer

    fast = ByteLevelBPETokenizer()
    fast.train_from_iterator(TRAINING_TEXTS, vocab_size=900, special_tokens=SPECIAL, show_progress=False)
    return str(fast.to_str())


def byte_level_reference(*, prefix_space: bool = False, stripping: bool = False) -> Any:
    """Return a tokenizer in the manner of RoBERTa's.

    :param stripping: whether <mask> takes the white space around it, and <unk> is looked for last.
    """
    from tokenizers import AddedToken, Tokenizer, pre_tokenizers, processors

    fast = Tokenizer.from_str(_trained_byte_level())
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    fast.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=prefix_space)
    fast.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=stripping, special=True)])
    if stripping:
        fast.add_tokens([AddedToken("<<s>>", normalized=True), AddedToken("<unk>", normalized=True)])
    return fast


@cache
def _trained_unigram() -> str:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    fast = Tokenizer(models.Unigram())
    fast.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=500, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False, max_piece_length=12
    )
    fast.train_from_iterator(TRAINING_TEXTS, trainer)
    return str(fast.to_str())


# Enough of NFKC to meet every rule: single characters, clusters, keys that begin others, keys that are dropped.
REPLACED = {
    "\t": " ", "\n": " ", "\r": " ", "\xa0": " ", "\u3000": " ", "\u200b": "", "\x00\x01": "", "\x01": "", "ﬁ": "fi",
    "①": "1", "½": "1⁄2", "é": "é", "e\u0301": "é", "a\u0301": "á", "ａ": "a", "Ａ": "A", "™": "TM", "\u2028": " ",
    "\u0915\u093c": "\u0958", "\u0301": "́", "ﷺ": "صلى الله", "豈": "豈", "🄰": "A", "\u0600": "#", "©": "(c)",
}  # fmt: skip


def unigram_reference(*, steps: str = "map", split_spaces: bool = True, prefix: str = "always") -> Any:
    """Return a tokenizer in the manner of XLM-RoBERTa's.

    :param steps: of the normalisation: ``none``, ``map``, or ``all`` that the engine knows.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors

    fast = Tokenizer.from_str(_trained_unigram())
    mapped = normalizers.Precompiled(
        charsmap({key.encode(): value.encode() for key, value in REPLACED.items() if key[0] != "\0"})
    )
    runs, strip = normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip(left=False, right=True)
    chosen = {
        "none": [], "map": [mapped],
        "all": [mapped, strip, runs, normalizers.Replace("``", '"'), normalizers.Strip(left=True, right=False)],
    }[steps]  # fmt: skip
    if chosen:
        fast.normalizer = normalizers.Sequence(chosen)
    meta = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=prefix)
    fast.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), meta]) if split_spaces else meta
    fast.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    fast.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=True, special=True)])
    return fast


def charsmap(replaced: dict[bytes, bytes]) -> bytes:
    """Return a map in SentencePiece's layout: a double-array trie and the replacements."""
    texts, places = b"", {}
    for value in replaced.values():
        if value not in places:
            places[value] = len(texts)
            texts += value + b"\0"
    trie: dict[int, Any] = {}
    for key, value in replaced.items():
        node = trie
        for label in key:
            node = node.setdefault(label, {})
        node[0] = places[value]
    units, taken, bases = {}, {0}, set()

    def put(place: int, node: dict[int, Any], label: int) -> None:
        free = (base for base in range(1, 1 << 20) if base not in bases)
        base = next(base for base in free if not {base ^ one for one in node} & taken)
        bases.add(base)
        taken.update(base ^ one for one in node)
        units[place] = (place ^ base) << 10 | (0 in node) << 8 | label
        for one, child in sorted(node.items()):
            if one:
                put(base ^ one, child, one)
            else:
                units[base] = child | 1 << 31

    put(0, trie, 0)
    size = (max(units) | 255) + 1
    array = b"".join(units.get(place, 0).to_bytes(4, "little") for place in range(size))
    return len(array).to_bytes(4, "little") + array + texts
