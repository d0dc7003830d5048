"""Writing so that nothing is ever half-written, and hashing so that nothing is read unawares."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mobile_app.engine.errors import UndertoneError


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_file(path: Path, content: bytes) -> None:
    """Write a file beside its place, flush it to the disk and rename it, so that readers see old or new, never half.

    :raises UndertoneError: if the folder cannot be written or the disk is full; the old file is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


@contextmanager
def new_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield an empty folder beside ``path``, and move it to ``path`` only if the block ends without an error.

    :param path: where the finished folder shall be.
    :param overwrite: whether a folder that is there already may be replaced.
    :raises UndertoneError: if ``path`` exists and may not be replaced, or cannot be written.
    """
    if path.exists() and not overwrite:
        raise UndertoneError("a path that is free", f"{path} exists", "choose another path or add --overwrite")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        yield temporary
        temporary.chmod(0o755)
        _replace_folder(temporary, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _replace_folder(new: Path, path: Path) -> None:
    if path.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
        path.rename(old / path.name)
        new.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    else:
        new.rename(path)


def _cannot_write(path: Path, error: OSError) -> UndertoneError:
    return UndertoneError(
        f"to write {path}", error.strerror or str(error), "free some space or choose a folder that you may write to"
    )
