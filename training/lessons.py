"""What a student learns from: utterances of several datasets, people's labels blended with a teacher's answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.altered import altered
from training.datasets import Dataset, load
from training.distill_config import DistillConfig
from training.evaluate import Outputs
from training.examples import Floats, targets_of
from training.grouped import FINE_TASK, TASKS, Grouping
from training.teacher import Teacher
from training.utterance import Utterance


@dataclass(frozen=True)
class Lessons:
    """The material of a distillation.

    :param dataset: all utterances with the labels that people gave, for the tasks of the student.
    :param texts: the train texts in their order, then the altered copies.
    :param targets: per task ``[n, n_labels]``: labels blended with the teacher's probabilities; for copies these alone.
    :param features: ``[n, d]`` of the teacher.
    """

    dataset: Dataset
    texts: tuple[str, ...]
    targets: dict[str, Floats]
    features: Floats


def prepare_lessons(config: DistillConfig, teacher: Teacher, data_dir: Path | None) -> Lessons:
    """Read the data, ask the teacher, and blend.

    A teacher with GoEmotions' 28 labels gives students of three tasks, see :mod:`training.grouped`; of any other teacher
    the student learns the same tasks.

    :raises DataError: if a dataset has no task of the student.
    """
    grouped = replace(next((one for one in teacher.run.tasks if one.name == FINE_TASK.name), TASKS[0]), thresholds=None)
    tasks = TASKS if grouped == FINE_TASK else tuple(replace(task, thresholds=None) for task in teacher.run.tasks)
    datasets = [_fitting(load(name, data_dir=data_dir), tasks) for name in config.data.split(",")]
    dataset = _merged(datasets, tasks)
    train = dataset.split("train")
    texts = [one.text for one in train]
    for copy in range(config.copies):
        texts += altered(texts[: len(train)], seed=config.seed + copy)
    answers = teacher.answers(texts)
    if grouped != FINE_TASK:
        hard = {task.name: targets_of(train, task) for task in tasks}
        return Lessons(dataset, tuple(texts), _blended(config.soft, train, hard, answers.probabilities), answers.features)
    grouping = _learned_grouping(train, answers)
    fine = targets_of(train, FINE_TASK)
    hard = {task.name: targets_of(train, task) for task in tasks}
    for name, shares in grouping.targets(fine).items():
        hard[name] = np.where(fine.any(axis=1, keepdims=True), shares, hard[name])
    soft = {"fine": answers.probabilities["fine"], **grouping.targets(answers.probabilities["fine"])}
    return Lessons(
        replace(dataset, utterances=tuple(map(grouping.labelled, dataset.utterances))),
        tuple(texts),
        _blended(config.soft, train, hard, soft),
        answers.features,
    )


def _fitting(dataset: Dataset, tasks: Sequence[Task]) -> Dataset:
    """Return a dataset with those of its tasks that the student has; only ``fine`` of GoEmotions, the others follow."""
    dataset.report_rejected()
    names = [task.name for task in dataset.tasks if task in tasks]
    if not names:
        wanted = ", ".join(f"{task.name} ({task.activation})" for task in tasks)
        found = ", ".join(f"{task.name} ({task.activation})" for task in dataset.tasks)
        raise DataError(
            f"a task of the student, {wanted}, with the same labels", f"{found} in {dataset.name}", "correct --data"
        )
    return dataset.with_tasks(names)


def _merged(datasets: Sequence[Dataset], tasks: Sequence[Task]) -> Dataset:
    return Dataset(
        name=",".join(one.name for one in datasets),
        tasks=tuple(tasks),
        utterances=tuple(utterance for one in datasets for utterance in one.utterances),
        rejected=tuple(row for one in datasets for row in one.rejected),
        licence="; ".join(f"{one.name}: {one.licence}" for one in datasets),
        source="; ".join(one.source for one in datasets),
    )


def _learned_grouping(train: Sequence[Utterance], answers: Outputs) -> Grouping:
    sentiment = TASKS[1]
    rows = [row for row, one in enumerate(train) if sentiment.name in one.labels]
    return Grouping.learned(
        answers.probabilities["fine"][rows], targets_of([train[row] for row in rows], sentiment)
    )


def _blended(
    share: float, train: Sequence[Utterance], hard: dict[str, Floats], soft: dict[str, Floats]
) -> dict[str, Floats]:
    """Cross-entropy is linear in its targets: blending these is the weighted sum of both losses."""
    blended = {}
    for name, labels in hard.items():
        target = soft[name].copy()
        known = [row for row in range(len(train)) if labels[row].any()]
        target[known] = (1 - share) * labels[known] + share * target[known]
        blended[name] = target
    return blended
