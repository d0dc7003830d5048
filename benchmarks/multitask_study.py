"""Whether learning a sentiment beside the emotions helps or hurts the emotions, and what makes it collapse.

``python -m benchmarks.multitask_study`` fits the cells of a study on GoEmotions that found weighted F1 falling from
.568 to .156 when a second dataset was learned at once (hidden layer of 1024 Leaky ReLU units, dropout, sigmoid
cross-entropy, threshold 0.3), then one cell for each possible cause, then multitask settings that might not lose, and
writes ``results/multitask_study.json``. Every cell is kept in ``--work`` as soon as it is finished. Dev chooses the
multitask setting; test is reported.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.files import write_file
from mobile_app.engine.task import SOFTMAX
from training.checkpoint import load_run
from training.config import PRECISIONS, FitConfig
from training.datasets import Dataset, load
from training.datasets.merging import merged
from training.evaluate import predict
from training.examples import Floats, targets_of
from training.fit import fit_dataset
from training.grouped import FINE_TASK
from training.metrics import task_metrics
from training.tensorflow import keras
from training.thresholds import decide, tuned
from training.utterance import Utterance

FINE, SENTIMENT = "fine", "sentiment"
REPEATS = 3
Data = Callable[["Material"], Dataset]


@dataclass(frozen=True)
class Material:
    """What all cells share.

    :param emotions: GoEmotions with its 28 labels.
    :param own: the same utterances, also with the sentiment that follows from their labels.
    :param auxiliary: utterances with a sentiment.
    """

    emotions: Dataset
    own: Dataset
    auxiliary: Dataset


@dataclass(frozen=True)
class Cell:
    """One setting.

    :param data: what is learned from.
    :param weights: of the losses.
    :param after: the cell whose backbone it starts from.
    :param teachers: the cells whose probabilities are half of its targets, and all of them where nobody labelled.
    :param kind: ``study``, ``cause`` (one thing done wrong) or ``multitask`` (settings among which dev chooses).
    """

    data: Data
    about: str
    weights: Mapping[str, float] = field(default_factory=dict)
    after: str | None = None
    teachers: Sequence[str] = ()
    kind: str = "multitask"


def _both(material: Material) -> Dataset:
    return merged([material.emotions, material.auxiliary])


def _all_negative(material: Material) -> Dataset:
    """Count every utterance of the auxiliary data as one without any emotion."""
    return _changed(_both(material), lambda one: _with_labels(one, {FINE: ()}) if FINE not in one.labels else one)


def _one_of(material: Material) -> Dataset:
    """Make the emotions a softmax task, with the first label of each utterance as the right one."""
    softmax = replace(FINE_TASK, activation=SOFTMAX)
    emotions = replace(material.emotions, tasks=(softmax,))
    return merged([_changed(emotions, _first_label), material.auxiliary])


def _outnumbered(material: Material) -> Dataset:
    """Show every train utterance of the auxiliary data more than once an epoch."""
    more = tuple(one for one in material.auxiliary.utterances if one.split == "train") * (REPEATS - 1)
    both = _both(material)
    return replace(both, utterances=(*both.utterances, *more))


CELLS: Mapping[str, Cell] = {
    "single emotion": Cell(lambda m: m.emotions, "28 emotions alone", kind="study"),
    "single emotion summed": Cell(
        lambda m: m.emotions, "28 emotions alone, loss summed over labels", {FINE: 28.0}, kind="study"
    ),
    "single sentiment": Cell(lambda m: m.auxiliary, "sentiment alone", kind="study"),
    "simultaneous": Cell(_both, "both datasets, masked, losses summed"),
    "transfer": Cell(lambda m: m.emotions, "sentiment first, then emotions", after="single sentiment"),
    "summed over labels": Cell(_both, "emotion loss summed, not averaged, over its labels", {FINE: 28.0}),
    "light auxiliary": Cell(_both, "sentiment loss times 0.1", {SENTIMENT: 0.1}),
    "own sentiment": Cell(lambda m: m.own, "emotions and the sentiment that follows from them, same utterances"),
    # Clark et al. 2019 (BAM! Born-Again Multi-Task Networks): single-task models teach the multitask model. Its rival
    # is a single-task model that was taught as well.
    "single emotion born again": Cell(
        lambda m: m.emotions, "28 emotions alone, taught by such a model", teachers=("single emotion",), kind="study"
    ),
    "born again": Cell(
        _both, "both datasets, taught by the two single-task models", teachers=("single emotion", "single sentiment")
    ),
    "heavy auxiliary": Cell(_both, "cause: sentiment loss times 28", {SENTIMENT: 28.0}, kind="cause"),
    "no label masks": Cell(_all_negative, "cause: utterances without emotion labels count as negative", kind="cause"),
    "softmax head": Cell(_one_of, "cause: softmax over the 28 labels", kind="cause"),
    "outnumbered": Cell(_outnumbered, f"cause: auxiliary data {REPEATS} times an epoch", kind="cause"),
}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multitask_study", description=__doc__.splitlines()[0])
    parser.add_argument("--backbone", default="pocket", help="as for training fit (default %(default)s)")
    parser.add_argument("--auxiliary", default="tsad-3", help="dataset with a sentiment (default %(default)s)")
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    parser.add_argument("--seeds", type=int, default=1, help="how many (default %(default)s)")
    parser.add_argument("--epochs", type=int, default=2, help="of every fit (default %(default)s)")
    parser.add_argument("--learning-rate", type=float, default=2e-4, help="of every fit (default %(default)s)")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="float32", help="of matrix products (default %(default)s)"
    )
    parser.add_argument(
        "--limit", type=int, default=6000, help="train utterances of each dataset; 0: all (default %(default)s)"
    )
    parser.add_argument("--cells", type=lambda text: text.split(","), default=list(CELLS), help="names with commas")
    parser.add_argument("--work", type=Path, default=Path("build/multitask_study"), help="where cells are kept")
    parser.add_argument("--name", default="multitask_study", help="of the file in results/ (default %(default)s)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    material = Material(
        *(
            _limited(load(name, data_dir=arguments.data_dir, tasks=tasks), arguments.limit)
            for name, tasks in (
                ("goemotions", (FINE,)),
                ("goemotions", (FINE, SENTIMENT)),
                (arguments.auxiliary, (SENTIMENT,)),
            )
        )
    )
    seeds = tuple(range(1, arguments.seeds + 1))
    found = {
        name: [_fitted(arguments, material, name, seed) for seed in seeds] for name in CELLS if name in arguments.cells
    }
    for name, cells in found.items():
        say(f"{name:<26}" + "  ".join(f"{key} {value:.3f}" for key, value in _means(cells).items()))
    data = {
        one.name: {"sha256": one.sha256, "train": len(one.split("train"))}
        for one in (material.emotions, material.auxiliary)
    }
    rows = [
        {"cell": name, "what": CELLS[name].about} | {key: round(value, 4) for key, value in _means(cells).items()}
        for name, cells in found.items()
    ]
    budget = f"{Path(arguments.backbone).name}, {arguments.epochs} epochs, {arguments.limit or 'all'} train utterances"
    path = record(
        arguments.name,
        _figures(found, budget),
        data=data | {"split": "test"},
        seeds=seeds,
        rows=rows,
        packages=("tensorflow", "transformers", "scikit-learn"),
        threads=os.cpu_count() or 1,
    )
    say(path.name)
    return 0


def _fitted(arguments: argparse.Namespace, material: Material, name: str, seed: int) -> dict[str, float]:
    """Return the figures of a cell, from the disk if it is finished."""
    cell, folder = CELLS[name], arguments.work / _file_name(name, seed)
    about = {
        name: str(value)
        for name, value in vars(arguments).items()
        if name not in ("work", "cells", "seeds", "data_dir", "name")
    }
    kept = folder.with_suffix(f".{seed}.json")
    if kept.exists():
        saved = json.loads(kept.read_text(encoding="utf-8"))
        if saved["about"] == about:
            return dict(saved["figures"])
    earlier = {
        other: arguments.work / _file_name(other, seed)
        for other in (*cell.teachers, *([cell.after] if cell.after else []))
    }
    for other in earlier:
        _fitted(arguments, material, other, seed)
    note(f"{name}, seed {seed}: {cell.about}")
    dataset = cell.data(material)
    config = FitConfig(
        data=dataset.name,
        backbone=str(earlier[cell.after]) if cell.after else arguments.backbone,
        epochs=arguments.epochs,
        patience=arguments.epochs,
        batch_size=32,
        learning_rate=arguments.learning_rate,
        seed=seed,
        branch="leaky",
        precision=arguments.precision,
        teacher=",".join(str(earlier[other]) for other in cell.teachers) or None,
        loss_weights=dict(cell.weights),
    )
    metrics = fit_dataset(config, dataset, folder, baselines=False, resume=True, overwrite=True)
    figures = _measured(folder, material, metrics)
    keras.backend.clear_session()
    write_file(kept, json.dumps({"about": about, "figures": figures}, indent=2).encode())
    return figures


def _file_name(cell: str, seed: int) -> str:
    return f"{cell.replace(' ', '-')}.{seed}"


def _measured(folder: Path, material: Material, metrics: Mapping[str, Any]) -> dict[str, float]:
    loaded = load_run(folder)
    figures: dict[str, float] = {}
    for split in ("dev", "test"):
        if SENTIMENT in metrics[split]:
            figures[f"sentiment wF1, {split}"] = metrics[split][SENTIMENT]["weighted_f1"]
    if FINE not in metrics["test"]:
        return figures
    splits = {split: material.emotions.split(split) for split in ("dev", "test")}
    said = {split: predict(loaded, [one.text for one in ones]).probabilities[FINE] for split, ones in splits.items()}
    gold = {split: targets_of(ones, FINE_TASK) for split, ones in splits.items()}
    fixed = replace(FINE_TASK, thresholds=(0.3,) * len(FINE_TASK.labels))
    best = tuned(FINE_TASK, gold["dev"], np.ones(len(gold["dev"]), np.float32), said["dev"])
    for split in ("dev", "test"):
        figures[f"macro F1, {split}"] = task_metrics(best, gold[split], decide(best, said[split])).macro_f1
    figures |= _at(fixed, gold["test"], said["test"])
    # As if the auxiliary test utterances, which nobody labelled for emotions, had none.
    others = predict(loaded, [one.text for one in material.auxiliary.split("test")]).probabilities[FINE]
    union = np.concatenate([gold["test"], np.zeros((len(others), gold["test"].shape[1]), np.float32)])
    figures["wF1 at 0.3, both test sets"] = _at(fixed, union, np.concatenate([said["test"], others]))["wF1 at 0.3"]
    if SENTIMENT not in metrics["test"]:
        figures["derived sentiment wF1, test"] = _derived(loaded, material, others)
    return figures


def _at(task: Any, gold: Floats, said: Floats) -> dict[str, float]:
    found = task_metrics(task, gold, decide(task, said))
    shares = np.array([one.support for one in found.per_label.values()], float)
    return {
        "wF1 at 0.3": found.weighted_f1,
        "weighted precision at 0.3": float(np.average([o.precision for o in found.per_label.values()], weights=shares)),
        "weighted recall at 0.3": float(np.average([o.recall for o in found.per_label.values()], weights=shares)),
        "accuracy at 0.3": found.accuracy,
    }


def _derived(loaded: Any, material: Material, test: Floats) -> float:
    """Return how good the sentiment is that follows from the likeliest emotion, by what goes with it in train."""
    task = material.auxiliary.task(SENTIMENT)
    train = material.auxiliary.split("train")
    likeliest = predict(loaded, [one.text for one in train]).probabilities[FINE].argmax(axis=1)
    counts = np.zeros((len(FINE_TASK.labels), len(task.labels)))
    np.add.at(counts, likeliest, targets_of(train, task))
    chosen = np.eye(len(task.labels))[counts.argmax(axis=1)[test.argmax(axis=1)]]
    return task_metrics(task, targets_of(material.auxiliary.split("test"), task), chosen).weighted_f1


def _figures(found: Mapping[str, Sequence[Mapping[str, float]]], budget: str) -> dict[str, Figure]:
    figures = {}
    for name, cells in found.items():
        for key in ("macro F1, test", "wF1 at 0.3", "sentiment wF1, test", "derived sentiment wF1, test"):
            if key in cells[0]:
                values = [cell[key] for cell in cells]
                short = f"{name} {key}".replace(",", "").replace(" ", "_").replace(".", "_").lower()
                figures[short] = _figure(values, budget)
    rivals = [name for name in found if CELLS[name].kind == "multitask"]
    if rivals:
        chosen = max(rivals, key=lambda name: _means(found[name])["macro F1, dev"])
        alone = _best_alone(found, taught=bool(CELLS[chosen].teachers))
        if alone is None:
            return figures
        gaps = [
            multi["macro F1, test"] - single["macro F1, test"]
            for multi, single in zip(found[chosen], found[alone], strict=True)
        ]
        text = f"GoEmotions-28 macro F1, thresholds from dev; {chosen!r}, chosen on dev, minus {alone!r}; {budget}"
        figures["multitask_minus_singletask_goemotions"] = _figure(gaps, text)
    return figures


def _best_alone(found: Mapping[str, Sequence[Mapping[str, float]]], *, taught: bool) -> str | None:
    """Return the single-task cell that dev likes best; one that was taught is no rival of one that was not."""
    alone = [name for name in found if name.startswith("single emotion") and bool(CELLS[name].teachers) == taught]
    return max(alone, key=lambda name: _means(found[name])["macro F1, dev"], default=None)


def _figure(values: Sequence[float], note_: str) -> Figure:
    return Figure(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None, len(values), note_)


def _means(cells: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: statistics.fmean(cell[key] for cell in cells) for key in cells[0]}


def _limited(dataset: Dataset, limit: int) -> Dataset:
    """Keep ``limit`` train and half as many dev utterances, drawn at random, and all of test."""
    if not limit:
        return dataset
    kept: set[int] = set()
    for split, n in (("train", limit), ("dev", limit // 2), ("test", len(dataset.utterances))):
        places = [place for place, one in enumerate(dataset.utterances) if one.split == split]
        kept |= {places[index] for index in np.random.default_rng(1).permutation(len(places))[:n]}
    return replace(dataset, utterances=tuple(dataset.utterances[place] for place in sorted(kept)))


def _changed(dataset: Dataset, change: Callable[[Utterance], Utterance]) -> Dataset:
    return replace(dataset, utterances=tuple(map(change, dataset.utterances)))


def _with_labels(one: Utterance, labels: Mapping[str, tuple[str, ...]]) -> Utterance:
    # Of train alone: dev and test keep the labels that people gave.
    return replace(one, labels={**one.labels, **labels}) if one.split == "train" else one


def _first_label(one: Utterance) -> Utterance:
    return replace(one, labels={FINE: one.labels[FINE][:1]})


if __name__ == "__main__":
    sys.exit(main())
