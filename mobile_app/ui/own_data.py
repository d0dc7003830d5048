"""What a person does with everything they own; runs on the worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from mobile_app.engine import bringing, whole_state
from mobile_app.engine.annotation_tools import read_annotations
from mobile_app.engine.bringing import Brought, Conflict
from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.exchange import read_labels, write_labels
from mobile_app.engine.labelled import LabelledUtterance
from mobile_app.engine.personalizer import Progress
from mobile_app.engine.spreadsheet import write_csv
from mobile_app.engine.task import Task
from mobile_app.ui.session import Session, entry_of

JSONL, CSV, BACKUP = "jsonl", "csv", "backup"
NAMES = {JSONL: "undertone-labels.jsonl", CSV: "undertone-labels.csv", BACKUP: "undertone-backup.zip"}
MIME_TYPES = {JSONL: "application/json", CSV: "text/csv", BACKUP: "application/zip"}
# 80,000 labels: many years of them, and learned in minutes.
MAX_IMPORT = 16 << 20


@dataclass(frozen=True)
class Day:
    """A day to go back to the end of.

    :param when: its end; all that was labelled later is forgotten.
    :param later: how many utterances these are.
    :param is_first: whether nothing was labelled on it or before: going back to it forgets everything.
    """

    day: date
    when: datetime
    later: int
    is_first: bool = False


def write(session: Session, kind: str, path: Path) -> bool:
    """Write labels or everything to a file; return False where there is nothing to write."""
    if not len(session.store):
        return False
    if kind == BACKUP:
        whole_state.back_up(session.store, path)
    elif kind == CSV:
        write_csv(path, session.store.in_order(), [task.name for task in session.tasks])
    else:
        write_labels(path, session.store.in_order())
    return True


def bring(session: Session, path: Path, progress: Progress) -> Brought:
    """Learn the labels of a file that is not known yet.

    :raises DataError: if the file is too large or no labels can be read from it; nothing was learned then.
    """
    size = path.stat().st_size
    if size > MAX_IMPORT:
        raise DataError(
            f"a file of at most {MAX_IMPORT >> 20} MB",
            f"{size / (1 << 20):.0f} MB",
            "split it, or use the desktop tools",
        )
    utterances = read_any(path, session.tasks)
    return bringing.bring(session.personalizer, session.store, utterances, progress=progress)


def read_any(path: Path, tasks: Sequence[Task]) -> tuple[LabelledUtterance, ...]:
    """Read our own lines, or the export of an annotation tool."""
    try:
        return read_labels(path, tasks)
    except DataError as ours:
        try:
            return read_annotations(path, tasks)
        except UndertoneError:
            raise ours from None


def take(session: Session, conflicts: Sequence[Conflict]) -> None:
    """Let the labels of a file win over those in the store."""
    for conflict in conflicts:
        bringing.take(session.personalizer, conflict)


def days(session: Session, now: datetime) -> list[Day]:
    """Return the days to go back to, the latest first.

    :param now: the present, in the person's time zone.
    """
    times = [entry.time for stored in session.store.in_order() if (entry := entry_of(stored)).time is not None]
    local = sorted(moment.astimezone(now.tzinfo) for moment in times if moment is not None)
    found = []
    for day in sorted({moment.date() for moment in local}, reverse=True):
        end = datetime.combine(day + timedelta(days=1), time(), now.tzinfo) - timedelta(seconds=1)
        later = sum(moment > end for moment in local)
        if later:
            found.append(Day(day, end, later))
    if local:
        before = datetime.combine(local[0].date(), time(), now.tzinfo) - timedelta(seconds=1)
        found.append(Day(before.date(), before, len(local), is_first=True))
    return found


def roll_back(session: Session, day: Day) -> int:
    """Forget what was labelled after a day; return how much that was."""
    return len(session.personalizer.rollback(day.when.astimezone(timezone.utc)))


def forget_everything(session: Session) -> None:
    """Remove labels, inbox, what was learned, and every copy of them that the app itself has made."""
    session.personalizer.reset()
    path = session.store.path
    for pattern in (".before-restore*", ".version-*", ".damaged-*"):
        for copy in path.parent.glob(f"{path.name}{pattern}"):
            copy.unlink(missing_ok=True)


def size(session: Session) -> int:
    """Return the bytes of the person's database."""
    return session.store.size()
