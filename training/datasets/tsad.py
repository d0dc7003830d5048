"""TSAD: tweets with the sentiment towards a named entity (Kaggle "Twitter entity sentiment analysis").

The training file holds six rewrites of each tweet, or the first of the six, and every one of the 1,000 validation
tweets as well: those ids are left out of train, the published validation file is test, and dev is taken from train by
tweet id. Scores measured without this are memory. Both forms of the files are read, with a header and without.
Training and validation texts are cleaned differently by the publisher, which no loader can undo.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.datasets.reading import Reading, check_label, did_you_mean
from training.datasets.source import Source
from training.datasets.splitting import split_groups
from training.datasets.text_files import read_records
from training.utterance import Utterance

SOURCE = Source(
    folder="tsad",
    address="https://www.kaggle.com/datasets/jp797498e/twitter-entity-sentiment-analysis",
    files={
        "twitter_training.csv": "ab8d2a5ea205e7d24bdc76700d1e2556860cf6fad325c0fccdc636b4503729bc",
        "twitter_validation.csv": "4910b9f05a198b3dd52b1c5b4da4ec990ad02ade6b42daa4bcffe2d37a322a69",
    },
    licence="the Kaggle page is reported as CC0, unverified; tweets stay under the platform's terms",
    citation="no paper; name the Kaggle page",
)
LABELS = ("Neutral", "Positive", "Negative", "Irrelevant")
HEADERS = (("id", "tweet_id"), ("entity",), ("sentiment",), ("tweet", "text", "tweet_content"))


class Tweet(NamedTuple):
    """A row of either file."""

    line: int
    tweet_id: str
    label: str
    text: str


def read(folder: Path) -> Reading:
    """Read four classes: neutral, positive, negative, irrelevant."""
    return _read(folder, LABELS)


def read_three_classes(folder: Path) -> Reading:
    """Read three classes: irrelevant counts as neutral, as the publisher rules."""
    return _read(folder, LABELS[:3])


def _read(folder: Path, labels: tuple[str, ...]) -> Reading:
    reading = Reading((Task("sentiment", tuple(label.lower() for label in labels)),))
    training, validation = (folder / name for name in SOURCE.files)
    test = list(_tweets(validation, reading))
    held_out = {tweet.tweet_id for tweet in test}
    rest = []
    for tweet in _tweets(training, reading):
        if tweet.tweet_id in held_out:
            reading.reject(training, tweet.line, "tweet id is in the validation file")
        else:
            rest.append(tweet)
    splits = split_groups([tweet.tweet_id for tweet in rest], (("train", 0.9), ("dev", 0.1)))
    for path, tweets in ((training, rest), (validation, test)):
        for tweet in tweets:
            _keep(path, tweet, "test" if path == validation else splits[tweet.tweet_id], labels, reading)
    return reading


def _keep(path: Path, tweet: Tweet, split: str, labels: tuple[str, ...], reading: Reading) -> None:
    if not tweet.text:
        reading.reject(path, tweet.line, "blank text")
        return
    label = check_label(path, tweet.line, tweet.label, LABELS)
    label = label if label in labels else "Neutral"
    reading.utterances.append(
        Utterance(text=tweet.text, labels={"sentiment": (label.lower(),)}, split=split, uid=tweet.tweet_id)
    )


def _tweets(path: Path, reading: Reading) -> Iterator[Tweet]:
    for index, (line, fields) in enumerate(read_records(path, ",")):
        if len(fields) != 4:
            reading.reject(path, line, f"{len(fields)} fields instead of 4")
        elif fields[0].strip().isdecimal():
            yield Tweet(line, fields[0].strip(), fields[2].strip(), fields[3].strip())
        elif index == 0:
            _check_header(path, [field.strip().lower() for field in fields])
        else:
            reading.reject(path, line, "tweet id is no number")


def _check_header(path: Path, fields: list[str]) -> None:
    for field, expected in zip(fields, HEADERS, strict=True):
        if field not in expected:
            names = [name for group in HEADERS for name in group]
            raise DataError(
                f"the columns id, entity, sentiment, tweet in {path.name}",
                f"{', '.join(fields)}",
                did_you_mean(field, names),
            )
