"""Several datasets as one, each utterance labelled for the tasks of its own source alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.datasets.dataset import Dataset
from training.utterance import Utterance


def merged(datasets: Sequence[Dataset]) -> Dataset:
    """Return all utterances of several datasets, in their order.

    Tasks with the same name, labels and activation become one task. Where a later dataset means something else by a
    name, its task is renamed: ``emotion`` of ``goemotions`` becomes ``emotion_goemotions`` beside the one of ``meld``.

    :raises DataError: if a dataset is named twice.
    """
    names = [dataset.name for dataset in datasets]
    if len(set(names)) < len(names):
        raise DataError("different datasets", ", ".join(names), "name each once")
    tasks: dict[str, Task] = {}
    utterances: list[Utterance] = []
    for dataset in datasets:
        new = {task.name: _new_name(task, dataset, tasks) for task in dataset.tasks}
        tasks |= {new[task.name]: replace(task, name=new[task.name]) for task in dataset.tasks}
        utterances += [_renamed(one, new, dataset.name) for one in dataset.utterances]
    return Dataset(
        name=",".join(names),
        tasks=tuple(tasks.values()),
        utterances=tuple(utterances),
        rejected=tuple(row for dataset in datasets for row in dataset.rejected),
        licence="; ".join(f"{dataset.name}: {dataset.licence}" for dataset in datasets),
        source="; ".join(dataset.source for dataset in datasets),
    )


def _new_name(task: Task, dataset: Dataset, taken: Mapping[str, Task]) -> str:
    if taken.get(task.name, task) == task:
        return task.name
    return f"{task.name}_{re.sub('[^a-z0-9]+', '_', Path(dataset.name).stem.lower()).strip('_')}"


def _renamed(utterance: Utterance, tasks: Mapping[str, str], dataset: str) -> Utterance:
    labels = {tasks[task]: chosen for task, chosen in utterance.labels.items()}
    # A dialogue's name is unique within its dataset alone.
    dialogue = None if utterance.dialogue is None else f"{dataset}/{utterance.dialogue}"
    return replace(utterance, labels=labels, dialogue=dialogue)
