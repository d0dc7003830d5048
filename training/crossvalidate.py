"""Cross-validation: every utterance of train and dev is tested once, by a model that has not seen its group.

The official test split takes no part: what cross-validation chooses may be measured there afterwards.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.files import write_file
from training.config import FitConfig
from training.datasets import Dataset, load
from training.datasets.splitting import text_key
from training.finished import fit_once
from training.utterance import Utterance

RESULTS_FILE = "crossvalidation.json"
FEWEST = 3
_SCORES = ("weighted_f1", "macro_f1", "accuracy")


def crossvalidate(
    config: FitConfig, out: Path, *, folds: int, by: str = "text", data_dir: Path | None = None
) -> dict[str, Any]:
    """Fit one model a fold and write their runs and ``crossvalidation.json``; finished folds are not fitted again.

    :param folds: how many; each is tested once, the one after it is dev then, and the others are train.
    :param by: what is kept together: equal texts, dialogues or speakers. Labels are spread evenly over the folds.
    :return: per task the mean and standard deviation of each score over the folds, and the folds themselves.
    :raises UndertoneError: if there are fewer than three folds, or fewer groups than folds.
    """
    dataset = load(config.data, data_dir=data_dir, tasks=config.tasks)
    dataset.report_rejected()
    rows = []
    for number, part in enumerate(folds_of(dataset, folds, by=by, seed=config.seed), start=1):
        metrics = fit_once(config, part, out / f"fold-{number}")
        rows.append({task.name: {name: metrics["test"][task.name][name] for name in _SCORES} for task in dataset.tasks})
    results = {
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        "by": by,
        "fit": config.to_dict(),
        "tasks": {task.name: _summary([row[task.name] for row in rows]) for task in dataset.tasks},
        "folds": rows,
    }
    write_file(out / RESULTS_FILE, (json.dumps(results, indent=2) + "\n").encode())
    return results


def folds_of(dataset: Dataset, folds: int, *, by: str, seed: int) -> list[Dataset]:
    """Return for each fold the dataset with its train and dev utterances split anew; those of test are left out."""
    if folds < FEWEST:
        raise UndertoneError(f"--folds of at least {FEWEST}: train, dev and test", str(folds), "choose more")
    kept = [one for one in dataset.utterances if one.split != "test"]
    groups = _groups(kept, by)
    if len(set(groups)) < folds:
        raise DataError(f"at least {folds} {by}s in {dataset.name}", str(len(set(groups))), "choose fewer --folds")
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    fold = np.zeros(len(kept), np.int64)
    for number, (_, tested) in enumerate(splitter.split(np.zeros(len(kept)), _strata(dataset, kept), groups)):
        fold[tested] = number
    return [replace(dataset, utterances=_split(kept, (fold - number) % folds)) for number in range(folds)]


def table(results: dict[str, Any]) -> str:
    """Return mean and standard deviation of each task as lines of text."""
    n = len(results["folds"])
    lines = [f"{results['data']}, {n} folds by {results['by']}".ljust(40) + "  wF1            macro F1       accuracy"]
    for task, scores in results["tasks"].items():
        cells = "  ".join(f"{scores[name]['mean']:.3f} ± {scores[name]['sd']:.3f}" for name in _SCORES)
        lines.append(f"{task.ljust(40)}  {cells}")
    return "\n".join(lines)


def _split(utterances: Sequence[Utterance], distance: NDArray[np.int64]) -> tuple[Utterance, ...]:
    names = {0: "test", 1: "dev"}
    return tuple(
        replace(one, split=names.get(int(place), "train")) for one, place in zip(utterances, distance, strict=True)
    )


def _groups(utterances: Sequence[Utterance], by: str) -> list[str]:
    if by == "text":
        return [text_key(one.text) for one in utterances]
    values = [one.dialogue if by == "dialogue" else one.speaker for one in utterances]
    if None in values:
        raise DataError(f"a {by} with every utterance for --fold-by {by}", "some without", "use --fold-by text")
    return [str(value) for value in values]


def _strata(dataset: Dataset, utterances: Sequence[Utterance]) -> list[str]:
    """Return what is spread evenly: the label of the first task, of several the one that is rarest."""
    task = dataset.tasks[0].name
    counts = {
        label: sum(dataset.label_counts(task, split)[label] for split in ("train", "dev"))
        for label in dataset.tasks[0].labels
    }
    return [min(one.labels.get(task, ()), key=lambda label: counts[label], default="") for one in utterances]


def _summary(rows: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    return {name: {"mean": mean(row[name] for row in rows), "sd": stdev(row[name] for row in rows)} for name in _SCORES}
