"""What the pocket model can do: the shipped INT8 file, through the phone engine.

``python -m benchmarks.pocket --full build/pocket --finetuned B --yardstick B`` writes ``results/pocket.json``.
``--full`` is the same model with its FP32 file, ``--finetuned`` a bundle of a run of ``training fit --data meld
--backbone pocket``, ``--yardstick`` a bundle of a six-layer MiniLM for the latency.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.features import phone_features
from benchmarks.record import Figure, record
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.task import Task
from quantization.progress import progress
from tools.default_bundle import SHIPPED
from training.datasets import Dataset, load
from training.examples import targets_of
from training.grouped import FINE_TASK, Grouping
from training.metrics import TaskMetrics, task_metrics
from training.thresholds import decide, tuned

Floats = NDArray[np.float32]
INT8, FP32 = "dynamic_wi8_afp32", "fp32"
STRENGTHS = (0.01, 0.1)
BALANCES = (0.0, 0.5)  # each label counts for its frequency to the power of minus this
TIMED = 400
BLOCK = 20


@dataclass(frozen=True)
class Ekman:
    """A way to predict Ekman's groups, with its macro F1 on dev and the thresholds of that."""

    score: float
    task: Task
    of_groups: Callable[[Mapping[str, Floats]], Floats]


@dataclass(frozen=True)
class Linear:
    """A linear classifier on frozen features, with its weighted F1 on dev."""

    score: float
    model: Any


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pocket", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, default=SHIPPED, help="what ships (default the app's bundle)")
    parser.add_argument("--full", type=Path, required=True, help="the same model with its FP32 file")
    parser.add_argument("--finetuned", type=Path, help="a bundle of the model fine-tuned on MELD")
    parser.add_argument("--yardstick", type=Path, help="a bundle of a six-layer MiniLM with its FP32 file")
    parser.add_argument("--name", default="pocket", help="of the model, in file and figure names")
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    shipped, full = Bundle.open(arguments.bundle), Bundle.open(arguments.full)
    goemotions = load("goemotions", data_dir=arguments.data_dir)
    meld = load("meld", data_dir=arguments.data_dir, tasks=("emotion",))
    rows: list[dict[str, Any]] = []
    name = arguments.name
    figures = {f"{name}_bytes": Figure(shipped.manifest.files[shipped.recipe_entry(INT8).file].bytes)}
    scores = {}
    for bundle, recipe in ((shipped, INT8), (full, FP32)):
        scores[recipe] = _goemotions(bundle, recipe, goemotions) | {"meld linear": _linear(bundle, recipe, meld)}
        rows += [_row(recipe, what, scored) for what, scored in scores[recipe].items()]
    figures |= {
        f"{name}_goemotions28_macro_f1": _macro(scores[INT8]["goemotions fine"]),
        f"{name}_ekman_macro_f1": _macro(scores[INT8]["goemotions ekman"]),
        f"{name}_meld_linear_wf1": _weighted(scores[INT8]["meld linear"]),
    }
    for what, scored in scores[FP32].items():
        loss = scored.weighted_f1 - scores[INT8][what].weighted_f1
        figures[f"{name}_{what.replace(' ', '_')}_int8_loss_wf1"] = Figure(loss, n=scored.n, note="FP32 minus INT8")
    if arguments.finetuned:
        tuned_bundle = Bundle.open(arguments.finetuned)
        scored = _finetuned(tuned_bundle, meld)
        rows.append(_row(INT8, "meld fine-tuned", scored))
        figures[f"{name}_meld_finetuned_wf1"] = _weighted(scored)
    if arguments.yardstick:
        figures |= _latency(name, shipped, Bundle.open(arguments.yardstick), meld)
    for figure_name, figure in figures.items():
        say(f"{figure_name:<52}{figure.value:>14,.4f}")
    data = {
        "goemotions": {"sha256": goemotions.sha256, "split": "test", "thresholds": "dev"},
        "meld": {"sha256": meld.sha256, "split": "test", "chosen on": "dev"},
        "model_sha256": shipped.model_hash(INT8),
    }
    seed = shipped.manifest.training.get("seed")
    say(
        str(
            record(
                name, figures, data=data, seeds=[] if seed is None else [seed], rows=rows, packages=("scikit-learn",)
            )
        )
    )
    return 0


def _probabilities(bundle: Bundle, recipe: str, texts: Sequence[str]) -> dict[str, Floats]:
    rows: list[Mapping[str, Any]] = []
    with closing(Encoder(bundle, recipe)) as encoder, progress(recipe, len(texts), "utterances") as advance:
        for text in texts:
            rows.append(encoder.encode(text).probabilities)
            advance(1)
    return {task: np.stack([row[task] for row in rows]) for task in rows[0]}


def _goemotions(bundle: Bundle, recipe: str, dataset: Dataset) -> dict[str, TaskMetrics]:
    """Score the 28 labels, and Ekman's groups as the paper does: several may be right."""
    dev, test = dataset.split("dev"), dataset.split("test")
    on_dev = _probabilities(bundle, recipe, [one.text for one in dev])
    on_test = _probabilities(bundle, recipe, [one.text for one in test])
    everything = np.ones(len(dev), np.float32)
    fine = tuned(FINE_TASK, targets_of(dev, FINE_TASK), everything, on_dev["fine"])
    scores = {"goemotions fine": task_metrics(fine, targets_of(test, fine), decide(fine, on_test["fine"]))}
    ekman = best_ekman(dataset, on_dev)
    answers = ekman.of_groups(on_test)
    scores["goemotions ekman"] = task_metrics(ekman.task, targets_of(test, ekman.task), decide(ekman.task, answers))
    return scores


def best_ekman(dataset: Dataset, on_dev: Mapping[str, Floats]) -> Ekman:
    """Choose on dev how several of Ekman's groups are predicted: by the softmax task, or by the 28 labels.

    :param on_dev: per task the probabilities of the dev split of GoEmotions.
    """
    dev, task = dataset.split("dev"), replace(dataset.task("emotion"), thresholds=None)
    gold, found = targets_of(dev, task), []
    for of_groups in (_by_emotion, _by_fine):
        chosen = tuned(task, gold, np.ones(len(dev), np.float32), of_groups(on_dev))
        score = task_metrics(chosen, gold, decide(chosen, of_groups(on_dev))).macro_f1
        found.append(Ekman(score, chosen, of_groups))
    return max(found, key=lambda one: one.score)


def _by_emotion(answers: Mapping[str, Floats]) -> Floats:
    return answers["emotion"]


def _by_fine(answers: Mapping[str, Floats]) -> Floats:
    """Return the probability ``[n, 7]`` that at least one label of a group is right, were they independent."""
    groups = Grouping.learned(np.zeros((0, 28), np.float32), np.zeros((0, 3), np.float32)).emotion
    return (1.0 - np.exp(np.log1p(-np.clip(answers["fine"], 0, 1 - 1e-6)) @ groups)).astype(np.float32)


def _linear(bundle: Bundle, recipe: str, dataset: Dataset) -> TaskMetrics:
    """Score a linear classifier on frozen features: fitted on train, its strength chosen on dev."""
    task, test = dataset.task("emotion"), dataset.split("test")
    features = phone_features(bundle, recipe, dataset)
    linear = best_linear(dataset, features)
    return _scored(task, targets_of(test, task), linear.model.predict_proba(features["test"]))


def best_linear(dataset: Dataset, features: Mapping[str, Floats]) -> Linear:
    """Fit linear classifiers on the features of train, and choose strength and balance on dev.

    :param features: per split ``[n, d]``.
    """
    task = dataset.task("emotion")
    gold = {split: targets_of(dataset.split(split), task) for split in ("train", "dev")}
    counts = gold["train"].sum(axis=0)
    found = []
    for strength, balance in product(STRENGTHS, BALANCES):
        weights = dict(enumerate((counts.mean() / np.maximum(counts, 1)) ** balance))
        linear = LogisticRegression(C=strength, max_iter=300, class_weight=weights)
        model = make_pipeline(StandardScaler(), linear).fit(features["train"], gold["train"].argmax(axis=1))
        found.append(Linear(_scored(task, gold["dev"], model.predict_proba(features["dev"])).weighted_f1, model))
    return max(found, key=lambda one: one.score)


def _finetuned(bundle: Bundle, dataset: Dataset) -> TaskMetrics:
    task, test = bundle.manifest.task("emotion"), dataset.split("test")
    answers = _probabilities(bundle, INT8, [one.text for one in test])
    return _scored(task, targets_of(test, task), answers[task.name])


def _latency(name: str, shipped: Bundle, yardstick: Bundle, dataset: Dataset) -> dict[str, Figure]:
    """Time both in turns, tokenization included, one thread: ours in its buckets, the other padded to 32 in FP32."""
    texts = [one.text for one in dataset.split("test")][:TIMED]
    seconds: tuple[list[float], list[float]] = ([], [])
    with closing(Encoder(shipped, INT8)) as ours, closing(Encoder(yardstick, FP32, lengths=(32,))) as other:
        for start in range(0, len(texts), BLOCK):
            for encoder, kept in zip((ours, other), seconds, strict=True):
                encoder.encode(texts[start])  # brings the weights back into the caches
                kept += [_time(encoder, text) for text in texts[start : start + BLOCK]]
    ratio = statistics.median(b / a for a, b in zip(*seconds, strict=True))
    return {
        f"{name}_ms": Figure(
            1e3 * statistics.median(seconds[0]), n=len(texts), note="median, INT8, tokenization included"
        ),
        f"{name}_latency_ratio_minilm_fp32_32": Figure(ratio, n=len(texts), note="median of paired ratios"),
    }


def _time(encoder: Encoder, text: str) -> float:
    start = time.perf_counter()
    encoder.encode(text)
    return time.perf_counter() - start


def _scored(task: Task, gold: Floats, probabilities: Floats) -> TaskMetrics:
    return task_metrics(task, gold, decide(task, probabilities))


def _macro(scored: TaskMetrics) -> Figure:
    return Figure(scored.macro_f1, n=scored.n, note="test, thresholds from dev, one seed")


def _weighted(scored: TaskMetrics) -> Figure:
    return Figure(scored.weighted_f1, n=scored.n, note="test, one seed")


def _row(recipe: str, what: str, scored: TaskMetrics) -> dict[str, Any]:
    per_label = {label: round(values.f1, 4) for label, values in scored.per_label.items()}
    return {
        "recipe": recipe,
        "row": what,
        "macro F1": scored.macro_f1,
        "weighted F1": scored.weighted_f1,
        "accuracy": scored.accuracy,
        "n": scored.n,
        "F1 per label": per_label,
    }


if __name__ == "__main__":
    sys.exit(main())
