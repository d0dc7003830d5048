"""What the earlier utterances are worth: context models on MELD, against the same network without context.

``python -m benchmarks.context --backbone RUN`` trains on the vectors of a run (or ``pocket``) with three seeds: the
causal model that a phone runs, and the layout of the CNN-LSTM paper over whole dialogues and over the causal window,
each beside its twin that sees one utterance at a time. Dev chooses the epochs, test is reported. Writes
``results/context_meld.json``.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import note, run, say
from training.context.batches import ContextExamples
from training.context.checkpoint import load_context_run
from training.context.config import CAUSAL_DEFAULTS, ContextConfig
from training.context.fitting import fit_context
from training.context.predicting import predict_examples
from training.context.vectors import vectors_of
from training.datasets import Dataset, load

SEEDS = (1, 2, 3)
# The paper's sizes (1024, 256) take hours over ten thousand windows on two cores; --paper-sizes takes them.
COMPARATOR: dict[str, Any] = {"width": 128, "units": 64, "epochs": 15, "layout": "cnn-lstm", "patience": 4}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context", description=__doc__.splitlines()[0])
    parser.add_argument("--backbone", required=True, metavar="RUN", help="a run folder, pocket, or a pretrained model")
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    parser.add_argument("--runs", type=Path, metavar="DIR", help="keep runs and vectors here, and go on from them")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, metavar="N", help="default 1 2 3")
    parser.add_argument("--rows", nargs="+", choices=tuple(_configs("pocket", 1, False)), metavar="ROW", help="not all")
    parser.add_argument("--paper-sizes", action="store_true", help="1024 and 256 units for the paper's layout")
    return run(_main, parser, sys.argv[1:])


def _configs(backbone: str, seed: int, paper_sizes: bool) -> dict[str, ContextConfig]:
    base = ContextConfig(run=backbone, data="meld", seed=seed, speakers=True)
    sizes = {**COMPARATOR, "width": 1024, "units": 256} if paper_sizes else COMPARATOR
    return {
        "causal": replace(base, causal=True, **CAUSAL_DEFAULTS),
        "causal, no speakers": replace(base, causal=True, speakers=False, **CAUSAL_DEFAULTS),
        "paper layout, whole dialogue": replace(base, **sizes),
        "paper layout, causal window": replace(base, causal=True, batch_size=128, **sizes),
    }


def _main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        folder = arguments.runs or Path(scratch)
        names = arguments.rows or list(_configs("pocket", 1, False))
        if names[0] != "causal":
            names = ["causal", *(name for name in names if name != "causal")]
        found = {name: [_metrics(arguments, name, seed, folder) for seed in arguments.seeds] for name in names}
        guards = _guards(load("meld", data_dir=arguments.data_dir), arguments, folder)
    rows = [row for name in names for row in _rows(name, found[name])]
    rows += [_baseline(name, values) for name, values in found["causal"][0]["baselines"].items()]
    gains = {task: _gains(found["causal"], task) for task in ("emotion", "sentiment")}
    shown = Path(arguments.backbone).name
    figures = {
        "meld_context_gain": _figure(gains["emotion"], f"weighted F1, test, causal window of 8, vectors of {shown}"),
        "meld_context_gain_sentiment": _figure(gains["sentiment"], "the same for sentiment"),
        "meld_context_emotion_wf1": _figure(_scores(found["causal"], "emotion"), f"causal, vectors of {shown}"),
        **{name: Figure(value, note=text) for name, (value, text) in guards.items()},
    }
    for name in names[1:]:
        short = name.replace(",", "").replace(" ", "_")
        figures[f"meld_context_gain_{short}"] = _figure(_gains(found[name], "emotion"), "emotion, against its own twin")
    data = {"meld": load("meld", data_dir=arguments.data_dir).sha256, "split": "test", "backbone": shown}
    path = record(
        "context_meld", figures, data=data, seeds=arguments.seeds, rows=rows, packages=("tensorflow", "scikit-learn")
    )
    for row in rows:
        say("  ".join(f"{key} {value}" for key, value in row.items() if key != "per label F1"))
    say(f"gain {np.mean(gains['emotion']):+.4f} ({path.name})")
    return 0


def _metrics(arguments: argparse.Namespace, name: str, seed: int, folder: Path) -> dict[str, Any]:
    config = _configs(arguments.backbone, seed, arguments.paper_sizes)[name]
    out = folder / f"{name.replace(',', '').replace(' ', '-')}-s{seed}"
    if out.exists():
        note(f"{out.name}: taken from {out.parent}")
        return load_context_run(out).metrics
    return fit_context(
        config, out, data_dir=arguments.data_dir, baselines=name == "causal" and seed == arguments.seeds[0], resume=True
    )


def _guards(dataset: Dataset, arguments: argparse.Namespace, folder: Path) -> dict[str, tuple[float, str]]:
    """Return what would betray a leak; each must be 0."""
    dialogues: dict[str | None, set[str]] = {}
    for one in dataset.utterances:
        dialogues.setdefault(one.dialogue, set()).add(one.split)
    first = load_context_run(folder / f"causal-s{arguments.seeds[0]}")
    config = replace(first.config, run=arguments.backbone)
    vectors = vectors_of(config, dataset, folder / ".vectors").arrays["test"]
    said = dataset.split("test")
    whole = predict_examples(first.model, first.tasks, ContextExamples.of(said, vectors, first.tasks, config), 64)
    order = np.random.default_rng(0).permutation(len(said))
    shuffled = ContextExamples.of([said[row] for row in order], vectors[order], first.tasks, config)
    single = predict_examples(first.model, first.tasks, shuffled, 1).probabilities["emotion"]
    moved = float(np.abs(whole.probabilities["emotion"][order] - single).max())
    late = np.array([(one.position or 0) >= 3 for one in said])
    blanked = ContextExamples.of(said, vectors * ~late[:, None], first.tasks, config)
    future = predict_examples(first.model, first.tasks, blanked, 64).probabilities["emotion"]
    seen = float(np.abs(whole.probabilities["emotion"] - future)[~late].max())
    return {
        "meld_context_shared_dialogues": (sum(len(one) > 1 for one in dialogues.values()), "in more than one split"),
        "meld_context_batch_difference": (moved, "largest probability moved by batches of 1 in shuffled order"),
        "meld_context_future_difference": (seen, "largest probability moved by blanking all later utterances"),
    }


def _rows(name: str, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for shown, found in ((name, runs), (f"{name}: no context", [one["without_context"] for one in runs])):
        labels = found[0]["test"]["emotion"]["per_label"]
        rows.append(
            {
                "model": shown,
                "emotion wF1, dev": round(float(np.mean(_scores(found, "emotion", "dev"))), 4),
                "emotion wF1": round(float(np.mean(_scores(found, "emotion"))), 4),
                "emotion wF1 sd": round(float(np.std(_scores(found, "emotion"))), 4),
                "emotion macro F1": round(float(np.mean([one["test"]["emotion"]["macro_f1"] for one in found])), 4),
                "sentiment wF1": round(float(np.mean(_scores(found, "sentiment"))), 4),
                "per label F1": {
                    label: round(float(np.mean([one["test"]["emotion"]["per_label"][label]["f1"] for one in found])), 4)
                    for label in labels
                },
            }
        )
    return rows


def _baseline(name: str, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": {"tfidf_lr": "TF-IDF + LR"}.get(name, name),
        "emotion wF1, dev": round(values["dev"]["emotion"]["weighted_f1"], 4),
        "emotion wF1": round(values["test"]["emotion"]["weighted_f1"], 4),
        "emotion macro F1": round(values["test"]["emotion"]["macro_f1"], 4),
        "sentiment wF1": round(values["test"]["sentiment"]["weighted_f1"], 4),
    }


def _scores(runs: list[dict[str, Any]], task: str, split: str = "test") -> list[float]:
    return [float(one[split][task]["weighted_f1"]) for one in runs]


def _gains(runs: list[dict[str, Any]], task: str) -> list[float]:
    return [float(one["gain_weighted_f1"]["test"][task]) for one in runs]


def _figure(values: list[float], text: str) -> Figure:
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Figure(float(np.mean(values)), sd=sd, n=len(values), note=f"mean of the seeds; {text}")


if __name__ == "__main__":
    sys.exit(main())
