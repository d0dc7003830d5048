"""Single users: separators that learn from one speaker alone, as many utterances as the speaker has, 500 or 200."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.separators import OsElmSeparator, Separator
from training.baselines import majority, tfidf
from training.datasets import Dataset
from training.separator_tables.candidates import linear, measure
from training.separator_tables.choices import N_SPEAKERS, RIDGES, SPEAKER_SIZES, SeparatorChoices
from training.separator_tables.labelled import Splits
from training.separator_tables.networks import linear_by_steps, sgd
from training.utterance import Utterance

UNITS = 100  # of the random layer for so few utterances


@dataclass(frozen=True)
class Part:
    """Some of a speaker's train utterances.

    :param n: how many.
    :param size: what was asked for; None: all.
    """

    speaker: str
    size: int | None
    n: int


def frequent_speakers(dataset: Dataset, task: str) -> list[str]:
    """Return the speakers with most train utterances that also speak in dev and test, six at most."""
    counts = {
        split: Counter(one.speaker for one in dataset.split(split) if one.speaker and task in one.labels)
        for split in ("train", "dev", "test")
    }
    return [
        speaker
        for speaker, _ in counts["train"].most_common()
        if speaker and counts["dev"][speaker] and counts["test"][speaker]
    ][:N_SPEAKERS]


def parts_of(dataset: Dataset, task: str, seed: int) -> Iterator[tuple[Part, NDArray[np.int64]]]:
    """Yield each speaker's train utterances, all of them and subsets drawn at random, as places among the speaker's."""
    for speaker in frequent_speakers(dataset, task):
        n = sum(one.speaker == speaker and task in one.labels for one in dataset.split("train"))
        order = np.random.default_rng(seed).permutation(n)
        for size in SPEAKER_SIZES:
            if size is None or size < n:
                rows = np.sort(order[:size])
                yield Part(speaker, size, len(rows)), rows


def speaker_rows(
    splits: Splits, dataset: Dataset, choices: SeparatorChoices, everybody: Separator
) -> Iterator[dict[str, Any]]:
    """Yield a row for each speaker and size: what is learned from the speaker alone, beside what all taught.

    :param everybody: the linear separator that learned from all users.
    """
    for part, rows in parts_of(dataset, splits.task.name, choices.seed):
        mine = splits.by(part.speaker)
        own = replace(mine, train=mine.train.take(rows))
        yield {
            "speaker": part.speaker,
            "size": part.size,
            "n": part.n,
            "Linear": linear(own).to_dict(),
            "Linear, SGD": measure(
                own, [({"optimizer": "sgd", "learning_rate": 0.01}, _by_steps(own, choices))]
            ).to_dict(),
            "OS-ELM": measure(own, _online(own, choices)).to_dict(),
            "Linear of all users": measure(own, [({}, everybody)]).to_dict(),
        }


def speaker_baselines(dataset: Dataset, task: str, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the majority and TF-IDF rows of each speaker and size, fitted on the same utterances."""
    for part, rows in parts_of(dataset, task, seed):
        own = _dataset_of(dataset, part.speaker, task, set(rows.tolist()))
        row: dict[str, Any] = {"speaker": part.speaker, "size": part.size, "n": part.n}
        for fit in (majority, tfidf):
            result = fit(own, task)
            row[result.name] = {split: {"weighted_f1": result.metrics[split].weighted_f1} for split in ("dev", "test")}
        yield row


def _by_steps(own: Splits, choices: SeparatorChoices) -> Separator:
    return linear_by_steps(own.task, own.train, own.dev, choices, sgd)


def _online(own: Splits, choices: SeparatorChoices) -> Iterator[tuple[dict[str, Any], Separator]]:
    for ridge in RIDGES:
        separator = OsElmSeparator(
            own.task.labels,
            own.n_features,
            activation=own.task.activation,
            n_hidden=UNITS,
            ridge=ridge,
            seed=choices.seed,
        )
        separator.learn_many(own.train.x, own.train.labels)
        yield {"units": UNITS, "ridge": ridge}, separator


def _dataset_of(dataset: Dataset, speaker: str, task: str, places: set[int]) -> Dataset:
    """Return what a speaker said, of train the utterances at these places alone."""
    kept: list[Utterance] = []
    place = -1
    for one in dataset.utterances:
        if one.speaker == speaker and task in one.labels:
            place += one.split == "train"
            if one.split != "train" or place in places:
                kept.append(one)
    return replace(dataset, utterances=tuple(kept))
