"""Tokenizers of pretrained models: from the JSON of the tokenizers library to the engine's own."""

import json
from collections.abc import Mapping
from typing import Any

from mobile_app.engine.byte_pair import BytePair
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.normalisation import MAP, REPLACE, REPLACE_RUNS, STRIP
from mobile_app.engine.pieces_file import SpecialIds
from mobile_app.engine.unigram import META, Unigram
from training.charsmap import read_charsmap
from training.tokenizer import Tokenizer

_FAMILIES = {
    "WordPiece": "as of BERT, DistilBERT, MobileBERT or MiniLM",
    "BPE": "byte-level, as of RoBERTa",
    "Unigram": "as of XLM-RoBERTa",
}
_ROLES = {"pad": ("<pad>", "[PAD]"), "unk": ("<unk>", "[UNK]"), "mask": ("<mask>", "[MASK]")}


def from_fast_tokenizer(description: str, name: str) -> Tokenizer:
    """Read the tokenizer of a pretrained model.

    :param description: its ``tokenizer.json`` as text, in the format of the tokenizers library.
    :param name: of the model, for messages.
    :raises UndertoneError: if it is none that the engine knows, or has a step that the engine does not.
    """
    values = json.loads(description)
    kind = values["model"].get("type")
    if kind == "WordPiece" and (values.get("normalizer") or {}).get("type") == "BertNormalizer":
        return _wordpiece(values, name)
    if kind == "BPE" and (values.get("pre_tokenizer") or {}).get("type") == "ByteLevel":
        return _byte_pair(values, name)
    if kind == "Unigram":
        return _unigram(values, name)
    known = "; ".join(f"{family} ({text})" for family, text in _FAMILIES.items())
    raise UndertoneError(
        f"a backbone with a tokenizer of a known family: {known}",
        f"another {kind} tokenizer in {name}",
        "choose a backbone of one of these families",
    )


def _wordpiece(values: Mapping[str, Any], name: str) -> Tokenizer:
    normalizer = values["normalizer"]
    return Tokenizer.of(
        in_order(values["model"]["vocab"], name),
        lowercase=bool(normalizer["lowercase"]),
        strip_accents=normalizer["strip_accents"],
        split_chinese=bool(normalizer["handle_chinese_chars"]),
    )


def _byte_pair(values: Mapping[str, Any], name: str) -> Tokenizer:
    model, words = values["model"], values["pre_tokenizer"]
    _require(
        {
            "normalizer": (values.get("normalizer"), None),
            "model.dropout": (model.get("dropout"), None),
            "model.continuing_subword_prefix": (model.get("continuing_subword_prefix") or "", ""),
            "model.end_of_word_suffix": (model.get("end_of_word_suffix") or "", ""),
            "model.byte_fallback": (model.get("byte_fallback", False), False),
            "model.ignore_merges": (model.get("ignore_merges", False), False),
            "pre_tokenizer.use_regex": (words.get("use_regex", True), True),
        },
        name,
    )
    pieces = _with_added(in_order(model["vocab"], name), values["added_tokens"], name)
    special = special_ids(values, pieces, name)
    # Older files write a merge as one string with a blank, newer ones as a pair.
    merges = [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]
    engine = BytePair(
        pieces,
        merges,
        added_pieces(values["added_tokens"], name),
        SpecialIds.of(special, len(pieces)),
        prefix_space=bool(words["add_prefix_space"]),
    )
    return Tokenizer.of_values(engine, special)


def _unigram(values: Mapping[str, Any], name: str) -> Tokenizer:
    model = values["model"]
    _require({"model.byte_fallback": (model.get("byte_fallback", False), False)}, name)
    words = _flat(values.get("pre_tokenizer"), "pretokenizers")
    splits = [one["type"] for one in words] == ["WhitespaceSplit", "Metaspace"]
    if not splits and [one["type"] for one in words] != ["Metaspace"]:
        raise _unknown_step("pre_tokenizer", words, "Metaspace, WhitespaceSplit before it if need be", name)
    meta = words[-1]
    scheme = meta.get("prepend_scheme", "always" if meta.get("add_prefix_space", True) else "never")
    _require(
        {"Metaspace.replacement": (meta["replacement"], META), "Metaspace.split": (meta.get("split", True), True)}, name
    )
    if scheme not in ("always", "never"):
        raise _unknown_step("Metaspace.prepend_scheme", scheme, "always or never", name)
    scored = [piece for piece, _ in model["vocab"]]
    beyond = {token["content"]: token["id"] for token in values["added_tokens"] if token["id"] >= len(scored)}
    pieces = [*scored, *sorted(beyond, key=beyond.__getitem__)]
    if sorted(beyond.values()) != list(range(len(scored), len(pieces))):
        raise UndertoneError(f"token ids without gaps in {name}", "gaps", "choose another backbone")
    special = special_ids(values, pieces, name) | {"unk": int(model["unk_id"])}
    engine = Unigram(
        pieces,
        [score for _, score in model["vocab"]],
        added_pieces(values["added_tokens"], name),
        SpecialIds.of(special, len(pieces)),
        steps=[_normalisation(one, name) for one in _flat(values.get("normalizer"), "normalizers")],
        split_spaces=splits,
        prefix=scheme == "always",
    )
    return Tokenizer.of_values(engine, special)


def _flat(step: Mapping[str, Any] | None, inner: str) -> list[Mapping[str, Any]]:
    """Return the steps of a step that may be a sequence of others."""
    if step is None:
        return []
    if step["type"] == "Sequence":
        return [one for part in step[inner] for one in _flat(part, inner)]
    return [step]


def _normalisation(step: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a normaliser as ``pieces.json`` holds it."""
    kind, pattern = step["type"], step.get("pattern", {})
    if kind == "Precompiled":
        return {"step": MAP, "map": read_charsmap(step["precompiled_charsmap"], name)}
    if kind == "Strip":
        return {"step": STRIP, "left": step["strip_left"], "right": step["strip_right"]}
    if kind == "Replace" and "String" in pattern:
        return {"step": REPLACE, "old": pattern["String"], "new": step["content"]}
    if kind == "Replace" and pattern.get("Regex") == " {2,}":
        return {"step": REPLACE_RUNS, "old": " ", "least": 2, "new": step["content"]}
    raise _unknown_step("normalizer", step, "Precompiled, Strip, Replace of a string or of runs of blanks", name)


def _unknown_step(what: str, found: Any, known: str, name: str) -> UndertoneError:
    return UndertoneError(
        f"{what} to be {known} in the tokenizer of {name}",
        json.dumps(found)[:80],
        "choose a backbone whose tokenizer has no such step",
    )


def added_pieces(tokens: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return the added tokens as ``pieces.json`` holds them."""
    for token in tokens:
        _require({f"added_tokens[{token['content']!r}].single_word": (token["single_word"], False)}, name)
    return [
        {
            "content": token["content"],
            "id": token["id"],
            "strip_left": token["lstrip"],
            "strip_right": token["rstrip"],
            "normalized": token["normalized"],
        }
        for token in tokens
    ]


def special_ids(values: Mapping[str, Any], pieces: list[str], name: str) -> dict[str, int]:
    """Return the ids of the pieces with a role; the first and the last one of a text are told by the post-processor."""
    found = {role: pieces.index(piece) for role, names in _ROLES.items() for piece in names if piece in pieces}
    first, last = _around(values.get("post_processor") or {})
    if first is None or last is None or "pad" not in found or "unk" not in found:
        raise UndertoneError(
            "a tokenizer that puts one special piece before and one after a text, and has pieces for padding and for "
            "the unknown",
            f"another one in {name}",
            "choose a backbone of the BERT or RoBERTa families",
        )
    return {"pad": found["pad"], "unk": found["unk"], "cls": first, "sep": last} | (
        {"mask": found["mask"]} if "mask" in found else {}
    )


def _around(processor: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the ids before and after a text."""
    if processor.get("type") in ("RobertaProcessing", "BertProcessing"):
        return int(processor["cls"][1]), int(processor["sep"][1])
    single = processor.get("single", [])
    if processor.get("type") == "TemplateProcessing" and [next(iter(part)) for part in single] == [
        "SpecialToken",
        "Sequence",
        "SpecialToken",
    ]:
        ids = [processor["special_tokens"][part["SpecialToken"]["id"]]["ids"] for part in (single[0], single[2])]
        if all(len(one) == 1 for one in ids):
            return ids[0][0], ids[1][0]
    return None, None


def in_order(vocabulary: Mapping[str, int], name: str) -> list[str]:
    """Return pieces in the order of their ids.

    :raises UndertoneError: if the ids have gaps.
    """
    pieces = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[piece] for piece in pieces] != list(range(len(pieces))):
        raise UndertoneError(f"token ids without gaps in {name}", "gaps", "choose another backbone")
    return pieces


def _with_added(pieces: list[str], tokens: list[dict[str, Any]], name: str) -> list[str]:
    """Return the vocabulary with the added tokens that come after it."""
    beyond = {token["content"]: token["id"] for token in tokens if token["id"] >= len(pieces)}
    return in_order({piece: place for place, piece in enumerate(pieces)} | beyond, name)


def _require(settings: Mapping[str, tuple[Any, Any]], name: str) -> None:
    """Refuse settings that the engine does not follow, given as name to found and expected."""
    for setting, (found, expected) in settings.items():
        if found != expected:
            raise UndertoneError(
                f"{setting} to be {json.dumps(expected)} in the tokenizer of {name}",
                json.dumps(found)[:80],
                "choose a backbone whose tokenizer has no such step",
            )
