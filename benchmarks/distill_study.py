"""Students side by side, on dev: what the choice of the shipped one rests on.

``python -m benchmarks.distill_study STUDENT ...`` measures run folders in FP32 and writes
``results/distill_study.json``. Test figures stand with the shipped models alone, in ``results/pocket.json`` and
``results/pico.json``.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from benchmarks.pocket import best_ekman, best_linear
from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import WordPiece
from training.checkpoint import Run, load_run
from training.datasets import Dataset, load
from training.evaluate import predict
from training.examples import targets_of
from training.grouped import FINE_TASK
from training.metrics import task_metrics
from training.thresholds import decide, tuned
from training.trimming import coverage

CHOICES = (
    "layers",
    "vocabulary",
    "embedding",
    "width",
    "intermediate",
    "features",
    "soft",
    "feature_weight",
    "fine_weight",
    "repeats",
    "epochs",
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distill_study", description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    parser.add_argument("--name", default="distill_study", help="of the file in results/ (default %(default)s)")
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    goemotions = load("goemotions", data_dir=arguments.data_dir)
    meld = load("meld", data_dir=arguments.data_dir, tasks=("emotion",))
    xed = load("xed", data_dir=arguments.data_dir)
    rows, figures = [], {}
    for path in arguments.runs:
        loaded = load_run(path)
        row = _row(loaded, goemotions, meld) | _coverage(loaded, (goemotions, meld, xed))
        rows.append(row)
        for name in ("goemotions28 macro F1, dev", "MELD linear wF1, dev"):
            short = name.split(",")[0].lower().replace(" ", "_")
            figures[f"{path.name}_{short}_dev"] = Figure(row[name], note="FP32, one seed")
        say(f"{path.name:<22}" + "  ".join(f"{key} {value}" for key, value in row.items() if key != "run"))
    data = {"goemotions": goemotions.sha256, "meld": meld.sha256, "split": "dev"}
    seeds = sorted({row["seed"] for row in rows})
    path = record(arguments.name, figures, data=data, seeds=seeds, rows=rows, packages=("tensorflow", "scikit-learn"))
    say(path.name)
    return 0


def _row(loaded: Run, goemotions: Dataset, meld: Dataset) -> dict[str, Any]:
    about = loaded.provenance.get("distillation", {})
    dev = goemotions.split("dev")
    answers = predict(loaded, [one.text for one in dev]).probabilities
    gold = targets_of(dev, FINE_TASK)
    fine = tuned(FINE_TASK, gold, gold.any(axis=1).astype("float32"), answers["fine"])
    features = {split: predict(loaded, [one.text for one in meld.split(split)]).features for split in ("train", "dev")}
    return {
        "run": loaded.path.name,
        "weights": sum(int(variable.shape.num_elements()) for variable in loaded.model.named_weights().values()),
        "seed": loaded.config.seed,
        **{name: about[name] for name in CHOICES if name in about},
        "goemotions28 macro F1, dev": round(task_metrics(fine, gold, decide(fine, answers["fine"])).macro_f1, 4),
        "Ekman macro F1, dev": round(best_ekman(goemotions, answers).score, 4),
        "MELD linear wF1, dev": round(best_linear(meld, features).score, 4),
    }


def _coverage(loaded: Run, datasets: tuple[Dataset, ...]) -> dict[str, Any]:
    wordpiece = loaded.tokenizer
    if not isinstance(wordpiece, WordPiece):
        raise UndertoneError("runs with a WordPiece tokenizer", type(wordpiece).__name__, "give students of distill")
    measured = {one.name: coverage(wordpiece, [u.text for u in one.utterances]) for one in datasets}
    return {
        **{f"unknown tokens, {name}": round(one.unknown, 6) for name, one in measured.items()},
        **{f"tokens per utterance, {name}": round(one.tokens, 2) for name, one in measured.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
