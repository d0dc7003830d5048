"""Our single-task files in TFLite Task Library and MediaPipe: do these say what we say.

``python -m benchmarks.task_library --run RUN --task emotion --data NAME --data-dir DIR``
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.readers.environments import READERS
from benchmarks.record import Figure, record
from converter.task_library import RECIPES, probabilities, write_task_library
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.wordpiece import truncate
from training.checkpoint import Run, load_run
from training.datasets import load

UTTERANCES, LENGTH = 200, 64


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.task_library", description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True, help="folder written by: python -m training fit")
    parser.add_argument("--task", required=True, help="task of the run")
    parser.add_argument("--data", default="sample", help="dataset whose test split is read (default %(default)s)")
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    trained = load_run(arguments.run)
    texts = [one.text for one in load(arguments.data, data_dir=arguments.data_dir).split("test")]
    texts = [texts[place] for place in sorted(np.random.default_rng(0).permutation(len(texts))[:UTTERANCES])]
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        out = Path(scratch) / "files"
        options: dict[str, Any] = {"version": "0.1.0", "licence": "not stated", "attribution": "", "overwrite": False}
        write_task_library(trained, arguments.task, out, length=LENGTH, **options)
        files = {name: out / f"{arguments.task}.{name}.tflite" for name in RECIPES}
        rows = compare(trained, arguments.task, files, texts)
    for row in rows:
        say(
            f"{row['reader']:<22}{row['recipe']:<24}{row['bytes'] / 1e6:>8.2f} MB   {row['equal_labels']} of "
            f"{row['texts']} labels equal, largest difference of a score {row['largest_difference']:.2g}"
        )
    asked = sum(row["texts"] for row in rows)
    note_ = "top label of both readers for every recipe beside LiteRT on the same file, texts normalised first"
    figures = {
        "task_library_label_agreement": Figure(sum(row["equal_labels"] for row in rows) / asked, n=asked, note=note_),
        "task_library_largest_difference": Figure(max(row["largest_difference"] for row in rows), n=asked),
        "task_library_int8_label_agreement_with_fp32": Figure(
            min(row["equal_to_fp32"] for row in rows) / len(texts), n=len(texts), note="weight-only int8 beside float32"
        ),
    }
    data = {"dataset": arguments.data, "split": "test", "utterances": len(texts), "task": arguments.task}
    data["readers"] = [reader.packages[0] for reader in READERS]
    path = record("task_library", figures, data=data, seeds=(0,), rows=rows, packages=("tensorflow",))
    note(f"written: {path.name}")
    return 0


def compare(trained: Run, task_name: str, files: dict[str, Path], texts: Sequence[str]) -> list[dict[str, Any]]:
    """Ask every reader, and ourselves, about every file; one row per file and reader.

    The readers lower-case ASCII alone and clean nothing, so they get the text as our tokenizer normalised it.
    """
    tokenizer = trained.tokenizer
    labels = next(task.labels for task in trained.tasks if task.name == task_name)
    ids = [truncate(tokenizer.encode(text), LENGTH, tokenizer.sep_id) for text in texts]
    normalised = [" ".join(tokenizer.words(text)) for text in texts]  # type: ignore[attr-defined]
    ours = {name: probabilities(path, ids, LENGTH) for name, path in files.items()}
    rows = []
    for name, path in files.items():
        for reader in READERS:
            answers = reader.classify(path, normalised)
            theirs = np.array([[answer[label] for label in labels] for answer in answers])
            rows.append(
                {
                    "reader": reader.name,
                    "recipe": name,
                    "bytes": path.stat().st_size,
                    "texts": len(texts),
                    "equal_labels": int((theirs.argmax(1) == ours[name].argmax(1)).sum()),
                    "equal_to_fp32": int((ours[name].argmax(1) == ours["fp32"].argmax(1)).sum()),
                    "largest_difference": float(np.abs(theirs - ours[name]).max()),
                }
            )
    return rows


if __name__ == "__main__":
    sys.exit(main())
