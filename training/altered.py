"""Altered copies of texts, so that a rare label is not learned by heart from the few that carry it."""

import random
from collections.abc import Sequence

WORDS_DROPPED = 0.1
TYPOS = 0.05


def altered(texts: Sequence[str], *, seed: int) -> list[str]:
    """Return one copy of each text, with words left out and letters swapped.

    Casing stays: the tokenizers of students ignore it.
    """
    chance = random.Random(seed)
    return [_altered(text, chance) for text in texts]


def _altered(text: str, chance: random.Random) -> str:
    words = [_mistyped(word, chance) for word in text.split() if chance.random() >= WORDS_DROPPED]
    return " ".join(words) or text


def _mistyped(word: str, chance: random.Random) -> str:
    """Swap two letters inside a longer word, rarely."""
    if len(word) < 4 or not word.isalpha() or chance.random() >= TYPOS:
        return word
    place = chance.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
