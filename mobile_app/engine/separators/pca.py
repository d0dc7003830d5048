"""Principal components as a feature map in front of any separator."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.base import Label, Separator
from mobile_app.engine.separators.inputs import as_matrix
from mobile_app.engine.separators.starting import separator_named

_INNER = "inner."
_LARGEST = float(np.finfo(np.float32).max)


class PcaSeparator(Separator):
    """Brings features to their principal components and hands them to another separator.

    The components are fixed once fitted: on the train split, before anybody's labels.

    :param inner: what learns; its features are the components.
    :param mean: ``[d]``, taken off first.
    :param components: ``[n_components, d]``, orthonormal rows.
    """

    kind = "pca"

    def __init__(self, inner: Separator, mean: ArrayLike, components: ArrayLike) -> None:
        self._mean, self._components = np.array(mean, np.float32), np.array(components, np.float32)
        expected = (inner.n_features, *self._mean.shape)
        if self._mean.ndim != 1 or self._components.shape != expected:
            raise SeparatorError(
                f"components of shape {list(expected)}", str(list(self._components.shape)), "use those that were fitted"
            )
        self.inner = inner
        self.n_features = len(self._mean)

    @property
    def labels(self) -> tuple[str, ...]:  # type: ignore[override]
        """The labels, in the order of the probabilities."""
        return self.inner.labels

    @property
    def n_seen(self) -> int:  # type: ignore[override]
        """How many utterances it has learned."""
        return self.inner.n_seen

    def learn_one(self, x: ArrayLike, y: Label) -> None:
        """Learn from one feature vector ``[n_features]`` and its label."""
        self.learn_many(np.asarray(x)[None], [y])

    def learn_many(self, x: ArrayLike, y: Sequence[Label]) -> None:
        """Learn from feature vectors ``[n, n_features]`` and their labels."""
        inner = copy.copy(self.inner)
        inner.learn_many(self._project(x), y)
        self.inner = inner

    def limit_prior(self, count: float) -> None:
        """Let what was learned so far weigh at most as much as ``count`` utterances."""
        self.inner.limit_prior(count)

    def predict_proba_many(self, x: ArrayLike) -> NDArray[np.float32]:
        """Return ``[n, n_labels]`` probabilities, columns in the order of ``labels``."""
        return self.inner.predict_proba_many(self._project(x))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the whole state as plain arrays, those of the inner separator among them."""
        own = {"kind": np.array(self.inner.kind), "mean": self._mean.copy(), "components": self._components.copy()}
        return own | {_INNER + name: array for name, array in self.inner.to_arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "PcaSeparator":
        """Build a separator from what :meth:`to_arrays` returned."""
        missing = {"kind", "mean", "components"} - set(arrays)
        if missing:
            raise SeparatorError(
                f"array {min(missing)!r} of a saved pca separator to be there",
                f"only {', '.join(sorted(arrays)) or 'nothing'}",
                "use the file as it was written",
            )
        inner = {name.removeprefix(_INNER): array for name, array in arrays.items() if name.startswith(_INNER)}
        return cls(separator_named(str(arrays["kind"])).from_arrays(inner), arrays["mean"], arrays["components"])

    def _project(self, x: ArrayLike) -> NDArray[np.float64]:
        projected = (as_matrix(x, self.n_features) - self._mean) @ self._components.T.astype(np.float64)
        return np.clip(projected, -_LARGEST, _LARGEST)


def principal_components(x: ArrayLike, n: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean ``[d]`` and the ``n`` directions ``[n, d]`` in which features ``[n_utterances, d]`` vary most.

    :raises SeparatorError: if there are fewer features or utterances than directions.
    """
    matrix = np.asarray(x, np.float64)
    if not 1 <= n <= min(matrix.shape):
        raise SeparatorError(f"1 to {min(matrix.shape)} components", str(n), "ask for fewer")
    mean = matrix.mean(axis=0)
    _, _, directions = np.linalg.svd(matrix - mean, full_matrices=False)
    return mean.astype(np.float32), directions[:n].astype(np.float32)
