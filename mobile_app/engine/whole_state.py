"""Everything of a person in one file: the database and what it needs to be read, as a zip."""

import json
import os
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import StoreError
from mobile_app.engine.files import sha256_of
from mobile_app.engine.schema import APPLICATION_ID, MIGRATIONS
from mobile_app.engine.store import Store

FORMAT = 1
_ABOUT, _DATABASE = "about.json", "undertone.db"
# 20 times what 10,000 labels take: a larger one is no backup of ours, whatever the zip says of itself.
MAX_BYTES = 1 << 30
_BLOCK = 1 << 20


def back_up(store: Store, path: Path) -> None:
    """Write the whole state of a store as one zip, whole or not at all.

    :raises StoreError: if it cannot be written; an old file is kept then.
    """
    copy = path.with_name(f".{path.name}.{os.getpid()}.db")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        store.copy_to(copy)
        about = {"format": FORMAT, "database": _DATABASE, "sha256": sha256_of(copy), "labels": len(store)}
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(_ABOUT, json.dumps(about))
            archive.write(copy, _DATABASE)
        temporary.replace(path)
    except OSError as error:
        raise StoreError(
            f"to write {path}", error.strerror or str(error), "free some space or choose another folder"
        ) from error
    finally:
        copy.unlink(missing_ok=True)
        temporary.unlink(missing_ok=True)


def restore(path: Path, database: Path) -> None:
    """Put the state of a backup where a store was; close that store first. What was there is kept beside it.

    :param database: the path of the store; what is there is renamed to end in ``.before-restore``.
    :raises StoreError: if the file is no whole backup of this or an older version; nothing has changed then.
    """
    temporary = database.with_name(f".{database.name}.{os.getpid()}")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        _unpack(path, temporary)
        _check(temporary, path)
        _replace(temporary, database)
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise _no_backup(path, str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)


def _unpack(path: Path, target: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        # Only these names, so that no path in the archive leads anywhere.
        if sorted(archive.namelist()) != [_ABOUT, _DATABASE]:
            raise _no_backup(path, f"a zip with {', '.join(archive.namelist()[:5])[:100] or 'nothing'}")
        about = _about(archive, path)
        size = 0
        with archive.open(_DATABASE) as source, target.open("wb") as stream:
            while block := source.read(_BLOCK):
                size += len(block)
                if size > MAX_BYTES:
                    raise _no_backup(path, f"more than {MAX_BYTES >> 20} MB")
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
    if sha256_of(target) != about.get("sha256"):
        raise _no_backup(path, "a database that was changed")


def _about(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    with archive.open(_ABOUT) as stream:
        content = stream.read(_BLOCK)
    try:
        about = json.loads(content)
    except ValueError as error:
        raise _no_backup(path, str(error)) from None
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise _no_backup(path, repr(content[:40]))
    if about["format"] > FORMAT:
        raise StoreError(
            f"a backup of format {FORMAT} or older", f"{path} of format {about['format']}", "update Undertone to use it"
        )
    return about


def _check(database: Path, path: Path) -> None:
    connection = sqlite3.connect(database)
    try:
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise _no_backup(path, str(error)) from error
    finally:
        connection.close()
    if owner != APPLICATION_ID or whole != "ok" or not 0 < version <= len(MIGRATIONS):
        raise _no_backup(path, f"a database of version {version}, {whole}")


def _replace(new: Path, database: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.replace(part.with_name(f"{database.name}.before-restore{suffix}"))
    new.replace(database)


def _no_backup(path: Path, found: str) -> StoreError:
    return StoreError(f"a backup of Undertone at {path}", " ".join(found.split()), "choose another file")
