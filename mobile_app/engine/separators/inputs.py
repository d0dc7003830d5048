"""What every separator checks before it learns or predicts."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.base import Label
from mobile_app.engine.task import SIGMOID, SOFTMAX


def as_matrix(x: ArrayLike, n_features: int) -> NDArray[np.float64]:
    """Return a float64 copy of features ``[n, n_features]``.

    Separators compute in float64: features as large as float32 allows then overflow nowhere.

    :raises SeparatorError: if the shape is another, or a value is no finite float32 number.
    """
    values = np.asarray(x)
    if values.ndim != 2 or values.shape[1] != n_features:
        shape = list(values.shape[1:] if values.shape[:1] == (1,) else values.shape)
        raise SeparatorError(
            f"{n_features} features an utterance", f"an array of shape {shape}", "use the features of this bundle"
        )
    if values.dtype.kind not in "fiub":
        raise SeparatorError("features that are numbers", f"type {values.dtype}", "use the features of this bundle")
    matrix = values.astype(np.float64)
    if not np.all(np.abs(matrix) <= np.finfo(np.float32).max):
        raise SeparatorError(
            "features that are finite float32 numbers",
            _first_wrong(matrix),
            "check the model: leave this utterance out",
        )
    return matrix


def as_label_sets(y: Iterable[Label], activation: str) -> list[tuple[str, ...]]:
    """Return the labels of each utterance as a tuple.

    :raises SeparatorError: if a label is no line of text, or a softmax task has not exactly one.
    """
    sets = [(labels,) if isinstance(labels, str) else tuple(labels) for labels in y]
    for labels in sets:
        if activation == SOFTMAX and len(labels) != 1:
            raise SeparatorError("exactly one label an utterance", repr(labels), "give the one that fits best")
    check_labels({label for labels in sets for label in labels})
    return sets


def check_labels(labels: Iterable[str]) -> None:
    """Refuse labels that cannot stand on a line of a file.

    :raises SeparatorError: if one is no text, blank, or holds a control character.
    """
    for label in labels:
        if not isinstance(label, str) or not label.strip() or any(character < " " for character in label):
            raise SeparatorError("labels that are one line of text", repr(label), "name the label")


def check_activation(activation: str) -> None:
    """Refuse anything but softmax and sigmoid.

    :raises SeparatorError: if it is another.
    """
    if activation not in (SOFTMAX, SIGMOID):
        raise SeparatorError(f"activation {SOFTMAX} or {SIGMOID}", repr(activation), "choose one of the two")


def indicators(sets: Sequence[Sequence[str]], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return ``[n, n_labels]`` with 1 where an utterance carries a label."""
    index = {label: column for column, label in enumerate(labels)}
    matrix = np.zeros((len(sets), len(labels)))
    rows = [row for row, carried in enumerate(sets) for _ in carried]
    columns = [index[label] for carried in sets for label in carried]
    matrix[rows, columns] = 1.0
    return matrix


def _first_wrong(matrix: NDArray[np.float64]) -> str:
    place = int(np.argmin(np.abs(matrix.ravel()) <= np.finfo(np.float32).max))
    return f"{matrix.ravel()[place]} in feature {place % matrix.shape[1]}"
