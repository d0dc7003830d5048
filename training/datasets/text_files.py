"""Reading text files strictly: UTF-8 with or without a byte-order mark, by lines or as delimited records."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from mobile_app.engine.errors import DataError


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file; a byte-order mark is dropped, line ends are kept as they are.

    :raises DataError: if the file cannot be read, holds nothing, or is no UTF-8; the message names the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"a readable file {path}", error.strerror or str(error), "check the path") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"UTF-8 text in {path}",
            f"byte 0x{content[error.start]:02x} in line {line}",
            "save the file as UTF-8",
        ) from None
    if not text.strip():
        raise DataError(f"utterances in {path}", "an empty file", "check that the right file was given")
    return text


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line; only LF (or CR LF) ends a line, as other separators occur inside texts."""
    lines = read_text(path).split("\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        yield number, line.removesuffix("\r")


def read_records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line's number and the fields of each record of a delimited file with double quotes.

    Records without any field (empty lines) are passed over.

    :raises DataError: if a quote is never closed or a quoted field goes on after its closing quote.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for fields in reader:
            if fields:
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"fields separated by {delimiter!r} in {path.name}, quotes closed",
            f"{error} in the record that begins in line {line}",
            'write a quote inside a field twice ("") and close the field with one',
        ) from None
