"""How much of a test split was in the data that a model learned from before: same words, whatever case and punctuation.

``python -m benchmarks.overlap --learned xed,goemotions --data meld`` writes ``results/overlap_<data>.json``. Its own
train split stands beside them, since what that shares with test is how often people say the same.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from training.datasets import Dataset, load

LONG = 5  # words: shorter utterances are what everybody says
RUN = 8  # words in a row that are no accident


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overlap", description=__doc__.splitlines()[0])
    parser.add_argument("--learned", default="xed,goemotions", help="datasets with commas (default %(default)s)")
    parser.add_argument("--data", default="meld", help="whose test split is looked for (default %(default)s)")
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    measured = load(arguments.data, data_dir=arguments.data_dir)
    tests = [words(one.text) for one in measured.split("test")]
    rows, figures, hashes = [], {}, {measured.name: measured.sha256}
    for name in (*arguments.learned.split(","), arguments.data):
        learned = load(name, data_dir=arguments.data_dir)
        hashes[learned.name] = learned.sha256
        row = {"learned from": f"{name} train" if name == arguments.data else name, "test": len(tests)}
        row |= _counts(_texts(learned, whole=name != arguments.data), tests)
        rows.append(row)
        say("  ".join(f"{key} {value}" for key, value in row.items()))
        if name != arguments.data:
            short = name.replace("-", "_")
            note = f"test utterances of {arguments.data} with {LONG} words or more that {name} holds word for word"
            figures[f"overlap_{arguments.data}_{short}_long"] = Figure(
                float(row[f"same, {LONG}+ words"]), n=len(tests), note=note
            )
    say(str(record(f"overlap_{arguments.data}", figures, data=hashes, rows=rows)))
    return 0


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters, without apostrophes."""
    return tuple(re.findall(r"[^\W_]+", re.sub("['’]", "", text.lower())))


def _texts(dataset: Dataset, *, whole: bool) -> set[tuple[str, ...]]:
    utterances = dataset.utterances if whole else dataset.split("train")
    return {words(one.text) for one in utterances}


def _counts(learned: set[tuple[str, ...]], tests: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """Count the test utterances that were learned, the long ones of them, and those that share a run of words."""
    runs = {run_ for text in learned for run_ in _runs(text)}
    return {
        "same": sum(text in learned for text in tests),
        f"same, {LONG}+ words": sum(text in learned and len(text) >= LONG for text in tests),
        f"{RUN} words in a row": sum(not runs.isdisjoint(_runs(text)) for text in tests),
    }


def _runs(text: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [text[start : start + RUN] for start in range(len(text) - RUN + 1)]


if __name__ == "__main__":
    sys.exit(main())
