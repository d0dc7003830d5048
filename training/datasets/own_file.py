"""A person's own file: CSV, TSV or JSON lines of utterances."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.datasets.dataset import SPLITS
from training.datasets.own_jsonl import read_own_jsonl
from training.datasets.own_rows import DIALOGUE, POSITION, SPEAKER, SPLIT, TEXT, UID, OwnRow
from training.datasets.own_table import read_own_table
from training.datasets.own_tasks import check_labels, infer_tasks
from training.datasets.reading import Reading, did_you_mean
from training.datasets.splitting import split_groups, text_key
from training.utterance import Utterance

RowReader = Callable[[Path, Sequence[str] | None, Reading], list[OwnRow]]
READERS: dict[str, RowReader] = {".csv": read_own_table, ".tsv": read_own_table, ".jsonl": read_own_jsonl}
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
} | {
    "test": "test",
    "testing": "test",
}


def read_own_file(path: Path, tasks: Sequence[str] | None, known: Sequence[Task]) -> Reading:
    """Read a file of utterances.

    Without a split for every row, rows are split 80/10/10, seeded: by dialogue where rows have one, else with copies
    of a text kept together.

    :param tasks: names of the tasks to read; None: all that the file has.
    :param known: tasks of a model; where the file has a task of that name, its labels must be among the known ones,
        and tasks that the model lacks are passed over.
    :raises DataError: if the file cannot be used.
    """
    wanted = list(tasks) if tasks is not None else [task.name for task in known] or None
    reading = Reading(())
    # A model's tasks are filtered afterwards: a file need not have all of them.
    rows = READERS[path.suffix.lower()](path, tasks, reading)
    kept = [row for row in rows if _is_usable(path, row, wanted, reading)]
    if not kept:
        raise DataError(
            f"utterances with labels{' for ' + ', '.join(wanted) if wanted else ''} in {path}",
            f"none in {len(rows):,} rows",
            "give each text a label in at least one task",
        )
    reading.tasks = infer_tasks(path, kept, wanted, known)
    splits = _splits(path, kept)
    check_labels(path, kept, splits, reading.tasks)
    names = {task.name for task in reading.tasks}
    reading.utterances = [_utterance(path, row, split, names) for row, split in zip(kept, splits, strict=True)]
    return reading


def _is_usable(path: Path, row: OwnRow, wanted: Sequence[str] | None, reading: Reading) -> bool:
    if TEXT not in row.fields:
        reading.reject(path, row.line, "blank text")
    elif not any(wanted is None or task in wanted for task in row.labels):
        reading.reject(path, row.line, "no label")
    else:
        return True
    return False


def _splits(path: Path, rows: Sequence[OwnRow]) -> list[str]:
    given = [row for row in rows if SPLIT in row.fields]
    if not given:
        groups = [row.fields.get(DIALOGUE) or text_key(row.fields[TEXT]) for row in rows]
        splits = split_groups(groups)
        return [splits[group] for group in groups]
    for row in rows:
        found = row.fields.get(SPLIT, "").lower()
        if found not in SPLIT_NAMES:
            raise DataError(
                f"a split, one of {', '.join(SPLITS)}, in {path.name}, line {row.line}",
                repr(found) if found else "nothing",
                did_you_mean(found, SPLITS).replace("correct it", "name the split of every row, or of none"),
            )
    return [SPLIT_NAMES[row.fields[SPLIT].lower()] for row in rows]


def _utterance(path: Path, row: OwnRow, split: str, tasks: set[str]) -> Utterance:
    position = row.fields.get(POSITION)
    if position is not None and not position.isdecimal():
        raise DataError(
            f"a whole number as position in {path.name}, line {row.line}", repr(position), "count places from 0"
        )
    utterance = Utterance(
        text=row.fields[TEXT],
        labels={task: labels for task, labels in row.labels.items() if task in tasks},
        split=split,
        dialogue=row.fields.get(DIALOGUE),
        speaker=row.fields.get(SPEAKER),
        uid=row.fields.get(UID),
    )
    return utterance if position is None else replace(utterance, position=int(position))
