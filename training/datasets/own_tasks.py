"""What the tasks of a person's own file are, from its labels or from a model's tasks."""

from collections.abc import Sequence
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import SIGMOID, SOFTMAX, Task
from training.datasets.own_rows import OwnRow
from training.datasets.reading import check_label

MOST_LABELS = 200


def infer_tasks(
    path: Path, rows: Sequence[OwnRow], wanted: Sequence[str] | None, known: Sequence[Task]
) -> tuple[Task, ...]:
    """Return the tasks of the rows: labels in alphabetical order, sigmoid where a row has several or could have.

    :raises DataError: if a wanted task has no label, a task has one label or too many to be labels, or two labels
        differ in upper and lower case alone.
    """
    by_name = {task.name: task for task in known}
    found = list(dict.fromkeys(task for row in rows for task in row.labels))
    names = found if wanted is None else [task for task in wanted if task in found]
    return tuple(by_name[name] if name in by_name else _infer(path, rows, name) for name in names)


def _infer(path: Path, rows: Sequence[OwnRow], name: str) -> Task:
    first_lines: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for row in rows:
        for label in row.labels.get(name, ()):
            first_lines.setdefault(label, row.line)
            other = spellings.setdefault(label.casefold(), label)
            if other != label:
                raise DataError(
                    f"one spelling of each label of {name!r} in {path.name}",
                    f"{other!r} in line {first_lines[other]} and {label!r} in line {row.line}",
                    "write both alike",
                )
    if not 2 <= len(first_lines) <= MOST_LABELS:
        raise DataError(
            f"2 to {MOST_LABELS} different labels of {name!r} in {path.name}",
            f"{len(first_lines):,}",
            "name the columns that hold labels with --tasks",
        )
    is_multi_label = any(name in row.multi_label for row in rows)
    return Task(name, tuple(sorted(first_lines)), SIGMOID if is_multi_label else SOFTMAX)


def check_labels(path: Path, rows: Sequence[OwnRow], splits: Sequence[str], tasks: Sequence[Task]) -> None:
    """Check that each row's labels are ones that its model can learn or has.

    :raises DataError: if a row has a label that the model does not know or, where the file names its splits, one that
        no training row has; or several labels in a softmax task.
    """
    for task in tasks:
        trained = {
            label
            for row, split in zip(rows, splits, strict=True)
            if split == "train"
            for label in row.labels.get(task.name, ())
        }
        names_splits = any("split" in row.fields for row in rows)
        known = [label for label in task.labels if label in trained] if names_splits and trained else task.labels
        for row in rows:
            labels = row.labels.get(task.name, ())
            for label in labels:
                check_label(path, row.line, label, known)
            if not task.is_multi_label and task.name in row.labels and len(labels) != 1:
                raise DataError(
                    f"one label of {task.name!r} in {path.name}, line {row.line}",
                    ", ".join(labels) or "none",
                    "keep one of them",
                )
