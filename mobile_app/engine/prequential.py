"""Test-then-train scores: each utterance is predicted first and learned afterwards."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from mobile_app.engine.separators.base import Label


@dataclass(frozen=True)
class Score:
    """Accuracy and weighted F1 over the first ``n`` utterances."""

    n: int
    accuracy: float
    weighted_f1: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


class Prequential:
    """Running accuracy and weighted F1, kept at every power of two.

    For sigmoid tasks an utterance is right if its labels are exactly the predicted ones.
    """

    def __init__(self) -> None:
        self._n = self._right = 0
        self._hits: Counter[str] = Counter()
        self._true: Counter[str] = Counter()
        self._predicted: Counter[str] = Counter()
        self._marks: list[Score] = []

    def add(self, true: Label, predicted: Label) -> None:
        """Count one utterance."""
        truth, guess = _as_set(true), _as_set(predicted)
        self._n += 1
        self._right += truth == guess
        self._true.update(truth)
        self._predicted.update(guess)
        self._hits.update(truth & guess)
        if self._n & (self._n - 1) == 0:
            self._marks.append(self._score())

    @property
    def marks(self) -> tuple[Score, ...]:
        """The scores at every power of two and at the end."""
        if self._n and self._marks[-1].n < self._n:
            return (*self._marks, self._score())
        return tuple(self._marks)

    def _score(self) -> Score:
        return Score(self._n, self._right / self._n, self._weighted_f1())

    def _weighted_f1(self) -> float:
        """Return the mean of F1 over labels, weighted by how many utterances truly carry each."""
        total = sum(self._true.values())
        f1 = {name: 2 * self._hits[name] / (count + self._predicted[name]) for name, count in self._true.items()}
        return sum(self._true[name] * f1[name] for name in f1) / total if total else 0.0


def _as_set(label: Label) -> frozenset[str]:
    return frozenset([label] if isinstance(label, str) else label)
