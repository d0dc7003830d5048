"""Students side by side, on dev: what the choice of the shipped one rests on.

``python -m benchmarks.distill_study STUDENT ...`` measures run folders in FP32 and writes
``results/distill_study.json``; the first is the reference, and each other row says in which choices it differs. Test
figures stand with the shipped models alone, in ``results/pocket.json`` and ``results/pico.json``.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.pocket import best_ekman, best_linear
from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import WordPiece
from training.checkpoint import Run, load_run
from training.datasets import Dataset, load
from training.distill_config import DistillConfig
from training.evaluate import predict
from training.examples import targets_of
from training.grouped import FINE_TASK
from training.metrics import task_metrics
from training.thresholds import decide, tuned
from training.trimming import coverage

CHOICES = (
    "teacher",
    "data",
    "layers",
    "vocabulary",
    "embedding",
    "width",
    "intermediate",
    "features",
    "soft",
    "feature_weight",
    "relation_weight",
    "fine_weight",
    "repeats",
    "epochs",
    "learning_rate",
    "seed",
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
    rows, figures, seeds = [], {}, set()
    reference = _choices(load_run(arguments.runs[0]))
    for path in arguments.runs:
        loaded = load_run(path)
        seeds.add(loaded.config.seed)
        row = {"run": path.name, "differs in": _differences(_choices(loaded), reference)}
        row |= _row(loaded, goemotions, meld) | _coverage(loaded, (goemotions, meld, xed))
        rows.append(row)
        for name in ("goemotions28 macro F1, dev", "MELD linear wF1, dev"):
            short = name.split(",")[0].lower().replace(" ", "_")
            figures[f"{path.name}_{short}_dev"] = Figure(row[name], note="FP32, one seed")
        say(f"{path.name:<22}" + "  ".join(f"{key} {value}" for key, value in row.items() if key != "run"))
    path = record(
        arguments.name,
        figures,
        data={"goemotions": goemotions.sha256, "meld": meld.sha256, "split": "dev", "reference": reference},
        seeds=sorted(seeds),
        rows=rows,
        packages=("tensorflow", "scikit-learn"),
    )
    say(path.name)
    return 0


def _choices(loaded: Run) -> dict[str, Any]:
    about = loaded.provenance.get("distillation")
    if about is None:
        raise UndertoneError(f"a student of distill in {loaded.path}", "another run", "give students of distill")
    defaults = {field.name: field.default for field in fields(DistillConfig)}  # of choices that are younger than a run
    found = {name: about.get(name, defaults[name]) for name in CHOICES}
    return found | {"layers": list(found["layers"]), "teacher": Path(str(found["teacher"])).name}


def _differences(found: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {_said(value)}" for name, value in found.items() if value != usual[name]) or "(reference)"


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _row(loaded: Run, goemotions: Dataset, meld: Dataset) -> dict[str, Any]:
    dev = goemotions.split("dev")
    answers = predict(loaded, [one.text for one in dev]).probabilities
    gold = targets_of(dev, FINE_TASK)
    fine = tuned(FINE_TASK, gold, gold.any(axis=1).astype("float32"), answers["fine"])
    features = {split: predict(loaded, [one.text for one in meld.split(split)]).features for split in ("train", "dev")}
    return {
        "weights": sum(int(variable.shape.num_elements()) for variable in loaded.model.named_weights().values()),
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
