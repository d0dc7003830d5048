"""The gold labels of a dataset as arrays in the order of the bundle's outputs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from quantization.classification import Labels
from training.datasets import Dataset
from training.utterance import Utterance


def labelled_tasks(tasks: Sequence[Task], dataset: Dataset) -> tuple[Task, ...]:
    """Return the bundle's tasks that the dataset labels; the others are compared without F1.

    :raises DataError: if a task has other labels in the dataset than in the bundle, or the dataset labels none.
    """
    of_data = {task.name: task for task in dataset.tasks}
    labelled = tuple(task for task in tasks if task.name in of_data)
    if not labelled:
        raise DataError(
            f"labels in {dataset.name} for a task of the bundle ({', '.join(task.name for task in tasks)})",
            f"labels for {', '.join(of_data)}" if of_data else "no labels",
            "choose data that labels one of these tasks",
        )
    for task in labelled:
        found = of_data[task.name].labels
        if set(found) != set(task.labels):
            raise DataError(
                f"task {task.name} with the labels of the bundle ({', '.join(task.labels)})",
                f"in {dataset.name}: {', '.join(found)}",
                "choose data with these labels, or build a bundle that was trained on this data",
            )
    return labelled


def gold_labels(task: Task, utterances: Sequence[Utterance]) -> tuple[Labels, NDArray[np.bool_]]:
    """Return gold labels ``[n, labels]`` in the bundle's order, and ``[n]`` whether an utterance is labelled at all."""
    places = {label: index for index, label in enumerate(task.labels)}
    gold = np.zeros((len(utterances), len(task.labels)), dtype=np.bool_)
    labelled = np.zeros(len(utterances), dtype=np.bool_)
    for row, utterance in enumerate(utterances):
        if task.name in utterance.labels:
            labelled[row] = True
            gold[row, [places[label] for label in utterance.labels[task.name]]] = True
    return gold, labelled
