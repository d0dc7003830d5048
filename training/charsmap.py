"""SentencePiece's precompiled character map: a double-array trie of what is replaced, read into a plain mapping."""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.normalisation import LONGEST_CLUSTER

_LABEL = 0x800000FF  # the label of a unit, and the bit that says that it is a value instead
_VALUE = 0x7FFFFFFF


def read_charsmap(encoded: str, name: str) -> dict[str, str]:
    """Return what each character or cluster is replaced by, as far as the tokenizer can come across it.

    The layout is that of darts-clone: the size of the trie in bytes, its 32-bit units, and the replacements, each
    closed by a zero byte; a leaf's value is the place of its replacement.

    :param encoded: the map in base64, as a ``tokenizer.json`` holds it.
    :param name: of the model, for messages.
    :raises UndertoneError: if it is damaged.
    """
    try:
        content = base64.b64decode(encoded, validate=True)
        size = int.from_bytes(content[:4], "little")
        units = np.frombuffer(content[4 : 4 + size], "<u4")
        texts = content[4 + size :]
        found = _walk(units)
        return {
            key.decode("utf-8"): _text_at(texts, place)
            for key, place in found.items()
            # Longer clusters are taken character by character: of the 225,000 keys of XLM-RoBERTa few are ever met.
            if len(key) <= LONGEST_CLUSTER or len(key.decode("utf-8")) == 1
        }
    except (binascii.Error, ValueError, IndexError) as error:
        raise UndertoneError(
            f"a character map that can be read in the tokenizer of {name}", str(error), "download the tokenizer again"
        ) from None


def _walk(units: NDArray[np.uint32]) -> dict[bytes, int]:
    """Return every key of the trie with its value."""
    found: dict[bytes, int] = {}
    labels = np.arange(256, dtype=np.int64)
    waiting = [(b"", _children(0, int(units[0])))]
    while waiting:
        key, base = waiting.pop()
        if len(key) > len(units):
            raise ValueError("the trie runs in a circle")
        places = base ^ labels
        inside = places < len(units)
        held = np.zeros(256, np.int64)
        held[inside] = units[places[inside]].astype(np.int64) & _LABEL
        for label in np.flatnonzero(held[1:] == labels[1:]) + 1:
            unit, place = int(units[places[label]]), int(places[label])
            longer, below = key + bytes([int(label)]), _children(place, unit)
            if unit >> 8 & 1:
                found[longer] = int(units[below]) & _VALUE
            waiting.append((longer, below))
    return found


def _children(place: int, unit: int) -> int:
    """Return where the children of a unit begin."""
    return place ^ (unit >> 10) << ((unit & 1 << 9) >> 6)


def _text_at(texts: bytes, place: int) -> str:
    return texts[place : texts.index(0, place)].decode("utf-8")
