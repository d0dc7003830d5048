"""Learner states of the past: kept before each update, thinned out with age."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping

from mobile_app.engine.labelled import LearnerState

# Snapshots are kept about this many to each doubling of their age: the last few all, then every 2nd, every 4th, ...
PER_DOUBLING = 4


def kept(versions: Iterable[int], newest: int) -> set[int]:
    """Return the versions that the policy keeps: about ``4 + 4 log2(newest / 4)``, however many there were.

    A version is kept while it is a multiple of the largest power of two that is at most a quarter of its age.
    """
    return {version for version in versions if version % _spacing(newest - version) == 0}


def take(connection: sqlite3.Connection, model_hash: str, kind: str, tasks: Collection[str]) -> None:
    """Keep the saved states of these tasks, which are about to be replaced."""
    for task in tasks:
        row = (model_hash, kind, task)
        connection.execute(
            "INSERT OR REPLACE INTO snapshot SELECT model_hash, kind, task, version, up_to, arrays FROM learner"
            " WHERE model_hash = ? AND kind = ? AND task = ?",
            row,
        )
        found = connection.execute(
            "SELECT version FROM snapshot WHERE model_hash = ? AND kind = ? AND task = ?", row
        ).fetchall()
        versions = {version for (version,) in found}
        dropped = versions - kept(versions, max(versions, default=0))
        connection.executemany(
            "DELETE FROM snapshot WHERE model_hash = ? AND kind = ? AND task = ? AND version = ?",
            [(*row, version) for version in dropped],
        )


def drop_from(connection: sqlite3.Connection, number: int) -> None:
    """Remove the snapshots that have learned an utterance, of every model and kind."""
    connection.execute("DELETE FROM snapshot WHERE up_to >= ?", [number])


def latest(rows: Iterable[tuple[str, int, int, bytes]]) -> Mapping[str, LearnerState]:
    """Return per task the state that has learned most.

    :param rows: task, version, up_to and arrays.
    """
    states: dict[str, LearnerState] = {}
    for task, version, up_to, arrays in rows:
        if task not in states or states[task].version < version:
            states[task] = LearnerState(version, up_to, arrays)
    return states


def _spacing(age: int) -> int:
    return 1 << max((age // PER_DOUBLING).bit_length() - 1, 0)
