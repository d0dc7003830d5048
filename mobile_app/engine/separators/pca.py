"""Principal components as a feature map in front of any separator."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.base import Label, Separator
from mobile_app.engine.separators.inputs import as_matrix

_INNER = "inner."


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
    def labels(self) -> tuple[str, ...]:  # type: ignore[override] - those of the inner separator
        """The labels, in the order of the probabilities."""
        return self.inner.labels

    @property
    def n_seen(self) -> int:  # type: ignore[override] - that of the inner separator
        """How many utterances it has learned."""
        return self.inner.n_seen

    def learn_one(self, x: ArrayLike, y: Label) -> None:
        """Learn from one feature vector ``[n_features]`` and its label."""
        self.learn_many(np.asarray(x)[None], [y])

    def learn_many(self, x: ArrayLike, y: Sequence[Label]) -> None:
        """Learn from feature vectors ``[n, n_features]`` and their labels."""
        import copy

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

    def _project(self, x: ArrayLike) -> NDArray[np.float64]:
        return np.asarray((as_matrix(x, self.n_features) - self._mean) @ self._components.T)
