"""A dataset: utterances with their splits, the tasks that they are labelled for, and the rows that were left out."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from mobile_app.engine.command_line import note
from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.utterance import Utterance

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class RejectedRow:
    """A row that was left out.

    :param file: name of the file.
    :param line: number of its first line in the file, counted from 1.
    :param reason: why, as a phrase that rows with the same fault share.
    """

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Dataset:
    """Labelled utterances in three splits.

    :param name: the name that it is loaded by, or the file name of a person's own data.
    :param tasks: what the utterances are labelled for; an utterance may lack a task.
    :param utterances: of all splits, in the order of the source.
    :param rejected: rows of the source that were left out.
    :param licence: as its publisher states it.
    :param source: its official address, or the file name of a person's own data.
    """

    name: str
    tasks: tuple[Task, ...]
    utterances: tuple[Utterance, ...]
    rejected: tuple[RejectedRow, ...]
    licence: str
    source: str

    @cached_property
    def sha256(self) -> str:
        """Return a hash over every utterance as it was read, so that a report can say what was measured."""
        return _hash(self.utterances)

    def split(self, name: str) -> tuple[Utterance, ...]:
        """Return the utterances of ``train``, ``dev`` or ``test``, or of ``all`` three.

        :raises DataError: if there is no such split, or nothing is in it.
        """
        if name not in (*SPLITS, "all"):
            raise DataError(f"a split, one of {', '.join(SPLITS)}, all", repr(name), "choose one of these")
        chosen = tuple(utterance for utterance in self.utterances if name in (utterance.split, "all"))
        if not chosen:
            raise DataError(
                f"utterances in split {name} of {self.name}", "none", "name the split of each row in a column 'split'"
            )
        return chosen

    def split_sha256(self, name: str) -> str:
        """Return a hash over the utterances of one split."""
        return _hash(self.split(name))

    def task(self, name: str) -> Task:
        """Return the task of that name.

        :raises DataError: if the dataset has none.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        known = ", ".join(task.name for task in self.tasks)
        raise DataError(f"a task of {self.name} ({known})", repr(name), "choose one of these")

    def with_tasks(self, names: Sequence[str]) -> "Dataset":
        """Return the dataset with these tasks alone, in this order, without utterances that none of them labels.

        :raises DataError: if the dataset lacks one of them.
        """
        tasks = tuple(self.task(name) for name in dict.fromkeys(names))
        kept = tuple(
            replace(utterance, labels={name: utterance.labels[name] for name in names if name in utterance.labels})
            for utterance in self.utterances
            if any(name in utterance.labels for name in names)
        )
        return replace(self, tasks=tasks, utterances=kept)

    def label_counts(self, task: str, split: str) -> dict[str, int]:
        """Return how many utterances of a split carry each label of a task."""
        counts = Counter(
            label
            for utterance in self.utterances
            if utterance.split == split
            for label in utterance.labels.get(task, ())
        )
        return {label: counts[label] for label in self.task(task).labels}

    def rejected_summary(self) -> list[str]:
        """Return one line per file and reason: how many rows were left out, and where."""
        places: dict[tuple[str, str], list[int]] = {}
        for row in self.rejected:
            places.setdefault((row.file, row.reason), []).append(row.line)
        return [f"{file}: {_rows(lines)} left out: {reason}" for (file, reason), lines in places.items()]

    def report_rejected(self) -> None:
        """Write the rows that were left out to stderr, a line per file and reason."""
        for line in self.rejected_summary():
            note(f"{self.name}: {line}")


def _rows(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:5]) + (", ..." if len(lines) > 5 else "")
    return f"{len(lines):,} {'row' if len(lines) == 1 else 'rows'} (line{'s' if len(lines) > 1 else ''} {shown})"


def _hash(utterances: Iterable[Utterance]) -> str:
    digest = hashlib.sha256()
    for one in utterances:
        labels = {task: one.labels[task] for task in sorted(one.labels)}
        fields = [one.split, one.dialogue, one.position, one.speaker, one.uid, one.text, labels]
        digest.update(json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\n")
    return digest.hexdigest()
