"""Labels of people blended with the probabilities of fine-tuned models."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from training.examples import Examples, Floats
from training.teacher import Teacher
from training.utterance import Utterance


def blended(hard: Floats, soft: Floats, share: Floats, labelled: NDArray[Any]) -> Floats:
    """Blend where people said something; cross-entropy is linear in its targets, so this is the sum of both losses.

    :param hard: ``[n, n_labels]``, what people said.
    :param soft: ``[n, n_labels]``, probabilities.
    :param share: of the probabilities, ``[n_labels]``.
    :param labelled: ``[n]``, 0 where people said nothing; "none of them" is an answer too.
    """
    return np.where(labelled[:, None] > 0, (1 - share) * hard + share * soft, soft).astype(np.float32)


def shares(task: Task, teachers: Sequence[Teacher], share: float) -> Floats:
    """Return the teachers' share in the target of each label: none where none of them is ever right on dev."""
    measured = [one.run.metrics["dev"].get(task.name, {}).get("per_label", {}) for one in teachers]
    known = [
        not task.is_multi_label or any(scores.get(label, {"f1": 1.0})["f1"] > 0 for scores in measured)
        for label in task.labels
    ]
    return np.where(known, share, 0.0).astype(np.float32)


def with_soft_labels(
    examples: Examples,
    utterances: Sequence[Utterance],
    tasks: Sequence[Task],
    teachers: Sequence[Teacher],
    share: float,
) -> Examples:
    """Return train examples whose targets are blended with the mean of the teachers' probabilities.

    With a teacher of the same architecture this is a born-again network (Furlanello et al. 2018, section 3.1); several
    teachers are averaged (Hinton et al. 2015). Utterances without a label of a task learn it from the teachers alone.
    A task that no teacher knows keeps its labels.

    :param examples: of the utterances, in their order.
    :param share: of the teachers.
    :raises UndertoneError: if no teacher knows any of the tasks.
    """
    knowing = {task.name: [one for one in teachers if one.knows(task)] for task in tasks}
    if not any(knowing.values()):
        raise UndertoneError(
            f"a teacher of task {' or '.join(knowing)}, with the same labels",
            "; ".join(f"{one.path.name} with {', '.join(task.name for task in one.run.tasks)}" for one in teachers),
            "correct --teacher or --tasks",
        )
    texts = [one.text for one in utterances]
    answers = {one.path: one.answers(texts).probabilities for one in teachers if any(map(one.knows, tasks))}
    return replace(
        examples,
        targets={
            task.name: _targets(
                task,
                examples,
                [answers[one.path] for one in knowing[task.name]],
                shares(task, knowing[task.name], share),
            )
            for task in tasks
        },
        masks={name: np.ones_like(mask) if knowing[name] else mask for name, mask in examples.masks.items()},
    )


def _targets(task: Task, examples: Examples, answers: Sequence[Mapping[str, Floats]], share: Floats) -> Floats:
    hard = examples.targets[task.name]
    if not answers:
        return hard
    soft = np.stack([one[task.name] for one in answers]).mean(axis=0)
    return blended(hard, soft, share, examples.masks[task.name])
