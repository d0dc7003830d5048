"""Reload-and-compare: run a built file and set it beside the Keras model that it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.trace import PhoneModel
from mobile_app.engine.batch import bucket, pad, signature_name
from mobile_app.engine.errors import CheckFailedError
from mobile_app.engine.golden import GoldenVectors
from mobile_app.engine.interpreter import Interpreter, open_interpreter
from mobile_app.engine.recipe import Recipe
from training.tensorflow import tf


@dataclass(frozen=True)
class Limits:
    """What a recipe may cost against Keras: largest absolute difference of any output, smallest mean cosine."""

    max_difference: float
    mean_cosine: float


# fp32 must be the same arithmetic. The others round weights: their mean cosine says whether the model is still the
# model (healthy dynamic range is above 0.99), while the report measures what the rounding costs in labels.
LIMITS: Mapping[str, Limits] = {
    "fp32": Limits(1e-4, 0.999999),
    "fp16": Limits(5e-2, 0.9999),
    "dynamic_wi8_afp32": Limits(float("inf"), 0.97),
    "static_wi8_ai8": Limits(float("inf"), 0.95),
    "static_wi8_ai16": Limits(float("inf"), 0.98),
    "mixed": Limits(float("inf"), 0.93),
}


@dataclass(frozen=True)
class Difference:
    """Measured distance between a built file and Keras over ``n`` utterances.

    :param max_difference: largest absolute difference of any feature or probability.
    :param mean_squared_error: over all features of all utterances.
    :param mean_cosine: between feature vectors, averaged over utterances.
    """

    max_difference: float
    mean_squared_error: float
    mean_cosine: float
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def answers_of_file(path: Path, batch: Sequence[Sequence[int]], lengths: Sequence[int], pad_id: int) -> GoldenVectors:
    """Run a .tflite file over token ids, each in the smallest bucket that holds it."""
    interpreter = open_interpreter(path)
    try:
        return _collect([_run(interpreter, ids, bucket(len(ids), lengths), pad_id) for ids in batch])
    finally:
        interpreter.close()


def answers_of_keras(
    model: PhoneModel, batch: Sequence[Sequence[int]], lengths: Sequence[int], pad_id: int
) -> GoldenVectors:
    """Run the Keras model over the same inputs, one at a time, as the phone does."""
    encode = tf.function(model.encode)
    rows = []
    for ids in batch:
        input_ids, mask = pad([ids], bucket(len(ids), lengths), pad_id)
        rows.append({name: value.numpy() for name, value in encode(tf.constant(input_ids), tf.constant(mask)).items()})
    return _collect(rows)


def difference(keras: GoldenVectors, built: GoldenVectors) -> Difference:
    """Measure how far ``built`` is from ``keras``; non-finite outputs give infinite differences."""
    pairs = [(keras.features, built.features)]
    pairs += [(keras.probabilities[task], built.probabilities[task]) for task in keras.probabilities]
    if not all(np.isfinite(array).all() for _, array in pairs):
        return Difference(float("inf"), float("inf"), -1.0, len(built.features))
    dot = (keras.features * built.features).sum(1, dtype=np.float64)
    norms = np.linalg.norm(keras.features, axis=1) * np.linalg.norm(built.features, axis=1)
    return Difference(
        max_difference=float(max(np.abs(a - b).max() for a, b in pairs)),
        mean_squared_error=float(np.square(keras.features - built.features, dtype=np.float64).mean()),
        mean_cosine=float(np.mean(dot / np.maximum(norms, 1e-12))),
        n=len(built.features),
    )


def require_close(recipe: Recipe, measured: Difference) -> None:
    """Refuse a file that is not the model any more.

    :raises CheckFailedError: if the difference is beyond the recipe's limits.
    """
    limits = LIMITS[recipe.name]
    if measured.max_difference > limits.max_difference or measured.mean_cosine < limits.mean_cosine:
        raise CheckFailedError(
            f"{recipe.shown_as} within {limits.max_difference:g} of Keras at mean cosine {limits.mean_cosine:g}",
            f"{measured.max_difference:.3g} at mean cosine {measured.mean_cosine:.6f}",
            "nothing was written; leave this recipe out with --recipes, or see docs/converter.md for what to do",
        )


def _run(interpreter: Interpreter, ids: Sequence[int], length: int, pad_id: int) -> dict[str, NDArray[Any]]:
    input_ids, mask = pad([ids], length, pad_id)
    return interpreter.run(signature_name(length), {"input_ids": input_ids, "attention_mask": mask})


def _collect(rows: Sequence[Mapping[str, NDArray[Any]]]) -> GoldenVectors:
    stacked = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    features = stacked.pop("features")
    return GoldenVectors(features, stacked)
