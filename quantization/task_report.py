"""One recipe on one task: scores against the gold labels, and what changed against the reference."""

from dataclasses import replace

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
    report = TaskReport(
        n=len(labelled),
        n_labelled=int(labelled.sum()),
        n_undecided=int((~finite).sum()),
        predicted={label: int(count) for label, count in zip(task.labels, predicted.sum(axis=0), strict=True)},
    )
    if labelled.any():
        found = scores(gold[labelled], predicted[labelled], task.labels)
        report = replace(
            report,
            weighted_f1=found.weighted_f1,
            macro_f1=found.macro_f1,
            accuracy=found.accuracy,
            per_label=found.per_label,
        )
        usable = labelled & finite
        if not task.is_multi_label and usable.any():
            right = (gold[usable] & predicted[usable]).any(axis=1)
            report = replace(report, calibration=calibration(sure[usable], right))
    return report if reference is None else _with_changes(report, task, (gold, labelled), reference, probabilities)


def _with_changes(
    report: TaskReport,
    task: Task,
    gold: tuple[Labels, NDArray[np.bool_]],
    reference: Probabilities,
    probabilities: Probabilities,
) -> TaskReport:
    before, after = decide(task, reference), decide(task, probabilities)
    drift = confidence(probabilities) - confidence(reference)
    known = np.isfinite(drift)
    report = replace(
        report,
        agreement=agreement(before, after),
        mean_confidence_drift=float(drift[known].mean()) if known.any() else None,
    )
    truth, labelled = gold
    if not labelled.any():
        return report
    truth, before, after = truth[labelled], before[labelled], after[labelled]
    change = scores(truth, after, task.labels).weighted_f1 - scores(truth, before, task.labels).weighted_f1
    return replace(
        report,
        delta_weighted_f1=Difference(change, paired_interval(truth, before, after)),
        flips=count_flips(truth, before, after),
    )
