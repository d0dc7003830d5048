"""Labelled utterances as JSON lines: what the app exports, what people and the desktop tools bring in.

One object a line: ``{"id": str?, "time": ISO 8601?, "text": str, "labels": {task: "label" | ["label", ...]},
"predicted"?: {task: {"label": ..., "probability": ...}}, "bundle"?: str, "speaker"?: str, "dialogue"?: str,
"position"?: int}``
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.files import write_file
from mobile_app.engine.labelled import LabelledUtterance, Said, StoredUtterance
from mobile_app.engine.separators.base import Label
from mobile_app.engine.separators.inputs import as_label_sets
from mobile_app.engine.task import Task

_EXAMPLE = 'write {"text": "...", "labels": {"task": "label"}} on each line'


class _WrongLineError(Exception):
    """What was expected in a line, and what was there."""


def read_labels(path: Path, tasks: Sequence[Task]) -> tuple[LabelledUtterance, ...]:
    """Read a file of labelled utterances, all of it or nothing.

    A line without an id gets one made from its content, the same each time the file is read.

    :param tasks: the tasks that labels may be of; labels that a task does not have yet are allowed.
    :raises DataError: if the file cannot be read or is empty, or at the first wrong line, with its number.
    """
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise DataError(
            f"a file of labelled utterances at {path}", error.strerror or str(error), "check the path"
        ) from None
    return parse_lines(lines, path, tasks)


def parse_lines(lines: Iterable[bytes], path: Path, tasks: Sequence[Task]) -> tuple[LabelledUtterance, ...]:
    """Read the lines of a file; otherwise as :func:`read_labels`.

    :param path: of the file they came from, for the messages.
    """
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    utterances, seen = [], Counter[str]()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            utterances.append(_utterance(line, {task.name: task for task in tasks}, now, seen))
        except _WrongLineError as error:
            expected, found = error.args
            raise DataError(f"{expected} in {path.name}, line {number}", found, _EXAMPLE) from None
    if not utterances:
        raise DataError(f"at least one labelled utterance in {path}", "an empty file", _EXAMPLE)
    return tuple(utterances)


def write_labels(path: Path, utterances: Iterable[StoredUtterance]) -> None:
    """Write stored utterances as JSON lines.

    :raises UndertoneError: if the file cannot be written; an old one is kept then.
    """
    lines = (json.dumps(_values(stored), ensure_ascii=False) + "\n" for stored in utterances)
    write_file(path, "".join(lines).encode())


def _values(stored: StoredUtterance) -> dict[str, Any]:
    utterance = stored.utterance
    values = {
        "id": utterance.uid,
        "time": utterance.when,
        "text": utterance.text,
        "labels": {task: _listed(label) for task, label in utterance.labels.items()},
        "predicted": {task: _predicted(said) for task, said in stored.said.items()},
        "bundle": stored.bundle,
        "speaker": utterance.speaker,
        "dialogue": utterance.dialogue,
        "position": utterance.position,
    }
    return {key: value for key, value in values.items() if value is not None}


def _predicted(said: Said) -> dict[str, Any]:
    if isinstance(said.label, str):
        return {"label": said.label, "probability": said.probabilities[said.label]}
    return {"label": list(said.label), "probability": [said.probabilities[label] for label in said.label]}


def _listed(label: Label) -> str | list[str]:
    return label if isinstance(label, str) else list(label)


def _utterance(line: bytes, tasks: Mapping[str, Task], now: str, seen: Counter[str]) -> LabelledUtterance:
    values = _object(line)
    text = values.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _WrongLineError("a text", repr(text) if "text" in values else _keys(values))
    return LabelledUtterance(
        uid=_name(values, "id") or _made_up_id(values, seen),
        text=text.strip(),
        labels=_labels(values, tasks),
        when=_time(values) or now,
        speaker=_name(values, "speaker"),
        dialogue=_name(values, "dialogue"),
        position=_position(values),
    )


def _object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line.decode(), parse_constant=_refuse_constant)
        json.dumps(values, ensure_ascii=False).encode()  # half a surrogate pair is legal in JSON, and no text
    except UnicodeDecodeError as error:
        raise _WrongLineError("UTF-8", f"byte 0x{line[error.start]:02X} at position {error.start + 1}") from None
    except UnicodeEncodeError:
        raise _WrongLineError("text", "half a surrogate pair") from None
    except RecursionError:
        raise _WrongLineError("a JSON object", "endless nesting") from None
    except ValueError as error:
        raise _WrongLineError("a JSON object", f"an error: {error}") from None
    if not isinstance(values, dict):
        raise _WrongLineError("a JSON object", f"{type(values).__name__} {str(values)[:40]}")
    return values


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name}, which is no JSON")


def _labels(values: Mapping[str, Any], tasks: Mapping[str, Task]) -> dict[str, Label]:
    found = values.get("labels")
    if not isinstance(found, dict) or not found:
        raise _WrongLineError("an object 'labels' with a task", repr(found) if "labels" in values else _keys(values))
    labels: dict[str, Label] = {}
    for name, given in found.items():
        if name not in tasks:
            raise _WrongLineError(f"tasks of the bundle ({', '.join(tasks)})", repr(name))
        carried = [given] if isinstance(given, str) else given
        if not isinstance(carried, list) or not all(isinstance(label, str) for label in carried):
            raise _WrongLineError(f"a label or a list of labels for {name!r}", repr(given))
        distinct = tuple(dict.fromkeys(label.strip() for label in carried))
        try:
            as_label_sets([distinct], tasks[name].activation)
        except UndertoneError as error:
            raise _WrongLineError(f"for {name!r} {error.expected}", error.found) from None
        labels[name] = distinct if tasks[name].is_multi_label else distinct[0]
    return labels


def _name(values: Mapping[str, Any], key: str) -> str | None:
    """Return an identifier; numbers are as good as strings."""
    found = values.get(key)
    if found is None or isinstance(found, str):
        return (found or "").strip() or None
    if isinstance(found, bool) or not isinstance(found, int):
        raise _WrongLineError(f"a string {key!r}", repr(found))
    return str(found)


def _time(values: Mapping[str, Any]) -> str | None:
    found = values.get("time")
    if found is None:
        return None
    try:
        # Python 3.10 does not know the Z of ISO 8601.
        return datetime.fromisoformat(str(found).replace("Z", "+00:00")).isoformat()
    except ValueError:
        raise _WrongLineError("an ISO 8601 time", repr(found)) from None


def _position(values: Mapping[str, Any]) -> int | None:
    found = values.get("position")
    if found is not None and (isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**31):
        raise _WrongLineError("a 'position' counted from 0", repr(found))
    return found


def _made_up_id(values: Mapping[str, Any], seen: Counter[str]) -> str:
    digest = sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    seen[digest] += 1
    return f"line-{digest}-{seen[digest]}"


def _keys(values: Mapping[str, Any]) -> str:
    return f"only {', '.join(values)}" if values else "nothing"
