"""A SQLite file that is opened with care: checked, migrated, and every error said in one sentence."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import StoreError
from mobile_app.engine.schema import APPLICATION_ID, MIGRATIONS

_BUSY_SECONDS = 1.0
_DAMAGED = ("file is not a database", "malformed", "quick_check")
_SENTENCES = {
    "readonly": ("a database that may be written", "choose a path in a folder that you may write to"),
    "unable to open": ("a database that can be opened", "choose a path in a folder that you may write to"),
    "full": ("room on the disk", "free some space; nothing that was stored is lost"),
    "disk I/O error": ("a disk that takes what is written", "free some space; nothing that was stored is lost"),
    "locked": ("a database that nobody else has open", "close the other program that uses it"),
    "malformed": ("an undamaged database", "start again: the damaged file is then moved aside and kept"),
}

# FULL: a label counts as saved once the app shows it so, and it must then outlive a flat battery. With WAL that is one
# fsync a label, a few milliseconds at the pace of a person's taps; NORMAL could lose the last labels with the power.
# EXCLUSIVE: the learner in memory and the one on the disk are the same only while no other process writes.
# secure_delete: what a person asked to forget is overwritten, and not only unlinked.
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")


class Database:
    """An open database file, for one process. Its methods may be called from any thread, one at a time waits.

    :param path: the file; it and its folder are made if they are not there.
    :raises StoreError: if it cannot be opened or written, is in use, damaged (then it was moved aside), of another
        program, or of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._spoken():
            path.parent.mkdir(parents=True, exist_ok=True)
            _check_writable(path)
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._spoken():
                self._open()
        except StoreError as error:
            self._connection.close()
            if isinstance(error.__cause__, sqlite3.DatabaseError) and _is_damage(error.__cause__):
                raise _damaged(path, error.__cause__) from error
            raise

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a query."""
        with self._lock, self._spoken():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit everything done inside at once, or nothing.

        :raises StoreError: if the database cannot be written; nothing has changed then.
        """
        with self._lock, self._spoken():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it already
                    self._connection.execute("ROLLBACK")
                raise

    def shrink(self) -> None:
        """Give free pages back to the disk, and leave no old text in the log."""
        with self._lock, self._spoken():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, path: Path) -> None:
        """Write all that is committed to another file, which is replaced."""
        with self._lock, self._spoken():
            copy = sqlite3.connect(path)
            try:
                self._connection.backup(copy)
            finally:
                copy.close()

    def close(self) -> None:
        """Close the file; the log becomes part of it."""
        with self._lock, self._spoken():
            self._connection.close()

    def _open(self) -> None:
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._check_owner()
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        found = self._pragma("quick_check(1)")
        if found != "ok":
            raise sqlite3.DatabaseError(f"quick_check: {found}")
        self._migrate()

    def _check_owner(self) -> None:
        tables = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and self._pragma("application_id") != APPLICATION_ID:
            raise StoreError("a database of Undertone", f"{self.path} of another program", "choose another path")
        version = self._pragma("user_version")
        if version > len(MIGRATIONS):
            raise StoreError(
                f"a database of version {len(MIGRATIONS)} or older",
                f"{self.path} of version {version}",
                "update Undertone to open it",
            )

    def _migrate(self) -> None:
        found = self._pragma("user_version")
        if 0 < found < len(MIGRATIONS):
            self._back_up(found)
        # Even with nothing to migrate: says now, and not at the first label, that the file cannot be written.
        with self.transaction() as connection:
            for version in range(self._pragma("user_version"), len(MIGRATIONS)):
                for statement in MIGRATIONS[version].split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    def _back_up(self, version: int) -> None:
        """Copy the database beside itself, whole or not at all, before its tables are changed."""
        path = self.path.with_name(f"{self.path.name}.version-{version}")
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self.copy_to(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def _pragma(self, name: str) -> Any:
        return self._connection.execute(f"PRAGMA {name}").fetchone()[0]

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Turn what SQLite and the file system say into a sentence."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            said = " ".join(str(error).split())
            for sign, (expected, remedy) in _SENTENCES.items():
                if sign in said:
                    raise StoreError(expected, f"{self.path}: {said}", remedy) from error
            raise StoreError(f"to use {self.path} as a database", said, "choose another path") from error
        except UnicodeEncodeError as error:
            raise StoreError("text that can be written as UTF-8", str(error), "correct the text") from error


def _check_writable(path: Path) -> None:
    """Say plainly what SQLite calls by many names, among them a disk I/O error."""
    for place in (path, path.parent):  # the log is written beside the file
        if place.exists() and not os.access(place, os.W_OK):
            raise StoreError(
                "a database that may be written",
                f"{place}, which is read-only",
                "choose a path in a folder that you may write to",
            )


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return any(sign in str(error) for sign in _DAMAGED)


def _damaged(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    """Move a damaged database with its log aside, and say so."""
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    try:
        for suffix in ("-wal", "-shm", ""):  # the file itself last: killed in between, the rest is moved next time
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
    except OSError as reason:
        return StoreError(
            f"an undamaged database in {path}", f"{error}, and it cannot be moved: {reason}", "move it away yourself"
        )
    return StoreError(
        f"an undamaged database in {path}",
        " ".join(str(error).split()),
        f"start again with a new one: the old is kept as {aside.name}",
    )
