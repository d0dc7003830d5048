"""The figures of a context run as tables to read."""

from collections.abc import Mapping
from typing import Any

from training.metrics_table import table

_SHOWN_AS = {"majority": "majority", "tfidf_lr": "TF-IDF + LR"}


def table_of_context(metrics: Mapping[str, Any], split: str) -> str:
    """Return a table of the rows beside the model, its twin without context, and the model.

    :param metrics: the content of ``metrics.json``.
    """
    rows = [(_SHOWN_AS[name], row[split]) for name, row in metrics.get("baselines", {}).items()]
    if "derived_sentiment" in metrics:
        rows.append(("sentiment from emotion", {"sentiment": metrics["derived_sentiment"][split]}))
    if "without_context" in metrics:
        rows.append(("no context", metrics["without_context"][split]))
    return table([*rows, ("in context", metrics[split])], title=split)


def class_table(metrics: Mapping[str, Any], split: str, task: str) -> str:
    """Return precision, recall and F1 of each label, as the paper's class-wise table has them."""
    labels = metrics[split][task]["per_label"]
    alone = metrics.get("without_context", {}).get(split, {}).get(task, {}).get("per_label", {})
    width = max(len(task), *(len(label) for label in labels))
    head = f"{task:<{width}}  precision  recall     F1  utterances"
    lines = [head + ("  F1 without context" if alone else "")]
    for label, row in labels.items():
        cells = f"{row['precision']:9.3f}  {row['recall']:6.3f}  {row['f1']:5.3f}  {row['support']:10,}"
        lines.append(f"{label:<{width}}  {cells}" + (f"  {alone[label]['f1']:18.3f}" if alone else ""))
    return "\n".join(lines)
