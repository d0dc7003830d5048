"""Calibration data: a few train utterances that look like what the model will meet."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mobile_app.engine.batch import bucket
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.wordpiece import truncate
from training.datasets import load

SIZE = 200


@dataclass(frozen=True)
class CalibrationChoice:
    """Which utterances calibrate.

    :param data: name of a dataset or path of a file; None: what the run was trained on.
    :param data_dir: folder of the published datasets.
    :param size: how many utterances.
    :param seed: of the draw.
    """

    data: str | None = None
    data_dir: Path | None = None
    size: int = SIZE
    seed: int = 0

    def __post_init__(self) -> None:
        if self.size < 1:
            raise UndertoneError("at least one utterance to calibrate with", str(self.size), "correct the size")


@dataclass(frozen=True)
class Calibration:
    """Token ids of the chosen utterances, and what the bundle says about them."""

    batch: tuple[tuple[int, ...], ...]
    about: dict[str, Any]


def curate(choice: CalibrationChoice, trained_on: str, tokenizer: Any, lengths: Sequence[int]) -> Calibration:
    """Draw utterances of the train split, in turns from every label and length bucket.

    :param trained_on: the data of the run.
    :param tokenizer: of the model.
    :raises UndertoneError: if the data cannot be read or has no utterance in train.
    """
    name = choice.data or trained_on
    dataset = load(name, data_dir=choice.data_dir)
    texts = [utterance for utterance in dataset.utterances if utterance.split == "train"]
    if not texts:
        raise UndertoneError(
            f"utterances in the train split of {name} to calibrate with", "none", "name other data with --calibrate"
        )
    longest = lengths[-1]
    tokens = [tuple(truncate(tokenizer.encode(one.text), longest, tokenizer.sep_id)) for one in texts]
    task = dataset.tasks[0].name
    labels = [(one.labels.get(task) or ("",))[0] for one in texts]
    strata: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index in np.random.default_rng(choice.seed).permutation(len(texts)).tolist():
        strata[labels[index], bucket(len(tokens[index]), lengths)].append(index)
    chosen = _in_turns([strata[key] for key in sorted(strata)], choice.size)
    batch = tuple(tokens[index] for index in chosen)
    about = {
        "data": Path(name).name,
        "split": "train",
        "n": len(batch),
        "seed": choice.seed,
        "sha256": hashlib.sha256(json.dumps(batch).encode()).hexdigest(),
        "labels": dict(sorted(Counter(labels[index] for index in chosen).items())),
        "length_buckets": {
            str(length): count for length, count in sorted(Counter(bucket(len(ids), lengths) for ids in batch).items())
        },
    }
    return Calibration(batch, about)


def require_known_ids(batch: Sequence[Sequence[int]], vocabulary_size: int) -> None:
    """Refuse calibration data that the embedding table has no row for.

    :raises UndertoneError: if it is empty or holds such an id.
    """
    if not batch or not any(batch):
        raise UndertoneError("utterances to calibrate with", "none", "name data with --calibrate")
    wrong = sorted({int(token) for ids in batch for token in ids if not 0 <= token < vocabulary_size})
    if wrong:
        raise UndertoneError(
            f"token ids from 0 to {vocabulary_size - 1} in the calibration data",
            ", ".join(map(str, wrong[:5])) + (", ..." if len(wrong) > 5 else ""),
            "use the tokenizer that belongs to the model",
        )


def _in_turns(strata: Sequence[Sequence[int]], size: int) -> list[int]:
    chosen: list[int] = []
    for turn in range(max(map(len, strata))):
        for stratum in strata:
            if turn < len(stratum) and len(chosen) < size:
                chosen.append(stratum[turn])
    return chosen
