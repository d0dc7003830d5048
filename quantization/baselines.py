"""Rows without a neural network, from the metrics of the bundle's training run."""

from collections.abc import Mapping, Sequence
from typing import Any

from quantization.report import Baseline

SHOWN = {"majority": "Majority", "tfidf_lr": "TF-IDF + logistic regression"}
SPLIT = "test"


def baselines(training: Mapping[str, Any], tasks: Sequence[str]) -> tuple[Baseline, ...]:
    """Return the baselines of a bundle's training record, if it has any.

    :param training: the manifest's ``training``.
    :param tasks: the tasks to return, in this order.
    """
    metrics = training.get("metrics", {})
    conditions = f"on {training.get('data', 'the training data')}, {SPLIT} split, measured when the model was trained"
    rows = []
    for name, shown in SHOWN.items():
        of_name = metrics.get("baselines", {}).get(name, {})
        for task in tasks:
            score = of_name.get(SPLIT, {}).get(task, {}).get("weighted_f1")
            if score is not None:
                rows.append(Baseline(shown, task, float(score), conditions))
    return tuple(rows)
