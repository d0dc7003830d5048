"""GoEmotions: English Reddit comments with any number of 28 labels.

The tasks ``emotion`` (Ekman) and ``sentiment`` follow from ``fine`` by the official mappings, with ``neutral`` as a
group of its own; a comment may belong to several groups. Sentiment is a function of the Ekman group, so a second head
that learns it gets no further information. Texts are stripped; the masks ``[NAME]`` and ``[RELIGION]`` stay.
"""

from pathlib import Path

from mobile_app.engine.task import SIGMOID, Task
from training.datasets.labels import EMOTIONS, SENTIMENTS
from training.datasets.reading import Reading, check_label
from training.datasets.source import Source
from training.datasets.text_files import read_lines
from training.utterance import Utterance

SOURCE = Source(
    folder="goemotions",
    address="https://github.com/google-research/google-research/tree/master/goemotions",
    download="https://github.com/google-research/google-research/tree/master/goemotions/data",
    files={
        "train.tsv": "1c254a142be5c00e80d819b9ae1bbd36d94b2eeb8f4b1271846508d57e57d9c5",
        "dev.tsv": "575489c079c9de1097062a01738f998590d6b7ead66dd1c9fd1d2ba01fd8bc62",
        "test.tsv": "0587b2dd8b27b97352adbfc3fb083d46005c8946657fdc2b1ca8b1cc7f1f8be4",
    },
    licence="CC BY 4.0",
    citation="Demszky et al. 2020, GoEmotions: A Dataset of Fine-Grained Emotions, ACL, arXiv 2005.00547",
)

# In the order of their ids, 0 to 27.
# fmt: off
FINE = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion",
    "curiosity", "desire", "disappointment", "disapproval", "disgust", "embarrassment", "excitement",
    "fear", "gratitude", "grief", "joy", "love", "nervousness", "optimism",
    "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)
# fmt: on
_EKMAN_GROUPS = {
    "neutral": "neutral",
    "joy": "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief",
    "surprise": "confusion curiosity realization surprise",
    "anger": "anger annoyance disapproval",
    "sadness": "sadness disappointment embarrassment grief remorse",
    "disgust": "disgust",
    "fear": "fear nervousness",
}
EKMAN = {label: group for group, members in _EKMAN_GROUPS.items() for label in members.split()}
SENTIMENT = {"neutral": "neutral", "joy": "positive", "surprise": "ambiguous"} | dict.fromkeys(
    ("anger", "sadness", "disgust", "fear"), "negative"
)
GROUPED_SENTIMENTS = (*SENTIMENTS, "ambiguous")


def read(folder: Path) -> Reading:
    """Read the three files of the published layout: text, comma-separated label ids, comment id; never quoted."""
    tasks = (
        Task("fine", FINE, SIGMOID),
        Task("emotion", EMOTIONS, SIGMOID),
        Task("sentiment", GROUPED_SENTIMENTS, SIGMOID),
    )
    reading = Reading(tasks)
    for name in SOURCE.files:
        _read_split(folder / name, name.removesuffix(".tsv"), reading)
    return reading


def _read_split(path: Path, split: str, reading: Reading) -> None:
    known_ids = {str(index): label for index, label in enumerate(FINE)}
    for line, row in read_lines(path):
        fields = row.split("\t")
        if len(fields) != 3 or not fields[0].strip():
            reading.reject(path, line, "blank text" if len(fields) == 3 else f"{len(fields)} fields instead of 3")
            continue
        fine = [known_ids[check_label(path, line, one, known_ids)] for one in fields[1].split(",")]
        reading.utterances.append(
            Utterance(text=fields[0].strip(), labels=groupings(fine), split=split, uid=fields[2].strip())
        )


def groupings(fine: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the labels of all three tasks, each in the order of its task."""
    ekman = {EKMAN[label] for label in fine}
    sentiment = {SENTIMENT[group] for group in ekman}
    return {
        "fine": tuple(label for label in FINE if label in fine),
        "emotion": tuple(group for group in EMOTIONS if group in ekman),
        "sentiment": tuple(group for group in GROUPED_SENTIMENTS if group in sentiment),
    }
