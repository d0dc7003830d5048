"""One recipe on one task: scores against the gold labels, and what changed against the reference."""

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from quantization.bootstrap import paired_interval
from quantization.calibration import calibration
from quantization.classification import Labels, agreement, scores
from quantization.decisions import confidence, decide
from quantization.flips import count_flips
from quantization.report import Difference, TaskReport

Probabilities = NDArray[np.float32]


def report_task(
    task: Task,
    gold: Labels,
    labelled: NDArray[np.bool_],
    probabilities: Probabilities,
    reference: Probabilities | None,
) -> TaskReport:
    """Measure one recipe on one task.

    :param gold: ``[n, labels]``.
    :param labelled: ``[n]``, whether an utterance has gold labels; the others count in agreement and drift alone.
    :param probabilities: of the recipe, ``[n, labels]``.
    :param reference: of the reference; None if the recipe is the reference.
    """
    predicted, sure = decide(task, probabilities), confidence(probabilities)
    finite = np.isfinite(sure)
    values = {
        "n": len(labelled),
        "n_labelled": int(labelled.sum()),
        "n_undecided": int((~finite).sum()),
        "predicted": {label: int(count) for label, count in zip(task.labels, predicted.sum(axis=0), strict=True)},
    }
    if labelled.any():
        found = scores(gold[labelled], predicted[labelled], task.labels)
        values |= {name: getattr(found, name) for name in ("weighted_f1", "macro_f1", "accuracy", "per_label")}
        usable = labelled & finite
        if not task.is_multi_label and usable.any():
            values["calibration"] = calibration(sure[usable], (gold[usable] & predicted[usable]).any(axis=1))
    if reference is not None:
        values |= _against_reference(task, gold, labelled, probabilities, reference)
    return TaskReport(**values)


def _against_reference(
    task: Task, gold: Labels, labelled: NDArray[np.bool_], probabilities: Probabilities, reference: Probabilities
) -> dict[str, object]:
    before, after = decide(task, reference), decide(task, probabilities)
    values: dict[str, object] = {"agreement": agreement(before, after)}
    drift = confidence(probabilities) - confidence(reference)
    if np.isfinite(drift).any():
        values["mean_confidence_drift"] = float(drift[np.isfinite(drift)].mean())
    if labelled.any():
        truth, one, other = gold[labelled], before[labelled], after[labelled]
        difference = scores(truth, other, task.labels).weighted_f1 - scores(truth, one, task.labels).weighted_f1
        values["delta_weighted_f1"] = Difference(difference, paired_interval(truth, one, other))
        values["flips"] = count_flips(truth, one, other)
    return values
