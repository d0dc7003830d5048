"""What holds on every platform."""

import shutil
from pathlib import Path
from typing import BinaryIO

from mobile_app.engine.errors import UndertoneError

# A share sheet carries text between processes in a message of at most 1 MB, two bytes a character, with others.
MAX_SHARED = 100_000


def check_shared(text: str) -> None:
    """Refuse text that no other app could take.

    :raises UndertoneError: if it is empty or too long.
    """
    if not text.strip() or len(text) > MAX_SHARED:
        raise UndertoneError(f"1 to {MAX_SHARED:,} characters to share", f"{len(text):,}", "save it as a file instead")


def receive(stream: BinaryIO, copy: Path) -> None:
    """Write what a stream holds to a file, whole or not at all.

    :raises OSError: if reading or writing fails; an old file is kept then.
    """
    copy.parent.mkdir(parents=True, exist_ok=True)
    part = copy.with_name(f".{copy.name}.part")
    try:
        with part.open("wb") as target:
            shutil.copyfileobj(stream, target, 1 << 20)
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)
