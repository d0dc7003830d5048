"""A person's own CSV or TSV: a header, a column ``text``, and a column per task."""

import re
from collections.abc import Sequence
from pathlib import Path

from mobile_app.engine.errors import DataError
from training.datasets.own_rows import RESERVED, TEXT, OwnRow
from training.datasets.reading import Reading, did_you_mean
from training.datasets.table import read_table

SEPARATOR = ";"


def read_own_table(path: Path, tasks: Sequence[str] | None, reading: Reading) -> list[OwnRow]:
    """Read every row; ``a;b`` in a cell means both labels, ``;`` alone none of them, an empty cell not labelled.

    :param tasks: columns that hold labels; None: every column without a meaning of its own.
    :raises DataError: if the column ``text`` or one of the tasks is missing.
    """
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    rows: list[OwnRow] = []
    for line, row in read_table(path, delimiter, (TEXT,), reading):
        named = {task_name(column): column for column in row if column not in RESERVED and column}
        if not rows and tasks is not None:
            _check_tasks(path, tasks, list(named))
        chosen = named if tasks is None else {task: named[task] for task in tasks}
        cells = {task: row[column] for task, column in chosen.items() if row[column]}
        rows.append(
            OwnRow(
                line=line,
                fields={field: row[field] for field in RESERVED if row.get(field)},
                labels={task: _labels(cell) for task, cell in cells.items()},
                multi_label=frozenset(task for task, cell in cells.items() if SEPARATOR in cell),
            )
        )
    return rows


def task_name(column: str) -> str:
    """Return the name of the task that a column holds: lower case, with _ for everything but letters and digits."""
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def _labels(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label.strip() for label in cell.split(SEPARATOR) if label.strip()))


def _check_tasks(path: Path, tasks: Sequence[str], columns: Sequence[str]) -> None:
    for task in tasks:
        if task not in columns:
            raise DataError(
                f"a column for the task {task!r} in {path.name}",
                f"the columns {', '.join(columns) or 'text alone'}",
                did_you_mean(task, columns).replace("correct it", "choose --tasks from these"),
            )
