"""Our byte-level BPE and Unigram beside the reference fast tokenizers: differences on whole corpora, and speed.

``python -m benchmarks.subwords --data-dir DIR``

The vocabularies of RoBERTa and XLM-RoBERTa need a network, so both kinds are trained on the texts themselves; with
``--tokenizer FILE`` a downloaded ``tokenizer.json`` is compared as well.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from benchmarks.tokenizer import _corpora, _median, _pass, _texts
from mobile_app.engine.command_line import note, run, say
from training.fast_tokenizer import from_fast_tokenizer

PIECES, EVERY, REPEATS = 8000, 4, 5
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subwords", description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    parser.add_argument("--tokenizer", type=Path, action="append", default=[], help="a tokenizer.json to compare too")
    parser.add_argument("--every", type=int, default=1, help="compare every n-th text alone (default: all)")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    corpora = [(name, texts[:: arguments.every]) for name, texts in _corpora(arguments.data_dir)]
    training = [text for name, texts in corpora if "xed" in name for text in texts[::EVERY]]
    rows: list[dict[str, Any]] = []
    figures: dict[str, Figure] = {}
    meld = _texts("meld", arguments.data_dir)
    for kind, reference in _references(training, arguments.tokenizer):
        ours = from_fast_tokenizer(reference.to_str(), kind).engine
        for name, texts in corpora:
            expected = (encoding.ids for encoding in reference.encode_batch(list(texts)))
            count = sum(ours.encode(text) != ids for text, ids in zip(texts, expected, strict=True))
            rows.append({"tokenizer": kind, "corpus": name, "texts": len(texts), "differences": count})
            say(f"{kind:<12}{name:<24}{len(texts):>8} texts {count:>6} differences")
        speeds = [_pass(from_fast_tokenizer(reference.to_str(), kind).engine.encode, meld) for _ in range(REPEATS)]
        mine = [row for row in rows if row["tokenizer"] == kind]
        figures[f"{kind}_differences"] = Figure(
            sum(row["differences"] for row in mine),
            n=sum(row["texts"] for row in mine),
            note="lists of ids that differ",
        )
        figures[f"{kind}_per_second"] = _median(speeds, "MELD utterances, empty cache, processor time; median")
        say(f"{kind:<12}{figures[f'{kind}_per_second'].value:>12,.0f} utterances a second")
    data = {"corpora": [name for name, _ in corpora], "every": arguments.every, "pieces": PIECES}
    path = record("subwords", figures, data=data, rows=rows, packages=("tokenizers",))
    note(f"written: {path.name}")
    return 0


def _references(texts: Sequence[str], files: Sequence[Path]) -> Iterator[tuple[str, Any]]:
    from tokenizers import Tokenizer

    yield "bytepair", _byte_level(texts)
    yield "unigram", _unigram(texts)
    for path in files:
        yield path.parent.name or path.stem, Tokenizer.from_file(str(path))


def _byte_level(texts: Sequence[str]) -> Any:
    from tokenizers import AddedToken, ByteLevelBPETokenizer, Tokenizer, processors

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(texts, vocab_size=PIECES, special_tokens=SPECIAL, show_progress=False)
    fast = Tokenizer.from_str(trained.to_str())
    fast.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    fast.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    return fast


def _unigram(texts: Sequence[str]) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    fast = Tokenizer(models.Unigram())
    fast.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    meta = pre_tokenizers.Metaspace(prepend_scheme="always")
    fast.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), meta])
    trainer = trainers.UnigramTrainer(vocab_size=PIECES, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    fast.train_from_iterator(texts, trainer)
    fast.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    fast.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return fast


if __name__ == "__main__":
    sys.exit(main())
