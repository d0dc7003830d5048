"""The utterances whose label changed, and what became of them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.encoder import Encoder
from mobile_app.engine.task import Task
from quantization.classification import Labels, require_pairs
from quantization.decisions import decide
from quantization.report import RIGHT_TO_WRONG, UNLABELLED, WRONG_TO_RIGHT, WRONG_TO_WRONG, Flip, FlipCounts


def count_flips(gold: Labels, reference: Labels, target: Labels) -> FlipCounts:
    """Count the utterances whose label set changed, by whether it was and is right.

    :raises ValueError: if there are no utterances, or shapes differ.
    """
    require_pairs(gold, reference, target)
    changed = (reference != target).any(axis=1)
    was_right, is_right = (gold == reference).all(axis=1), (gold == target).all(axis=1)
    return FlipCounts(
        right_to_wrong=int((changed & was_right).sum()),
        wrong_to_right=int((changed & is_right).sum()),
        wrong_to_wrong=int((changed & ~was_right & ~is_right).sum()),
    )


def find_flips(
    recipe: str,
    task: Task,
    texts: Sequence[str],
    gold: tuple[Labels, NDArray[np.bool_]],
    labels: tuple[Labels, Labels],
    probabilities: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> list[Flip]:
    """List the utterances whose label changed.

    :param gold: gold labels, and whether each utterance is labelled.
    :param labels: of the reference and of the recipe.
    :param probabilities: of the reference and of the recipe.
    """
    flips = []
    for row in np.flatnonzero((labels[0] != labels[1]).any(axis=1)).tolist():
        truth = gold[0][row] if gold[1][row] else None
        before, after = labels[0][row], labels[1][row]
        shown = np.flatnonzero(before | after | (before if truth is None else truth))
        lost = np.flatnonzero(before if truth is None else truth)
        drop = float((probabilities[0][row, lost] - probabilities[1][row, lost]).sum())
        flips.append(
            Flip(
                recipe=recipe,
                task=task.name,
                kind=_kind(truth, before, after),
                index=row,
                text=texts[row],
                gold=None if truth is None else _names(task, truth),
                before_label=_names(task, before),
                after_label=_names(task, after),
                before={task.labels[i]: _finite(probabilities[0][row, i]) for i in shown},
                after={task.labels[i]: _finite(probabilities[1][row, i]) for i in shown},
                damage=_finite(drop),
            )
        )
    return flips


def golden_flips(
    tasks: Sequence[Task], encoders: Mapping[str, Encoder], reference: str, texts: Sequence[str]
) -> dict[str, list[str]] | None:
    """Return per recipe the texts whose label differs from the reference's in any task; None without texts."""
    if not texts:
        return None
    labels = {
        name: [
            [decide(task, one.probabilities[task.name][None]) for task in tasks] for one in map(encoder.encode, texts)
        ]
        for name, encoder in encoders.items()
    }
    return {
        name: [
            text for text, mine, theirs in zip(texts, found, labels[reference], strict=True) if _differ(mine, theirs)
        ]
        for name, found in labels.items()
        if name != reference
    }


def _differ(one: Sequence[Labels], other: Sequence[Labels]) -> bool:
    return any((mine != theirs).any() for mine, theirs in zip(one, other, strict=True))


def _kind(truth: NDArray[np.bool_] | None, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> str:
    if truth is None:
        return UNLABELLED
    if (truth == before).all():
        return RIGHT_TO_WRONG
    return WRONG_TO_RIGHT if (truth == after).all() else WRONG_TO_WRONG


def _names(task: Task, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(task.labels[index] for index in np.flatnonzero(chosen))


def _finite(value: float | np.floating) -> float | None:
    return float(value) if np.isfinite(value) else None
