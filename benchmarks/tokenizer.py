"""Our WordPiece beside the reference fast tokenizer: differences on whole corpora, and utterances per second.

``python -m benchmarks.tokenizer --data-dir DIR --vocabulary vocab.txt``
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.files import sha256_of
from mobile_app.engine.wordpiece import WordPiece
from training.datasets import load

CORPORA = ("goemotions", "meld", "xed", "xed-de", "xed-ru", "xed-tr")
FOLDERS = ("goemotions", "meld", "xed")
REPEATS = 5


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tokenizer", description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    parser.add_argument("--vocabulary", type=Path, required=True, help="vocab.txt of an uncased BERT-family model")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = []
    for name, texts in _corpora(arguments.data_dir):
        for lowercase in (True, False):
            count = len(_differences(arguments.vocabulary, texts, lowercase=lowercase))
            rows.append({"corpus": name, "lowercase": lowercase, "texts": len(texts), "differences": count})
            say(f"{name:<24}{'uncased' if lowercase else 'cased':<10}{len(texts):>8} texts {count:>6} differences")
    speed = {name: _speeds(arguments, name) for name in ("meld", "goemotions")}
    cold, warm = speed["meld"]
    figures = {
        "tokenizer_differences": Figure(
            sum(row["differences"] for row in rows),
            n=sum(row["texts"] for row in rows),
            note="lists of token ids that differ, uncased and cased, datasets as loaded and every line of their files",
        ),
        "tokenizer_per_second": _median(cold, "MELD utterances, each pass with an empty cache, processor time; median"),
        "tokenizer_per_second_warm": _median(warm, "MELD utterances, all words in the cache, processor time; median"),
        "tokenizer_per_second_goemotions": _median(
            speed["goemotions"][0], "each pass with an empty cache, processor time; median"
        ),
        "tokenizer_per_second_reference": _median(
            _reference_speed(arguments), "the reference on MELD, one text at a time, processor time; median"
        ),
    }
    for name, figure in figures.items():
        say(f"{name:<34}{figure.value:>12,.0f}")
    data = {"corpora": list(CORPORA), "vocabulary_sha256": sha256_of(arguments.vocabulary)}
    path = record("tokenizer", figures, data=data, rows=rows, packages=("tokenizers", "transformers"))
    note(f"written: {path.name}")
    return 0


def _corpora(data_dir: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Yield the texts of every dataset, and every raw line of the published files, labels, quotes, tabs and all."""
    for name in (*CORPORA, "sample"):
        yield name, _texts(name, data_dir)
    if data_dir is not None:
        for folder in FOLDERS:
            files = sorted(path for path in (data_dir / folder).iterdir() if path.suffix in (".csv", ".tsv", ".txt"))
            yield f"{folder}, raw lines", [line for path in files for line in path.read_text("utf-8").split("\n")]


def _texts(name: str, data_dir: Path | None) -> list[str]:
    return [utterance.text for utterance in load(name, data_dir=data_dir).utterances]


def _reference(vocabulary: Path, *, lowercase: bool) -> Any:
    from transformers import BertTokenizerFast

    return BertTokenizerFast(vocab_file=str(vocabulary), do_lower_case=lowercase).backend_tokenizer


def _differences(vocabulary: Path, texts: Sequence[str], *, lowercase: bool) -> list[str]:
    ours = WordPiece.from_file(vocabulary, lowercase=lowercase)
    reference = _reference(vocabulary, lowercase=lowercase)
    expected = (encoding.ids for encoding in reference.encode_batch(list(texts)))
    return [text for text, ids in zip(texts, expected, strict=True) if ours.encode(text) != ids]


def _speeds(arguments: argparse.Namespace, name: str) -> tuple[list[float], list[float]]:
    """Return utterances per second of passes with an empty cache, and of passes right after each."""
    texts = _texts(name, arguments.data_dir)
    cold, warm = [], []
    for _ in range(REPEATS):
        tokenizer = WordPiece.from_file(arguments.vocabulary)
        cold.append(_pass(tokenizer.encode, texts))
        warm.append(_pass(tokenizer.encode, texts))
    return cold, warm


def _reference_speed(arguments: argparse.Namespace) -> list[float]:
    reference = _reference(arguments.vocabulary, lowercase=True)
    texts = _texts("meld", arguments.data_dir)
    return [_pass(reference.encode, texts) for _ in range(REPEATS)]


def _pass(encode: Any, texts: Sequence[str]) -> float:
    """Return utterances per second of processor time: one core's, whatever else the machine does."""
    start = time.process_time()
    for text in texts:
        encode(text)
    return len(texts) / (time.process_time() - start)


def _median(speeds: Sequence[float], note: str) -> Figure:
    return Figure(round(statistics.median(speeds)), sd=round(statistics.stdev(speeds)), n=len(speeds), note=note)


if __name__ == "__main__":
    sys.exit(main())
