"""Lines of text from a pipe, and a plain sentence where they are not UTF-8."""

import sys
from collections.abc import Iterator

from mobile_app.engine.errors import DataError


def stdin_lines() -> Iterator[str]:
    """Yield the lines of stdin without their ends (LF or CRLF), one by one as they arrive.

    :raises DataError: at the first line that is not UTF-8, with its number.
    """
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                "UTF-8 on stdin",
                f"byte 0x{line[error.start]:02X} at position {error.start + 1} of line {number}",
                "convert the text to UTF-8, for instance with iconv",
            ) from None
        yield text.removesuffix("\n").removesuffix("\r")
