"""XED: film subtitle lines with any number of eight emotions, and neutral lines beside the English ones.

There is no official split: each language is split here, seeded, with copies of a text kept together. The German,
Russian and Turkish lines are translations of English and Finnish ones with the labels carried over, so never train on
``xed`` and test on ``xed-de``: the model has seen the content.

The publisher treated the two English files differently: emotional lines are tokenised ("soared , women"), keep their
commas and mask names as [PERSON]; neutral lines are not tokenised, lost every comma and keep their names. Either one
alone tells them apart, so both get the form that both can have: no space before punctuation, no commas, no masks.
What remains is that neutral lines are shorter and hold more names and digits.

Some projected lines are debris of broken quoting (file names, whole passages); they are rejected.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from mobile_app.engine.task import SIGMOID, Task
from training.datasets.reading import Reading
from training.datasets.source import Source
from training.datasets.splitting import split_groups, text_key
from training.datasets.text_files import read_records
from training.utterance import Utterance

SOURCE = Source(
    folder="xed",
    address="https://github.com/Helsinki-NLP/XED",
    download="https://github.com/Helsinki-NLP/XED/tree/76666d251f147cf518071bef4f8415dab6b96115",
    files={
        "en-annotated.tsv": "26ac0254fbdb8b09cf2b00d44041d9084ece31bd200ae7c0e0662fbd8b037d98",
        "neu_en.txt": "6e8b38af83b80fb64ec1139007973b1f09ec16d48549e82de22423cdba259f08",
        "de-projections.tsv": "9043be088b835643bb752a9f252809ac4d029ae5edbfee8fe45eae2c19e1443b",
        "ru-projections.tsv": "93c025fc257d4cc9f253473f46351e57383510f15d8a15db1eaf2ac5da3f9771",
        "tr-projections2.tsv": "15cb799d429b2a29d2640b25d6b10d5ca3f69e251c374ce0fac9ab7d43595c69",
    },
    licence="CC BY 4.0",
    citation="Öhman et al. 2020, XED: A Multilingual Dataset for Sentiment Analysis and Emotion Detection, COLING",
)
FILES = {
    "en": ("en-annotated.tsv", "neu_en.txt"),
    "de": ("de-projections.tsv",),
    "ru": ("ru-projections.tsv",),
    "tr": ("tr-projections2.tsv",),
}
# In the order of their ids, 1 to 8; 9 is neutral.
EMOTIONS = ("anger", "anticipation", "disgust", "fear", "joy", "sadness", "surprise", "trust")
_IDS = re.compile(r"[1-8](, ?[1-8])*")


def reader(language: str) -> Callable[[Path], Reading]:
    """Return the function that reads one language."""

    def read(folder: Path) -> Reading:
        paths = [folder / name for name in FILES[language]]
        labels = (*EMOTIONS, "neutral") if language == "en" else EMOTIONS
        reading = Reading((Task("emotion", labels, SIGMOID),))
        reading.utterances += _annotated(paths[0], reading)
        if language == "en":
            reading.utterances += _neutral(paths[1], reading)
            _normalise(reading)
        _split(reading)
        return reading

    return read


def normalise(text: str) -> str:
    """Return an English line in the form that annotated and neutral lines can share."""
    text = re.sub(r"\[[A-Z]+\]('s)?", " ", text).replace(",", " ")
    text = re.sub(r"\s+([.!?:;…'])", r"\1", " ".join(text.split()))
    return text.strip()


def _annotated(path: Path, reading: Reading) -> Iterator[Utterance]:
    for line, fields in read_records(path, "\t"):
        fault = _fault(fields)
        if line == 1 and fields == ["phrase", "emotion"]:
            continue
        if fault:
            reading.reject(path, line, fault)
            continue
        ids = {int(one) for one in fields[1].split(",")}
        labels = tuple(label for index, label in enumerate(EMOTIONS, start=1) if index in ids)
        yield Utterance(text=fields[0].strip(), labels={"emotion": labels}, uid=f"{path.stem}-{line}")


def _fault(fields: list[str]) -> str | None:
    if len(fields) != 2:
        return f"{len(fields)} fields instead of 2" if len(fields) < 4 else "more than 3 fields"
    if not fields[0].strip():
        return "blank text"
    if "\n" in fields[0] or "\r" in fields[0] or "xml.gz" in fields[0]:
        return "debris of broken quoting"
    return None if _IDS.fullmatch(fields[1].strip()) else "emotion ids outside 1 to 8"


def _neutral(path: Path, reading: Reading) -> Iterator[Utterance]:
    for line, fields in read_records(path, "\t"):
        if len(fields) < 2 or fields[0].strip() != "9" or not fields[1].strip() or any(fields[2:]):
            blank = not any(field.strip() for field in fields[1:])
            reading.reject(path, line, "blank text" if blank else "no id 9 and one text")
        else:
            yield Utterance(text=fields[1].strip(), labels={"emotion": ("neutral",)}, uid=f"{path.stem}-{line}")


def _normalise(reading: Reading) -> None:
    kept = []
    for one in reading.utterances:
        text = normalise(one.text)
        if text:
            kept.append(replace(one, text=text))
        else:
            name, line = str(one.uid).rsplit("-", 1)
            path = next(Path(file) for file in SOURCE.files if Path(file).stem == name)
            reading.reject(path, int(line), "nothing but masks and commas")
    reading.utterances = kept


def _split(reading: Reading) -> None:
    splits = split_groups([text_key(one.text) for one in reading.utterances])
    reading.utterances = [replace(one, split=splits[text_key(one.text)]) for one in reading.utterances]
