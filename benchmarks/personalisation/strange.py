"""A made-up person who uses the labels in another way: two are swapped, and one is added."""

from collections.abc import Mapping
from dataclasses import replace

from benchmarks.personalisation.users import User
from training.utterance import Utterance

SWAPPED = {"joy": "anger", "anger": "joy"}
ADDED = "delight"  # a surprise that is positive


def as_strange(user: User, task: str) -> User:
    """Return the user with the labels of the made-up person."""
    return replace(user, y={split: [_label(item, task) for item in items] for split, items in user.said.items()})


def labels_needed(curve: Mapping[int, float], *, achievable: float, share: float = 0.9) -> int | None:
    """Return the number of labels from which a curve stays at or above a share of what can be achieved."""
    enough = None
    for n in sorted(curve, key=lambda n: n if n >= 0 else 1 << 31):
        if curve[n] < share * achievable:
            enough = None
        elif enough is None:
            enough = n
    return enough


def _label(item: Utterance, task: str) -> str:
    label = item.labels[task][0]
    if label == "surprise" and item.labels.get("sentiment") == ("positive",):
        return ADDED
    return SWAPPED.get(label, label)
