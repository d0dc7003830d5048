"""Token ids to the arrays that the model takes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def signature_name(length: int) -> str:
    """Return the key of the model's entry point for a length bucket."""
    return f"encode_{length}"


def bucket(n_tokens: int, lengths: Sequence[int]) -> int:
    """Return the smallest of the ascending ``lengths`` that holds ``n_tokens``, or the largest if none does."""
    return next((length for length in lengths if length >= n_tokens), lengths[-1])


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
