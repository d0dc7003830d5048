"""What a student learns from: utterances of several datasets, people's labels blended with a teacher's answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.altered import altered
from training.datasets import Dataset, load
from training.datasets.merging import merged
from training.distill_config import DistillConfig
from training.evaluate import Outputs
from training.examples import Floats, targets_of
from training.grouped import FINE_TASK, TASKS, Grouping
from training.soft_labels import blended, shares
from training.teacher import Teacher
from training.utterance import Utterance

RARE = 0.01  # a label is rare if a smaller share of the train utterances carries it


@dataclass(frozen=True)
class Lessons:
    """The material of a distillation.

    :param dataset: all utterances with the labels that people gave, for the tasks of the student.
    :param texts: the train texts in their order, then altered repetitions of those with rare labels.
    :param targets: per task ``[n, n_labels]``: labels blended with the teacher's probabilities.
    :param features: ``[n, d]`` of the teacher.
    """

    dataset: Dataset
    texts: tuple[str, ...]
    targets: dict[str, Floats]
    features: Floats


def prepare_lessons(config: DistillConfig, teacher: Teacher, data_dir: Path | None) -> Lessons:
    """Read the data, ask the teacher, and blend.

    A teacher with GoEmotions' 28 labels gives students of three tasks, see :mod:`training.grouped`; of any other
    teacher the student learns the same tasks.

    :raises DataError: if a dataset has no task of the student.
    """
    grouped = replace(next((one for one in teacher.run.tasks if one.name == FINE_TASK.name), TASKS[0]), thresholds=None)
    tasks = TASKS if grouped == FINE_TASK else tuple(replace(task, thresholds=None) for task in teacher.run.tasks)
    datasets = [_fitting(load(name, data_dir=data_dir), tasks) for name in config.data.split(",")]
    dataset = replace(merged(datasets), tasks=tasks)
    train = list(dataset.split("train"))
    answers = teacher.answers([one.text for one in train])
    grouping = _learned_grouping(train, answers) if grouped == FINE_TASK else None
    repeated = [train[row] for row in _rare(train, tasks)] * config.repeats
    texts = altered([one.text for one in repeated], seed=config.seed)
    if repeated:
        answers = _joined(answers, teacher.answers(texts))
    hard, soft = _targets(train + repeated, tasks, answers, grouping)
    if grouping is not None:
        dataset = replace(dataset, utterances=tuple(map(grouping.labelled, dataset.utterances)))
    return Lessons(
        dataset,
        (*(one.text for one in train), *texts),
        {
            task.name: blended(
                hard[task.name], soft[task.name], shares(task, [teacher], config.soft), np.sum(hard[task.name], axis=1)
            )
            for task in tasks
        },
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


def _learned_grouping(train: Sequence[Utterance], answers: Outputs) -> Grouping:
    sentiment = TASKS[1]
    rows = [row for row, one in enumerate(train) if sentiment.name in one.labels]
    return Grouping.learned(answers.probabilities["fine"][rows], targets_of([train[row] for row in rows], sentiment))


def _rare(train: Sequence[Utterance], tasks: Sequence[Task]) -> list[int]:
    """Return the rows with a label of a sigmoid task that less than 1 % of the rows carry."""
    counts = Counter(label for one in train for task in tasks if task.is_multi_label for label in _labels(one, task))
    rare = {label for label, count in counts.items() if count < RARE * len(train)}
    return [
        row
        for row, one in enumerate(train)
        if any(task.is_multi_label and rare & set(_labels(one, task)) for task in tasks)
    ]


def _labels(utterance: Utterance, task: Task) -> tuple[str, ...]:
    return tuple(f"{task.name}.{label}" for label in utterance.labels.get(task.name, ()))


def _joined(first: Outputs, second: Outputs) -> Outputs:
    return Outputs(
        np.concatenate([first.features, second.features]),
        {name: np.concatenate([first.probabilities[name], second.probabilities[name]]) for name in first.probabilities},
    )


def _targets(
    utterances: Sequence[Utterance], tasks: Sequence[Task], answers: Outputs, grouping: Grouping | None
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return per task what people said (zeros where nothing) and what the teacher says."""
    hard = {task.name: targets_of(utterances, task) for task in tasks}
    if grouping is None:
        return hard, answers.probabilities
    for name, of_groups in grouping.targets(hard["fine"]).items():
        hard[name] = np.where(hard["fine"].any(axis=1, keepdims=True), of_groups, hard[name])
    fine = answers.probabilities["fine"]
    return hard, {"fine": fine, **grouping.targets(fine)}
