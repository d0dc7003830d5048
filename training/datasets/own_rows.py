"""A person's own rows, from a table or from JSON lines, before the tasks are known."""

from dataclasses import dataclass

# Columns and JSON keys with a meaning of their own; every other one can be a task.
TEXT, DIALOGUE, POSITION, SPEAKER, SPLIT, UID = "text", "dialogue", "position", "speaker", "split", "id"
RESERVED = (TEXT, DIALOGUE, POSITION, SPEAKER, SPLIT, UID)


@dataclass(frozen=True)
class OwnRow:
    """One row.

    :param line: number of its first line in the file.
    :param fields: what the reserved columns hold, stripped; a column that is absent or empty is missing here.
    :param labels: per task the labels; a task without an entry is not labelled in this row.
    :param multi_label: tasks for which this row was written in the form of several labels, however many it holds.
    """

    line: int
    fields: dict[str, str]
    labels: dict[str, tuple[str, ...]]
    multi_label: frozenset[str]
