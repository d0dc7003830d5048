"""As much of PNG as packaging needs: the size of a picture, and a picture of one colour."""

import struct
import zlib
from pathlib import Path

from mobile_app.engine.errors import UndertoneError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_size(path: Path) -> tuple[int, int]:
    """Return width and height in pixels.

    :raises UndertoneError: if the file is missing or no PNG.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(24)
    except OSError as error:
        raise UndertoneError(f"a picture {path}", error.strerror or str(error), "name an existing PNG file") from None
    if head[:8] != _SIGNATURE or head[12:16] != b"IHDR" or len(head) < 24:
        raise UndertoneError(f"a PNG picture in {path}", "another format", "save the picture as PNG")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def plain(colour: str, size: int) -> bytes:
    """Return the bytes of a square PNG of one colour.

    :param colour: ``#rrggbb``.
    :param size: width and height in pixels.
    """
    row = b"\0" + bytes.fromhex(colour[1:]) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(row * size, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
