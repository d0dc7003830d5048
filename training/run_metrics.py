"""The figures of a run: each task on dev and test, and the rows that stand beside them in every table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.calibration import Reliability
from training.checkpoint import Run
from training.datasets import Dataset
from training.evaluate import Outputs, predict_ids
from training.examples import Examples, Floats
from training.metrics import TaskMetrics, task_metrics
from training.thresholds import decide, tuned

REPORTED = ("dev", "test")
# Beside the thresholds tuned on dev: the usual one, and that of the GoEmotions paper (Demszky et al. 2020).
FIXED_THRESHOLDS = (0.5, 0.3)


def dev_figures(tasks: Sequence[Task], examples: Examples, outputs: Outputs) -> tuple[float, dict[str, Any]]:
    """Return the score by which the best epoch is chosen, the mean weighted F1 of the tasks, and each task's figures.

    Thresholds of sigmoid tasks are tuned on these same examples, the dev split.
    """
    figures = {}
    for task in tune_all(tasks, examples, outputs):
        metrics = evaluate_task(task, examples, outputs.probabilities[task.name])
        figures[task.name] = {
            "weighted_f1": metrics.weighted_f1,
            "macro_f1": metrics.macro_f1,
            "accuracy": metrics.accuracy,
        }
    return float(np.mean([values["weighted_f1"] for values in figures.values()])), figures


def tune_all(tasks: Sequence[Task], dev: Examples, outputs: Outputs) -> tuple[Task, ...]:
    """Return the tasks with the thresholds that are best on dev."""
    return tuple(
        tuned(task, dev.targets[task.name], dev.masks[task.name], outputs.probabilities[task.name]) for task in tasks
    )


def evaluate_task(task: Task, examples: Examples, probabilities: Floats) -> TaskMetrics:
    """Compare what the model says with the labels of the utterances that have some."""
    labelled = examples.masks[task.name] > 0
    return task_metrics(task, examples.targets[task.name][labelled], decide(task, probabilities[labelled]))


def reliability_of(task: Task, examples: Examples, probabilities: Floats) -> Reliability:
    """Return how true the probabilities of the labelled utterances are."""
    labelled = examples.masks[task.name] > 0
    return Reliability.of(task, examples.targets[task.name][labelled], probabilities[labelled])


def _figures(task: Task, examples: Examples, probabilities: Floats) -> dict[str, Any]:
    calibration = reliability_of(task, examples, probabilities).to_dict()
    return {**evaluate_task(task, examples, probabilities).to_dict(), "calibration": calibration}


def run_metrics(
    dataset: Dataset,
    tasks: Sequence[Task],
    examples: Mapping[str, Examples],
    outputs: Mapping[str, Outputs],
    *,
    baselines: bool,
) -> dict[str, Any]:
    """Return the content of ``metrics.json``.

    :param tasks: with the thresholds that were tuned on dev.
    :param examples: per split.
    :param outputs: per split, from the best epoch's weights.
    :param baselines: whether to fit the majority and TF-IDF rows too.
    """
    metrics: dict[str, Any] = {split: {} for split in REPORTED}
    for split in REPORTED:
        for task in tasks:
            probabilities = outputs[split].probabilities[task.name]
            metrics[split][task.name] = _figures(task, examples[split], probabilities)
            if task.is_multi_label:
                metrics[split][task.name]["fixed_thresholds"] = _at_fixed_thresholds(
                    task, examples[split], probabilities
                )
    derived = derived_sentiment(tasks, examples, outputs)
    return (
        metrics
        | ({"derived_sentiment": derived} if derived else {})
        | ({"baselines": _baselines(dataset, tasks)} if baselines else {})
    )


def derived_sentiment(
    tasks: Sequence[Task], examples: Mapping[str, Examples], outputs: Mapping[str, Outputs]
) -> dict[str, Any] | None:
    """Return how good the sentiment is that follows from the predicted emotion alone, or None without both tasks.

    Each emotion stands for the sentiment that is most frequent with it in train: joy for positive, anger for negative,
    and surprise for whichever it is. A sentiment head that does not beat this row adds nothing.
    """
    by_name = {task.name: task for task in tasks}
    emotion, sentiment = by_name.get("emotion"), by_name.get("sentiment")
    if emotion is None or sentiment is None or emotion.activation != sentiment.activation:
        return None
    train = examples["train"]
    follows = (train.targets["emotion"].T @ train.targets["sentiment"]).argmax(axis=1)
    stands_for = np.eye(len(sentiment.labels), dtype=np.float32)[follows]
    figures: dict[str, Any] = {
        "mapping": {
            label: sentiment.labels[place] for label, place in zip(emotion.labels, follows.tolist(), strict=True)
        }
    }
    for split in REPORTED:
        labelled = examples[split].masks["sentiment"] > 0
        chosen = decide(emotion, outputs[split].probabilities["emotion"][labelled]) @ stands_for > 0
        targets = examples[split].targets["sentiment"][labelled]
        figures[split] = task_metrics(sentiment, targets, chosen).to_dict()
    return figures


def _at_fixed_thresholds(task: Task, examples: Examples, probabilities: Floats) -> dict[str, Any]:
    figures = {}
    for threshold in FIXED_THRESHOLDS:
        fixed = replace(task, thresholds=(threshold,) * len(task.labels))
        metrics = evaluate_task(fixed, examples, probabilities).to_dict()
        figures[str(threshold)] = {name: metrics[name] for name in ("weighted_f1", "macro_f1", "accuracy")}
    return figures


def _baselines(dataset: Dataset, tasks: Sequence[Task]) -> dict[str, Any]:
    from training.baselines import majority, tfidf

    rows: dict[str, Any] = {}
    for fit in (majority, tfidf):
        for task in tasks:
            result = fit(dataset, task.name)
            row = rows.setdefault(result.name, {split: {} for split in REPORTED})
            for split in REPORTED:
                row[split][task.name] = result.metrics[split].to_dict()
    return rows


def evaluate_run(run: Run, dataset: Dataset, split: str, *, batch_size: int) -> dict[str, Any]:
    """Return the figures of a run on a split, for every task that both know.

    :raises DataError: if they share no task, or a task has labels that the run does not know.
    """
    utterances = dataset.split(split)
    tasks = _shared_tasks(run, dataset)
    examples = Examples.of(utterances, tasks, run.tokenizer, run.config.max_length)
    for task in tasks:
        if not examples.masks[task.name].any():
            raise DataError(
                f"labels of {task.name!r} in split {split} of {dataset.name}", "none", "choose tasks with --tasks"
            )
    outputs = predict_ids(run.model, run.tasks, examples.ids, run.tokenizer.pad_id, batch_size)
    return {task.name: _figures(task, examples, outputs.probabilities[task.name]) for task in tasks}


def _shared_tasks(run: Run, dataset: Dataset) -> tuple[Task, ...]:
    known = {task.name: task for task in dataset.tasks}
    shared = tuple(task for task in run.tasks if task.name in known)
    if not shared:
        raise DataError(
            f"a task of the run ({', '.join(task.name for task in run.tasks)}) in {dataset.name}",
            ", ".join(known),
            "choose data labelled for one of them",
        )
    for task in shared:
        other = known[task.name]
        if other.activation != task.activation or not set(other.labels) <= set(task.labels):
            raise DataError(
                f"{task.activation} labels {', '.join(task.labels)} for task {task.name!r}",
                f"{other.activation} labels {', '.join(other.labels)} in {dataset.name}",
                "choose data with the labels that the run was trained on",
            )
    return shared
