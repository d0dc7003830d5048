"""One user's labels, one by one: each utterance is predicted first and learned afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from mobile_app.engine.separators import Separator


@dataclass(frozen=True)
class Stream:
    """What came of it.

    :param curve: labels learned to weighted F1 on the utterances held out.
    :param prequential: weighted F1 of the predictions before each label.
    :param log_loss: mean over the labels of minus the logarithm of the probability that they had before.
    """

    curve: dict[int, float]
    prequential: float
    log_loss: float


def follow(
    separator: Separator,
    x: NDArray[np.float32],
    y: Sequence[str],
    held_out: tuple[NDArray[np.float32], Sequence[str]],
    *,
    points: Collection[int],
    learns: bool = True,
) -> Stream:
    """Teach a separator; it is changed.

    :param points: numbers of labels to evaluate at; -1 for all.
    :param learns: False to keep it as it is.
    """
    curve: dict[int, float] = {}
    chances: list[NDArray[np.float32]] = []
    for n in range(len(x) + 1):
        if n in points or (n == len(x) and -1 in points):
            if learns or not curve:
                score = _score(separator, *held_out)
            curve[n if n in points else -1] = score
        if n < len(x) and learns:
            chances.append(separator.predict_proba_one(x[n]))
            separator.learn_one(x[n], y[n])
    return Stream(curve, *_prequential(separator, chances if learns else list(separator.predict_proba_many(x)), y))


def _prequential(separator: Separator, chances: Sequence[NDArray[np.float32]], y: Sequence[str]) -> tuple[float, float]:
    """Return weighted F1 and log-loss of predictions whose labels may have been fewer than the separator's now."""
    said = [separator.labels[int(row.argmax())] for row in chances]
    places = [separator.labels.index(label) if label in separator.labels else 1 << 31 for label in y]
    given = [float(row[place]) if place < len(row) else 0.0 for row, place in zip(chances, places, strict=True)]
    return _weighted_f1(y, said), float(np.mean([-log(max(chance, 1e-6)) for chance in given]))


def _score(separator: Separator, x: NDArray[np.float32], y: Sequence[str]) -> float:
    said = np.array(separator.labels)[separator.predict_proba_many(x).argmax(axis=1)]
    return _weighted_f1(y, said.tolist())


def _weighted_f1(true: Sequence[str], said: Sequence[str]) -> float:
    return float(f1_score(true, said, average="weighted", zero_division=0.0))
