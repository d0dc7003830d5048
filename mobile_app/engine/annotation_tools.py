"""Files as Label Studio, doccano and Argilla write and read them.

Label Studio: a JSON list of ``{"id", "data": {"text"}, "annotations": [{"result": [{"from_name": task, "to_name":
"text", "type": "choices", "value": {"choices": [...]}}]}]}``. doccano: JSON lines ``{"id", "text", "label": [...]}`` of
one task. Argilla 2: a JSON list of ``{"id", "fields": {"text"}, "responses": {task: [{"value"}]}, ...}``; Argilla 1:
JSON lines ``{"id", "text", "annotation", ...}`` of one task.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import DataError
from mobile_app.engine.exchange import parse_lines
from mobile_app.engine.files import write_file
from mobile_app.engine.labelled import LabelledUtterance, StoredUtterance
from mobile_app.engine.separators.base import Label
from mobile_app.engine.task import Task

_SHAPES = "the export of Label Studio (JSON), doccano (JSONL) or Argilla (JSON)"
_MAX_BYTES = 256 << 20
# Argilla wants to know whose answer it is, and the phone knows no users.
_NOBODY = "00000000-0000-0000-0000-000000000000"


def read_annotations(path: Path, tasks: Sequence[Task], *, task: str | None = None) -> tuple[LabelledUtterance, ...]:
    """Read the export of an annotation tool; records that nobody has labelled are left out.

    :param task: whose labels they are, where the file does not say; None is the first task.
    :raises DataError: if the file cannot be read, has another shape, or a record cannot be used.
    """
    records = _records(path)
    values = [_as_line(record, task or tasks[0].name, path) for record in records]
    labelled = [json.dumps(value).encode() for value in values if value["labels"]]
    return parse_lines(labelled, path, tasks)


def write_label_studio(path: Path, utterances: Iterable[StoredUtterance]) -> None:
    """Write stored utterances as tasks with annotations, and with what was predicted before.

    :raises UndertoneError: if the file cannot be written; an old one is kept then.
    """
    tasks = [
        {
            "id": stored.number,
            "data": {"text": stored.utterance.text, "undertone_id": stored.utterance.uid},
            "annotations": [{"result": [_choices(task, label) for task, label in stored.utterance.labels.items()]}],
            "predictions": [
                {
                    "model_version": stored.bundle,
                    "result": [_choices(task, said.label) for task, said in stored.said.items()],
                }
            ],
        }
        for stored in utterances
    ]
    _write(path, json.dumps(tasks, ensure_ascii=False, indent=1))


def write_doccano(path: Path, utterances: Iterable[StoredUtterance], task: str) -> None:
    """Write the labels of one task; utterances without one are left out.

    :raises UndertoneError: if the file cannot be written; an old one is kept then.
    """
    lines = [
        json.dumps(
            {
                "id": stored.number,
                "text": stored.utterance.text,
                "label": _listed(stored.utterance.labels[task]),
                "undertone_id": stored.utterance.uid,
            },
            ensure_ascii=False,
        )
        for stored in utterances
        if task in stored.utterance.labels
    ]
    _write(path, "".join(f"{line}\n" for line in lines))


def write_argilla(path: Path, utterances: Iterable[StoredUtterance]) -> None:
    """Write stored utterances as records with responses, and what was predicted before as suggestions.

    :raises UndertoneError: if the file cannot be written; an old one is kept then.
    """
    records = [
        {
            "id": stored.utterance.uid,
            "fields": {"text": stored.utterance.text},
            "metadata": {"time": stored.utterance.when},
            "suggestions": {
                task: {"value": _plain(said.label), "score": None, "agent": stored.bundle}
                for task, said in stored.said.items()
            },
            "responses": {
                task: [{"value": _plain(label), "user_id": _NOBODY}] for task, label in stored.utterance.labels.items()
            },
            "vectors": {},
        }
        for stored in utterances
    ]
    _write(path, json.dumps(records, ensure_ascii=False, indent=1))


def _records(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _wrong(path, f"more than {_MAX_BYTES >> 20} MB")
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode()
        if text.lstrip().startswith("["):
            records = json.loads(text)
        else:
            records = [json.loads(line) for line in text.split("\n") if line.strip()]
    except OSError as error:
        raise _wrong(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise _wrong(path, str(error)) from None
    if not records:
        raise _wrong(path, "no record")
    return list(records)


def _as_line(record: Any, task: str, path: Path) -> dict[str, Any]:
    """Return the record in the shape of our own lines."""
    if isinstance(record, dict):
        for signs, read in _READERS:
            if signs <= record.keys():
                try:
                    return read(record, task)
                except (KeyError, TypeError, AttributeError, IndexError) as error:
                    raise _wrong(path, f"a record without {error}: {str(record)[:60]}") from None
    raise _wrong(path, str(record)[:60])


def _from_label_studio(record: Mapping[str, Any], _: str) -> dict[str, Any]:
    data = record["data"]
    done = [one for one in record["annotations"] if not one.get("was_cancelled")]
    results = done[0]["result"] if done else []
    labels = {one["from_name"]: one["value"]["choices"] for one in results if one["type"] == "choices"}
    return _line(data.get("undertone_id") or f"label-studio-{record['id']}", data["text"], labels)


def _from_argilla(record: Mapping[str, Any], _: str) -> dict[str, Any]:
    answers = {task: given[0]["value"] for task, given in record["responses"].items() if given}
    return _line(record["id"], record["fields"]["text"], answers)


def _from_argilla_1(record: Mapping[str, Any], task: str) -> dict[str, Any]:
    text = record.get("text") or record["inputs"]["text"]
    labels = {} if record["annotation"] is None else {task: record["annotation"]}
    return _line(record["id"], text, labels)


def _from_doccano(record: Mapping[str, Any], task: str) -> dict[str, Any]:
    labels = {task: record["label"]} if record["label"] else {}
    return _line(record.get("undertone_id") or f"doccano-{record['id']}", record["text"], labels)


_READERS = (
    (frozenset({"data", "annotations"}), _from_label_studio),
    (frozenset({"fields", "responses"}), _from_argilla),
    (frozenset({"annotation", "id"}), _from_argilla_1),
    (frozenset({"text", "label"}), _from_doccano),
)


def _line(uid: Any, text: str, labels: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": uid, "text": text, "labels": dict(labels)}


def _choices(task: str, label: Label) -> dict[str, Any]:
    return {"from_name": task, "to_name": "text", "type": "choices", "value": {"choices": _listed(label)}}


def _listed(label: Label) -> list[str]:
    return [label] if isinstance(label, str) else list(label)


def _plain(label: Label) -> str | list[str]:
    return label if isinstance(label, str) else list(label)


def _write(path: Path, text: str) -> None:
    write_file(path, text.encode())


def _wrong(path: Path, found: str) -> DataError:
    return DataError(f"{_SHAPES} in {path}", " ".join(found.split()), "export it again from that tool")
