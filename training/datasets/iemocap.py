"""IEMOCAP: acted dialogues of ten speakers in five sessions, from the user's own licensed copy.

Read are ``Session<N>/dialog/transcriptions/*.txt`` (``Ses01F_impro01_F000 [006.2901-008.2357]: text``) and
``Session<N>/dialog/EmoEvaluation/*.txt`` (``[6.2901 - 8.2357] TAB Ses01F_impro01_F000 TAB neu TAB [v, a, d]``).
Sessions 1 to 4 are train, with whole dialogues set aside as dev; session 5 is test. Six labels are kept, as is usual;
the others (surprised, fearful, disgusted, other, no agreement) are left out and counted.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.datasets.reading import Reading
from training.datasets.source import Source
from training.datasets.splitting import split_groups
from training.datasets.text_files import read_lines
from training.utterance import Utterance

SOURCE = Source(
    folder="iemocap",
    address="https://sail.usc.edu/iemocap/",
    files={},
    licence="the publisher's licence agreement (not redistributable)",
    citation="Busso et al. 2008, IEMOCAP, Language Resources and Evaluation 42, doi 10.1007/s10579-008-9076-6",
)
LABELS = {"hap": "happy", "sad": "sad", "neu": "neutral", "ang": "angry", "exc": "excited", "fru": "frustrated"}
SESSIONS = range(1, 6)
TEST_SESSION = 5

_TURN = re.compile(r"(?P<uid>\w+) *\[(?P<start>[\d.]+)-[\d.]+\]: *(?P<text>.*)")
_LABEL = re.compile(r"\[[\d.]+ - [\d.]+\]\t(?P<uid>\w+)\t(?P<label>\w+)\t")


def read(folder: Path) -> Reading:
    """Read all five sessions.

    :raises DataError: if a session or one of its two folders is missing.
    """
    reading = Reading((Task("emotion", tuple(LABELS.values())),))
    for session in SESSIONS:
        labels = _read_labels(_files(folder, session, "EmoEvaluation"))
        for path in _files(folder, session, "transcriptions"):
            reading.utterances += _read_dialogue(path, session, labels, reading)
    _set_aside_dev(reading)
    return reading


def _files(folder: Path, session: int, kind: str) -> list[Path]:
    place = folder / f"Session{session}" / "dialog" / kind
    # Archives made on a Mac hold "._Ses01F_impro01.txt" beside each file.
    files = sorted(place.glob("Ses*.txt"))
    if not files:
        raise DataError(
            f"Ses*.txt in {place}",
            "none",
            f"get IEMOCAP from {SOURCE.address} and unpack it so that this folder is there",
        )
    return files


def _read_labels(paths: list[Path]) -> dict[str, str]:
    matches = (_LABEL.match(line) for path in paths for _, line in read_lines(path))
    return {match["uid"]: match["label"] for match in matches if match}


def _read_dialogue(path: Path, session: int, labels: dict[str, str], reading: Reading) -> Iterator[Utterance]:
    turns = []
    for line, text in read_lines(path):
        match = _TURN.match(text)
        if match:
            turns.append((float(match["start"]), line, match))
        elif text.strip():
            reading.reject(path, line, "no turn with an identifier and times")
    # The transcripts are not strictly in the order of time.
    for position, (_, line, match) in enumerate(sorted(turns, key=lambda turn: turn[:2])):
        label = labels.get(match["uid"])
        if label not in LABELS or not match["text"].strip():
            known = "blank text" if label in LABELS else "no label" if label is None else f"label {label!r}"
            reading.reject(path, line, known)
            continue
        yield Utterance(
            text=match["text"].strip(),
            labels={"emotion": (LABELS[label],)},
            split="test" if session == TEST_SESSION else "train",
            dialogue=path.stem,
            position=position,
            speaker=f"Ses{session:02}_{match['uid'].rsplit('_', 1)[-1][0]}",
            uid=match["uid"],
        )


def _set_aside_dev(reading: Reading) -> None:
    dialogues = [str(one.dialogue) for one in reading.utterances if one.split == "train"]
    splits = split_groups(dialogues, (("train", 0.9), ("dev", 0.1)))
    reading.utterances = [
        replace(one, split=splits[str(one.dialogue)]) if one.split == "train" else one for one in reading.utterances
    ]
