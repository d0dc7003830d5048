"""Token ids to the arrays that the model takes."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def signature_name(length: int) -> str:
    """Return the key of the model's entry point for a length bucket."""
    return f"encode_{length}"


def bucket(n_tokens: int, lengths: Sequence[int]) -> int:
    """Return the smallest of the ascending ``lengths`` that holds ``n_tokens``, or the largest if none does."""
    return lengths[min(bisect_left(lengths, n_tokens), len(lengths) - 1)]


def pad(batch: Sequence[Sequence[int]], length: int, pad_id: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pad lists of token ids to one length.

    :param batch: lists of at most ``length`` ids.
    :return: ``input_ids`` and ``attention_mask`` (1 for a token, 0 for padding), both ``[len(batch), length]``.
    """
    input_ids = np.full((len(batch), length), pad_id, np.int32)
    attention_mask = np.zeros((len(batch), length), np.int32)
    for row, ids in enumerate(batch):
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
    return input_ids, attention_mask


class Padded:
    """Arrays of one length bucket that utterances are written into, one after the other; nothing is allocated.

    :param length: of the bucket.
    :param pad_id: what follows the tokens.
    """

    def __init__(self, length: int, pad_id: int) -> None:
        self._ids, self._mask = pad([[]], length, pad_id)
        self._pad_id = pad_id
        self.signature = signature_name(length)
        self.inputs = {"input_ids": self._ids, "attention_mask": self._mask}

    def fill(self, ids: Sequence[int]) -> dict[str, NDArray[np.int32]]:
        """Return ``input_ids`` and ``attention_mask``, ``[1, length]``, of at most ``length`` ids.

        They are the same two arrays each time, and hold the utterance until the next one.
        """
        n = len(ids)
        self._ids[0, :n] = ids
        self._ids[0, n:] = self._pad_id
        self._mask[0, :n] = 1
        self._mask[0, n:] = 0
        return self.inputs
