"""Utterances as sequences: whole dialogues, or for each utterance the window that ends with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.context import same_speaker
from training.utterance import Utterance

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
NOBODY = -1  # a place of a sequence that holds no utterance


@dataclass(frozen=True)
class Sequences:
    """Sequences of utterances, as places in a split.

    :param rows: ``[n, T]``; ``NOBODY`` where there is none. Windows end with their utterance in the last place, so that
        missing ones come first; dialogues begin in the first place.
    :param same_speaker: ``[n, T]``: 1 where an utterance is by the speaker of the newest one of its window (in a whole
        dialogue: of the utterance before it), -1 where it is by somebody else, 0 where that is not known.
    """

    rows: Rows
    same_speaker: Floats

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def mask(self) -> Floats:
        """``[n, T]``: 1 where there is an utterance."""
        return (self.rows != NOBODY).astype(np.float32)


def windows(utterances: Sequence[Utterance], size: int) -> Sequences:
    """Return for each utterance the window of ``size`` utterances of its dialogue that ends with it, in their order."""
    rows = np.full((len(utterances), size), NOBODY, np.int64)
    for dialogue in dialogues_of(utterances):
        for place, row in enumerate(dialogue):
            seen = dialogue[max(0, place + 1 - size) : place + 1]
            rows[row, size - len(seen) :] = seen
    same = np.zeros(rows.shape, np.float32)
    for row, places in enumerate(rows):
        for at, place in enumerate(places):
            if place != NOBODY:
                same[row, at] = same_speaker(utterances[row].speaker, utterances[place].speaker)
    return Sequences(rows, same)


def whole_dialogues(utterances: Sequence[Utterance], longest: int | None = None) -> Sequences:
    """Return the dialogues, cut into pieces of ``longest`` utterances if given; 1 leaves no context."""
    pieces = [
        dialogue[start : start + (longest or len(dialogue))]
        for dialogue in dialogues_of(utterances)
        for start in range(0, len(dialogue), longest or len(dialogue))
    ]
    rows = np.full((len(pieces), max(map(len, pieces))), NOBODY, np.int64)
    same = np.zeros(rows.shape, np.float32)
    for number, piece in enumerate(pieces):
        rows[number, : len(piece)] = piece
        for at in range(1, len(piece)):
            same[number, at] = same_speaker(utterances[piece[at - 1]].speaker, utterances[piece[at]].speaker)
    return Sequences(rows, same)


def dialogues_of(utterances: Sequence[Utterance]) -> list[list[int]]:
    """Return the places of the utterances of each dialogue, in the order in which they were said.

    An utterance outside dialogues is one of its own.
    """
    found: dict[object, list[int]] = {}
    for row, utterance in enumerate(utterances):
        found.setdefault(row if utterance.dialogue is None else utterance.dialogue, []).append(row)
    return [sorted(rows, key=lambda row: _position(utterances[row], row)) for rows in found.values()]


def _position(utterance: Utterance, row: int) -> tuple[int, int]:
    return (row if utterance.position is None else utterance.position, row)
