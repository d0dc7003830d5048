"""Signs that a recipe has collapsed: an answer that does not depend on the utterance any more."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from quantization.feature_error import Cosine
from quantization.report import TaskReport

LEAST_COSINE = 0.9
# Bits that the predicted labels carry, as a share of the reference's.
LEAST_ENTROPY = 0.5
# One dead feature in ten: a few never mattered.
MOST_DEAD = 0.1


def signs(
    tasks: Mapping[str, TaskReport],
    reference: Mapping[str, TaskReport],
    *,
    non_finite: int,
    cosine: Cosine | None,
    dead: int,
    dimension: int,
) -> list[str]:
    """Name what is wrong with a recipe, a sentence each; nothing if it has not collapsed.

    :param dead: features that vary in the reference and are constant in the recipe, of ``dimension``.
    """
    found = []
    if non_finite:
        found.append(f"{non_finite:,} features or probabilities are NaN or infinite")
    if cosine is not None and cosine.mean < LEAST_COSINE:
        found.append(f"features point elsewhere: mean cosine {cosine.mean:.3f}")
    if dead > MOST_DEAD * dimension:
        found.append(f"{dead:,} of {dimension:,} features are constant that vary in the reference")
    for name, task in tasks.items():
        found += _of_task(name, task, reference[name])
    return found


def _of_task(name: str, task: TaskReport, reference: TaskReport) -> list[str]:
    only, before = only_label(task), only_label(reference)
    if only is not None and before is None:
        return [f"every {name} is “{only}”"]
    bits, expected = entropy(task.predicted), entropy(reference.predicted)
    if expected > 0 and bits < LEAST_ENTROPY * expected:
        return [f"{name} is hardly told apart any more: {bits:.2f} bits in its labels, {expected:.2f} in the reference"]
    return []


def only_label(task: TaskReport) -> str | None:
    """Return the label that every utterance got, if there is one."""
    used = [label for label, count in task.predicted.items() if count]
    return used[0] if len(used) == 1 and task.predicted[used[0]] == task.n else None


def entropy(counts: Mapping[str, int]) -> float:
    """Return the entropy of predicted labels in bits; 0 if there are none."""
    values: NDArray[np.float64] = np.asarray([count for count in counts.values() if count], dtype=np.float64)
    if not values.size:
        return 0.0
    shares = values / values.sum()
    return float(-(shares * np.log2(shares)).sum())
