"""Splitting what has no official split: seeded, and independent of the order of the rows.

Groups (dialogues, tweets, equal texts) never cross splits. Groups are put in the order of a seeded hash of their
keys and cut into train, dev and test, so that the shares hold to within a group.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

SHARES = (("train", 0.8), ("dev", 0.1), ("test", 0.1))


def split_groups(keys: Sequence[str], shares: Sequence[tuple[str, float]] = SHARES, seed: int = 0) -> Mapping[str, str]:
    """Return the split of each group.

    :param keys: the group of each row.
    :param shares: splits and their share of the rows, adding up to 1.
    :param seed: another seed gives another split.
    :return: group key to split; every split gets a group if there are enough of them.
    """
    sizes = Counter(keys)
    order = sorted(sizes, key=lambda key: hashlib.sha256(f"{seed}\n{key}".encode()).digest())
    if len(order) < len(shares):
        return dict.fromkeys(order, shares[0][0])
    # The small splits are filled first: the first split takes the rest.
    splits: dict[str, str] = {}
    waiting = iter(order)
    left = len(order)
    for place, (name, share) in enumerate(shares[1:], start=1):
        filled = 0
        while not filled or (filled + 0.5 < share * len(keys) and left > len(shares) - place):
            key = next(waiting)
            splits[key] = name
            filled += sizes[key]
            left -= 1
    return splits | dict.fromkeys(waiting, shares[0][0])


def text_key(text: str) -> str:
    """Return the text without case, punctuation and spacing: equal keys are copies of one another."""
    return "".join(character for character in text.casefold() if character.isalnum()) or text.strip()
