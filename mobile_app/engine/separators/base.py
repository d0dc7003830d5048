"""The contract of every separator: the trainable classifier on frozen features."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

# One label of a softmax task, or the set of labels of a sigmoid task.
Label = str | tuple[str, ...]


class Separator(ABC):
    """Learns labels from feature vectors, one utterance or many at a time.

    Inputs are never changed, and learning replaces the separator's own arrays without writing into them: a shallow
    ``copy.copy`` is a snapshot. Arrays are float32 unless said. Labels that were never seen are added as they come.
    NaN or infinite features and shapes other than ``[n_features]`` / ``[n, n_features]`` raise SeparatorError.
    """

    kind: ClassVar[str]
    labels: tuple[str, ...]
    n_features: int
    n_seen: int

    @abstractmethod
    def learn_one(self, x: ArrayLike, y: Label) -> None:
        """Learn from one feature vector ``[n_features]`` and its label."""

    @abstractmethod
    def learn_many(self, x: ArrayLike, y: Sequence[Label]) -> None:
        """Learn from feature vectors ``[n, n_features]`` and their labels."""

    def limit_prior(self, count: float) -> None:  # noqa: B027 - a step size has no memory: nothing to limit
        """Let what was learned so far weigh at most as much as ``count`` utterances.

        A base learned from thousands of utterances would otherwise drown the first labels of a person.
        """

    @abstractmethod
    def predict_proba_many(self, x: ArrayLike) -> NDArray[np.float32]:
        """Return ``[n, n_labels]`` probabilities, columns in the order of ``labels``."""

    def predict_proba_one(self, x: ArrayLike) -> NDArray[np.float32]:
        """Return ``[n_labels]`` probabilities in the order of ``labels``."""
        return np.asarray(self.predict_proba_many(np.asarray(x)[None])[0])

    def predict_one(self, x: ArrayLike) -> str:
        """Return the most probable label."""
        return self.labels[int(np.argmax(self.predict_proba_one(x)))]

    @abstractmethod
    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays (never objects)."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Separator":
        """Build a separator from what :meth:`to_arrays` returned.

        :raises SeparatorError: if an array is missing or of a shape that does not fit the others.
        """
