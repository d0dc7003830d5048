"""The speakers who said most, each as a user whom the base never heard."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mobile_app.engine.separators import SoftmaxSeparator
from training.datasets import Dataset
from training.utterance import Utterance

# Inverse strength of the penalty of the base; fixed beforehand, and not tuned.
C = 1.0


@dataclass(frozen=True)
class User:
    """A speaker.

    :param base: of all other speakers' train utterances.
    :param others: those utterances: features ``[n, d]`` and labels.
    :param said: what the speaker said, per split.
    :param x: its features ``[n, d]``, per split.
    :param y: its labels, per split.
    """

    name: str
    base: SoftmaxSeparator
    others: tuple[NDArray[np.float32], list[str]]
    said: Mapping[str, tuple[Utterance, ...]]
    x: Mapping[str, NDArray[np.float32]]
    y: Mapping[str, list[str]]


def users(dataset: Dataset, features: Mapping[str, NDArray[np.float32]], task: str, n: int) -> tuple[User, ...]:
    """Return the ``n`` speakers with most train utterances."""
    said = {split: dataset.split(split) for split in features}
    names = [name for name, _ in Counter(item.speaker for item in said["train"]).most_common(n)]
    return tuple(_user(name or "", said, features, task) for name in names)


def _user(
    name: str, said: Mapping[str, Sequence[Utterance]], features: Mapping[str, NDArray[np.float32]], task: str
) -> User:
    own = {split: np.array([item.speaker == name for item in items]) for split, items in said.items()}
    labels = {split: np.array([item.labels[task][0] for item in items]) for split, items in said.items()}
    others = features["train"][~own["train"]], labels["train"][~own["train"]].tolist()
    return User(
        name,
        _base(*others),
        others,
        {split: tuple(item for item in items if item.speaker == name) for split, items in said.items()},
        {split: array[own[split]] for split, array in features.items()},
        {split: array[own[split]].tolist() for split, array in labels.items()},
    )


def _base(x: NDArray[np.float32], y: Sequence[str]) -> SoftmaxSeparator:
    fitted = LogisticRegression(C=C, tol=1e-3, max_iter=200).fit(x, y)
    return SoftmaxSeparator.from_weights([str(label) for label in fitted.classes_], fitted.coef_, fitted.intercept_)
