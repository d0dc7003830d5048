"""A person's own JSON lines, above all the app's export: an object a line, its labels by task under ``labels``."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import DataError
from training.datasets.own_rows import RESERVED, TEXT, UID, OwnRow
from training.datasets.reading import Reading
from training.datasets.text_files import read_lines

LABELS = "labels"


def read_own_jsonl(path: Path, tasks: Sequence[str] | None, reading: Reading) -> list[OwnRow]:
    """Read every line; a label is a string, or a list of strings where several may apply.

    A person may label an utterance again later: of lines with the same ``id`` the last one counts, and the others are
    rejected.

    :raises DataError: if a line is no JSON object with a text and labels of this form.
    """
    rows = [_row(path, line, text, tasks) for line, text in read_lines(path) if text.strip()]
    last = {row.fields[UID]: row for row in rows if UID in row.fields}
    kept = []
    for row in rows:
        if UID not in row.fields or last[row.fields[UID]] is row:
            kept.append(row)
        else:
            reading.reject(path, row.line, "labelled again in a later line")
    return kept


def _row(path: Path, line: int, text: str, tasks: Sequence[str] | None) -> OwnRow:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise _wrong(path, line, "a JSON object", f"an error: {error}") from None
    if not isinstance(values, dict):
        raise _wrong(path, line, "a JSON object", type(values).__name__)
    if not isinstance(values.get(TEXT), str):
        raise _wrong(path, line, "a string 'text'", repr(values.get(TEXT)) if TEXT in values else ", ".join(values))
    labels = values.get(LABELS, {})
    if not isinstance(labels, dict):
        raise _wrong(path, line, "an object 'labels'", repr(labels))
    row = OwnRow(line, _fields(values), {}, frozenset())
    for task, found in labels.items():
        if tasks is None or task in tasks:
            row = _with_labels(path, row, task, found)
    return row


def _fields(values: dict[str, Any]) -> dict[str, str]:
    """Return the reserved fields as strings; an identifier may as well be written as a number."""
    return {
        key: str(values[key]).strip() for key in RESERVED if str(values.get(key) or "").strip() or values.get(key) == 0
    }


def _with_labels(path: Path, row: OwnRow, task: str, found: Any) -> OwnRow:
    labels = found if isinstance(found, list) else [found]
    if not all(isinstance(label, str) and label.strip() for label in labels):
        raise _wrong(path, row.line, f"a label or a list of labels for {task!r}", repr(found))
    distinct = tuple(dict.fromkeys(label.strip() for label in labels))
    multi_label = row.multi_label | {task} if isinstance(found, list) else row.multi_label
    return replace(row, labels={**row.labels, task: distinct}, multi_label=multi_label)


def _wrong(path: Path, line: int, expected: str, found: str) -> DataError:
    return DataError(
        f"{expected} in {path.name}, line {line}",
        found,
        'write {"text": ..., "labels": {"task": "label"}} on each line',
    )
