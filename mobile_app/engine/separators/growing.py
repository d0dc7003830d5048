"""What the separators share: labels that grow, and arrays that are checked when they come back."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.base import Label, Separator
from mobile_app.engine.separators.inputs import as_label_sets, as_matrix, check_activation, check_labels, indicators
from mobile_app.engine.task import SOFTMAX

Array = NDArray[np.float64]


class GrowingSeparator(Separator):
    """A separator whose labels are added as they come.

    :param labels: the labels that are known from the start, in the order of the probabilities; may be empty.
    :param n_features: width of the feature vectors.
    :param activation: ``softmax`` (one label an utterance) or ``sigmoid`` (any number of labels).
    """

    def __init__(self, labels: Sequence[str], n_features: int, *, activation: str = SOFTMAX) -> None:
        check_activation(activation)
        check_labels(labels)
        if len(set(labels)) < len(labels):
            raise SeparatorError("different labels", repr(list(labels)), "name each label once")
        if n_features < 1:
            raise SeparatorError("at least one feature", repr(n_features), "use the bundle's feature dimension")
        self.labels = tuple(labels)
        self.n_features = int(n_features)
        self.activation = activation
        self.n_seen = 0

    def learn_one(self, x: ArrayLike, y: Label) -> None:
        """Learn from one feature vector ``[n_features]`` and its label."""
        self.learn_many(np.asarray(x)[None], [y])

    def learn_many(self, x: ArrayLike, y: Sequence[Label]) -> None:
        """Learn from feature vectors ``[n, n_features]`` and their labels."""
        matrix, targets = self._prepare(x, y)
        if len(matrix):
            self._learn(matrix, targets)
            self.n_seen += len(matrix)

    def predict_proba_many(self, x: ArrayLike) -> NDArray[np.float32]:
        """Return ``[n, n_labels]`` probabilities, columns in the order of ``labels``."""
        return self._probabilities(as_matrix(x, self.n_features)).astype(np.float32)

    @abstractmethod
    def _learn(self, x: Array, targets: Array) -> None:
        """Learn from checked features ``[n, d]`` and indicators ``[n, n_labels]``, n at least 1."""

    @abstractmethod
    def _probabilities(self, x: Array) -> Array:
        """Return ``[n, n_labels]`` for checked features."""

    @abstractmethod
    def _grow(self, n_labels: int) -> None:
        """Make room for labels up to ``n_labels``."""

    def _prepare(self, x: ArrayLike, y: Sequence[Label]) -> tuple[Array, Array]:
        matrix = as_matrix(x, self.n_features)
        sets = as_label_sets(y, self.activation)
        if len(sets) != len(matrix):
            raise SeparatorError(f"{len(matrix)} labels, one an utterance", str(len(sets)), "align them")
        known = set(self.labels)
        added = tuple(dict.fromkeys(label for labels in sets for label in labels if label not in known))
        if added:
            self.labels += added
            self._grow(len(self.labels))
        return matrix, indicators(sets, self.labels)

    def _common_arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "labels": np.array(self.labels, dtype=np.str_),
            "activation": np.array(self.activation),
            "n_seen": np.array(self.n_seen, dtype=np.int64),
        }


class SavedArrays:
    """The arrays of a saved separator, checked one by one as they are taken."""

    def __init__(self, kind: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._kind, self._arrays = kind, arrays
        self.labels = tuple(str(label) for label in self.take("labels", (None,), "U"))
        self.activation = str(self.take("activation", (), "U")[()])
        self.n_seen = int(self.take("n_seen", (), "iu")[()])

    def take(self, name: str, shape: tuple[int | None, ...], types: str = "f") -> NDArray[Any]:
        """Return a copy of an array of that shape (None: any length) and of one of these numpy type kinds.

        :raises SeparatorError: if it is missing, of another shape or type, or not finite.
        """
        if name not in self._arrays:
            raise self._wrong(name, "to be there", f"only {', '.join(sorted(self._arrays)) or 'nothing'}")
        array = np.asarray(self._arrays[name])
        fits = len(array.shape) == len(shape) and all(
            wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
        )
        if not fits:
            wanted = ["any" if length is None else length for length in shape]
            raise self._wrong(name, f"of shape {wanted}", f"shape {list(array.shape)}")
        # An empty list of labels has no characters, and numpy calls it an array of floats.
        if array.dtype.kind not in types and array.size:
            raise self._wrong(name, f"of type {'text' if types == 'U' else 'number'}", f"type {array.dtype}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise self._wrong(name, "of finite numbers", "NaN or infinity")
        return array.copy()

    def number(self, name: str) -> float:
        """Return a single number."""
        return float(self.take(name, (), "fiu")[()])

    def _wrong(self, name: str, expected: str, found: str) -> SeparatorError:
        return SeparatorError(
            f"array {name!r} of a saved {self._kind} separator {expected}", found, "use the file as it was written"
        )
