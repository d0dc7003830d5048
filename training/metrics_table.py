"""The figures of a run as a table to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_SHOWN_AS = {"majority": "majority", "tfidf_lr": "TF-IDF + LR"}
_COLUMNS = {"weighted_f1": "wF1", "macro_f1": "macro F1", "accuracy": "accuracy"}


def table_of_run(metrics: Mapping[str, Any], split: str) -> str:
    """Return a table of the model and the rows beside it.

    :param metrics: the content of ``metrics.json``.
    """
    rows = [(_SHOWN_AS[name], row[split]) for name, row in metrics.get("baselines", {}).items()]
    if "derived_sentiment" in metrics:
        rows.append(("sentiment from emotion", {"sentiment": metrics["derived_sentiment"][split]}))
    return table([*rows, ("fine-tuned", metrics[split])], title=split)


def table(rows: Sequence[tuple[str, Mapping[str, Any]]], *, title: str) -> str:
    """Return lines of text: one row each, three columns a task.

    :param rows: name, and per task its metrics; a task may be missing.
    """
    tasks = list(dict.fromkeys(task for _, row in rows for task in row))
    width = max(len(title), *(len(name) for name, _ in rows))
    heads = [f"{task} {shown}" for task in tasks for shown in _COLUMNS.values()]
    lines = ["  ".join([title.ljust(width), *heads])]
    for name, row in rows:
        cells = [cell.rjust(len(head)) for cell, head in zip(_cells(row, tasks), heads, strict=True)]
        lines.append("  ".join([name.ljust(width), *cells]).rstrip())
    return "\n".join(lines)


def _cells(row: Mapping[str, Any], tasks: Sequence[str]) -> Iterator[str]:
    for task in tasks:
        for column in _COLUMNS:
            yield f"{row[task][column]:.3f}" if task in row else ""
