"""The tokenizer in Rust that the peers use, with the settings of the bundle."""

import json
from pathlib import Path
from typing import Any


def fast_tokenizer(folder: Path, longest: int) -> Any:
    """Return a ``tokenizers`` tokenizer that cuts at ``longest`` tokens.

    :param folder: with ``vocab.txt`` and the ``tokenizer.json`` of a run.
    """
    from tokenizers import BertWordPieceTokenizer

    spec = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer = BertWordPieceTokenizer(
        str(folder / spec["vocabulary"]),
        lowercase=spec["lowercase"],
        strip_accents=spec["strip_accents"],
        handle_chinese_chars=spec["split_chinese"],
    )
    tokenizer.enable_truncation(longest)
    return tokenizer
