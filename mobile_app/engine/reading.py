"""Utterances out of whatever a person has: lines, a table, a chat that WhatsApp exported. No labels are read here."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.waiting import MAX_WAITING, WaitingUtterance

LINES, TABLE, CHAT = "lines", "table", "chat"
LONGEST = 1000  # characters kept of an utterance: the model reads at most 64 tokens anyway
_TEXT_COLUMNS = ("text", "utterance", "sentence", "message", "content", "tweet", "comment", "body")
_SPEAKER_COLUMNS = ("speaker", "author", "sender", "name", "from", "user")
_SIGN = "‎‏‪‫‬⁦⁧⁨⁩﻿"  # marks of direction and byte order, which WhatsApp strews in
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s  ]?[APap]\.?[\s ]?[Mm]\.?)?"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
# "[21.11.26, 10:33:11] Anna: hi" of iOS and "21/11/2026, 10:33 - Anna: hi" of Android, in many locales.
_CHAT_LINE = re.compile(rf"^(?:\[{_DATE},?\s+{_TIME}\]\s*|{_DATE},?\s+{_TIME}\s+[-–]\s+)(.*)$")
_SAID = re.compile(r"^([^:]{1,60}):\s(.*)$", re.DOTALL)
_NO_WORDS = re.compile(r"^<[^<>]{1,60}>$")  # <Media omitted>, <attached: ...>
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_REMEDY = "choose a text file, a CSV with a column named text, or an exported chat"


@dataclass(frozen=True)
class Read:
    """What was found.

    :param kind: ``lines``, ``table`` or ``chat``.
    :param is_cut: whether there was more than can wait at once.
    """

    utterances: tuple[WaitingUtterance, ...]
    kind: str
    is_cut: bool = False


def read_text(text: str) -> Read:
    """Read pasted text: an exported chat if it looks like one, else an utterance a line.

    :raises DataError: if there is no utterance in it.
    """
    return _read(io.StringIO(text), "the pasted text", is_table=False)


def read_file(path: Path, name: str = "") -> Read:
    """Read a file that a person chose, whatever its size: only as much is read as can wait.

    :param name: how the person knows it; decides nothing but what is said about it.
    :raises DataError: if it is no text, a table without a column of texts, or has no utterance in it.
    """
    shown = name or path.name
    try:
        with path.open("rb") as stream:
            start = stream.read(65536)
        if b"\x00\x00" in start or start.startswith((b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8", b"SQLite")):
            raise DataError(f"a text file in {shown}", "another kind of file", _REMEDY)
        encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        with path.open(encoding=encoding, errors="replace", newline="") as stream:
            return _read(stream, shown, is_table=_is_table(start.decode(encoding, "replace")))
    except (OSError, UnicodeError) as error:
        raise DataError(f"to read {shown}", str(error), _REMEDY) from None


def _read(stream: Iterable[str], name: str, *, is_table: bool) -> Read:
    # Whether this is a chat shows in the first lines; everything is read once, as a stream.
    lines = (line.replace("\x00", "") for line in stream)
    first = list(islice(lines, 20))
    if is_table:
        kind, found = TABLE, _from_table([*first], lines, name)
    elif sum(bool(_CHAT_LINE.match(_unmarked(line))) for line in first) * 2 > len(first):
        kind, found = CHAT, _from_chat([*first], lines)
    elif first and first[0].lstrip().startswith("{"):
        kind, found = LINES, _from_objects([*first], lines)
    else:
        kind, found = LINES, ((None, line) for part in (first, lines) for line in part)
    dialogue = f"{kind}-{sha256(''.join(first).encode('utf-8', 'replace')).hexdigest()[:12]}"
    utterances = tuple(islice(_distinct(found, None if kind != CHAT else dialogue), MAX_WAITING + 1))
    if not utterances:
        raise DataError(f"at least one utterance in {name}", "none", _REMEDY)
    return Read(utterances[:MAX_WAITING], kind, len(utterances) > MAX_WAITING)


def _distinct(found: Iterable[tuple[str | None, str]], dialogue: str | None) -> Iterator[WaitingUtterance]:
    """Yield utterances with an id made of their text, so that bringing a file twice changes nothing."""
    seen = set()
    for position, (speaker, raw) in enumerate(found):
        text = _tidy(raw)
        uid = f"in-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:20]}"
        if text and uid not in seen:
            seen.add(uid)
            yield WaitingUtterance(uid, text, speaker, dialogue, position if dialogue else None)


def _tidy(raw: str) -> str:
    text = _CONTROL.sub(" ", raw[: 4 * LONGEST]).encode("utf-8", "replace").decode()
    return " ".join(text.split())[:LONGEST]


def _unmarked(line: str) -> str:
    return line.lstrip(_SIGN).rstrip("\r\n")


def _from_chat(first: list[str], rest: Iterator[str]) -> Iterator[tuple[str | None, str]]:
    """Yield speaker and message; what the system says has no speaker, and a message may go on over lines."""
    said: tuple[str, str] | None = None
    for part in (first, rest):
        for raw in part:
            line = _unmarked(raw)
            match = _CHAT_LINE.match(line)
            if match is None:
                said = None if said is None else (said[0], f"{said[1]} {line}")
                continue
            if said is not None:
                yield said
            words = _SAID.match(match.group(1))
            message = "" if words is None else words.group(2).strip(_SIGN + " ")
            said = None if words is None or _NO_WORDS.match(message) else (words.group(1).strip(_SIGN + " ~"), message)
    if said is not None:
        yield said


def _is_table(start: str) -> bool:
    """Return whether the first line is a row of short column names, and the second has as many cells."""
    lines = [line for line in start.split("\n")[:3] if line.strip()]
    if len(lines) < 2 or _CHAT_LINE.match(_unmarked(lines[0])):
        return False
    rows = list(csv.reader(lines[:2], delimiter=_delimiter(lines[0])))
    names = [name.strip().casefold() for name in rows[0]]
    if {*names} & {*_TEXT_COLUMNS, "label", "labels", "emotion", "id"}:
        return True
    plain = all(0 < len(name) <= 30 and " " not in name for name in names)
    return plain and len(names) > 1 and len(rows) > 1 and len(rows[1]) == len(names)


def _delimiter(line: str) -> str:
    return max(",;\t|", key=line.count)


def _from_table(first: list[str], rest: Iterator[str], name: str) -> Iterator[tuple[str | None, str]]:
    rows = csv.reader((line for part in (first, rest) for line in part), delimiter=_delimiter(first[0]))
    header = [cell.strip().casefold() for cell in next(rows)]
    column = next((header.index(known) for known in _TEXT_COLUMNS if known in header), None)
    if column is None and len(header) == 1:
        column = 0
    if column is None:
        shown = ", ".join(header)[:80]
        raise DataError(f"a column named text in {name}", f"the columns {shown}", "rename the column with the words")
    speaker = next((header.index(known) for known in _SPEAKER_COLUMNS if known in header), None)
    return _cells(rows, column, speaker, name)


def _cells(rows: Iterator[list[str]], column: int, speaker: int | None, name: str) -> Iterator[tuple[str | None, str]]:
    try:
        for row in rows:
            if column < len(row):
                who = row[speaker].strip()[:60] if speaker is not None and speaker < len(row) else ""
                yield who or None, row[column]
    except csv.Error as error:
        raise DataError(f"a table in {name}", str(error), _REMEDY) from None


def _from_objects(first: list[str], rest: Iterator[str]) -> Iterator[tuple[str | None, str]]:
    """Yield the texts of JSON lines; a line that is none counts as text."""
    for part in (first, rest):
        for line in part:
            try:
                values = json.loads(line)
                yield None, str(values["text"])
            except (ValueError, KeyError, TypeError, RecursionError):
                yield None, line
