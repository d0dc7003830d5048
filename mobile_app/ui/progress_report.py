"""How well the learner hears a person: numbers from all that is stored; computed on the worker thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mobile_app.engine.labelled import StoredUtterance
from mobile_app.engine.separators.base import Label
from mobile_app.engine.task import Task
from mobile_app.ui.filters import a_week_ago
from mobile_app.ui.session import Session, entry_of

POINTS = 60  # of a curve: more cannot be told apart on a phone
WORST = 5  # confusions that are told
FEW = 20  # labels below which the numbers mean little


@dataclass(frozen=True)
class LabelCount:
    """How often a person gave a label, and how often it had been heard before they said so."""

    label: str
    n: int
    right: int


@dataclass(frozen=True)
class TaskReport:
    """How well one task went, test-then-train.

    :param n: how many utterances were labelled in it.
    :param yours: how many of them the learner had heard the same way, before each was learned.
    :param base: how many of them the model of the bundle had.
    :param curve: share of the first 1, 2, ... utterances that learner and base heard, at most ``POINTS`` of them.
    :param labels: the most frequent first.
    :param confusions: heard, said and how often, the most frequent first.
    """

    task: str
    n: int
    yours: int
    base: int
    curve: tuple[tuple[float, float], ...]
    labels: tuple[LabelCount, ...]
    confusions: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Report:
    """What the progress page shows.

    :param week: utterances labelled in the last seven days.
    :param week_corrected: those of them in which the person said something else than the learner.
    """

    tasks: tuple[TaskReport, ...]
    week: int
    week_corrected: int


def report(session: Session, now: datetime | None = None) -> Report:
    """Read all that is stored, once."""
    stored = session.store.in_order()
    since = a_week_ago(now)
    entries = [entry for one in stored if (entry := entry_of(one)).time is not None and entry.time >= since]
    return Report(
        tuple(task_report(task, stored) for task in session.tasks),
        len(entries),
        sum(entry.is_corrected for entry in entries),
    )


def task_report(task: Task, stored: Sequence[StoredUtterance]) -> TaskReport:
    """Return how well one task went."""
    said = [(one.utterance.labels[task.name], one.said[task.name]) for one in stored if task.name in one.said]
    yours = [_same(label, guess.label) for label, guess in said]
    base = [_same(label, guess.base_label) for label, guess in said]
    counts, right, confusions = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for label, guess in said:
        truth, heard = _set(label), _set(guess.label)
        counts.update(truth)
        right.update(truth & heard)
        if isinstance(label, str) and isinstance(guess.label, str) and label != guess.label:
            confusions[guess.label, label] += 1
    return TaskReport(
        task.name,
        len(said),
        sum(yours),
        sum(base),
        _curve(yours, base),
        tuple(LabelCount(label, n, right[label]) for label, n in counts.most_common()),
        tuple((heard, label, n) for (heard, label), n in confusions.most_common(WORST)),
    )


def _curve(yours: Sequence[bool], base: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    total = len(yours)
    places = sorted({max(1, round(total * step / POINTS)) for step in range(1, POINTS + 1)}) if total else []
    return tuple((sum(yours[:n]) / n, sum(base[:n]) / n) for n in places)


def _same(one: Label, other: Label) -> bool:
    return _set(one) == _set(other)


def _set(label: Label) -> frozenset[str]:
    return frozenset([label] if isinstance(label, str) else label)
