"""Copies of files that a person chose: each has a name of its own, and goes when it was read."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")
_PREFIX = "chosen-"


def new_copy(cache: Path) -> Path:
    """Return where the copy of a file shall go, free for no other one: reading may wait behind slow work."""
    return cache / f"{_PREFIX}{uuid.uuid4().hex}"


def used_up(copy: Path, read: Callable[[Path], Result]) -> Result:
    """Read a copy and remove it, whatever comes of it."""
    try:
        return read(copy)
    finally:
        copy.unlink(missing_ok=True)


def remove_left(cache: Path) -> None:
    """Remove what an earlier process did not come to read."""
    for left in cache.glob(f"{_PREFIX}*"):
        left.unlink(missing_ok=True)
