"""What the recipes answered, summed utterance by utterance: of features only sums stay, of probabilities all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantization.feature_error import FeatureError


@dataclass
class RecipeOutcome:
    """What one recipe answered.

    :param error: its features against the reference's; stays empty for the reference itself.
    :param non_finite: features and probabilities that are NaN or infinite.
    :param probabilities: per task, one ``[n, labels]`` array per chunk of utterances.
    :param features: ``[n, d]`` per chunk, of the utterances whose features are kept.
    """

    error: FeatureError
    non_finite: int = 0
    probabilities: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)
    features: list[NDArray[np.float32]] = field(default_factory=list)

    def merge(self, other: "RecipeOutcome") -> None:
        """Append what was answered to the utterances that follow."""
        self.error.merge(other.error)
        self.non_finite += other.non_finite
        self.features += other.features
        for task, chunks in other.probabilities.items():
            self.probabilities.setdefault(task, []).extend(chunks)

    def probabilities_of(self, task: str) -> NDArray[np.float32]:
        """Return all probabilities ``[n, labels]`` of a task."""
        return np.concatenate(self.probabilities[task])

    def kept_features(self) -> NDArray[np.float32]:
        """Return the features that were kept, ``[n, d]``."""
        return np.concatenate(self.features)


@dataclass
class Outcome:
    """What all recipes answered to some utterances.

    :param lengths: utterances per length bucket.
    :param truncated: utterances that were cut to the longest bucket.
    """

    recipes: dict[str, RecipeOutcome]
    lengths: Counter[int] = field(default_factory=Counter)
    truncated: int = 0
    seconds: float = 0.0

    def merge(self, other: "Outcome") -> None:
        """Append the answers to the utterances that follow."""
        for name, outcome in other.recipes.items():
            self.recipes[name].merge(outcome)
        self.lengths += other.lengths
        self.truncated += other.truncated

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the outcome of one chunk as plain arrays, named ``recipe/kind/name``."""
        arrays: dict[str, NDArray[Any]] = {
            "lengths": np.asarray([*self.lengths.items()], np.int64).reshape(-1, 2),
            "truncated": np.asarray(self.truncated),
        }
        for name, recipe in self.recipes.items():
            arrays[f"{name}/non_finite"] = np.asarray(recipe.non_finite)
            arrays |= {f"{name}/error/{key}": array for key, array in recipe.error.to_arrays().items()}
            arrays |= {
                f"{name}/probabilities/{task}": np.concatenate(all_) for task, all_ in recipe.probabilities.items()
            }
            if recipe.features:
                arrays[f"{name}/features"] = recipe.kept_features()
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Outcome":
        """Return what :meth:`to_arrays` kept."""
        names = [key.partition("/")[0] for key in arrays if key.endswith("/non_finite")]
        return cls(
            {name: _recipe(_below(arrays, name)) for name in names},
            Counter({int(length): int(count) for length, count in arrays["lengths"]}),
            int(arrays["truncated"]),
        )


def _recipe(arrays: Mapping[str, NDArray[Any]]) -> RecipeOutcome:
    return RecipeOutcome(
        FeatureError.from_arrays(_below(arrays, "error")),
        int(arrays["non_finite"]),
        {task: [array] for task, array in _below(arrays, "probabilities").items()},
        [arrays["features"]] if "features" in arrays else [],
    )


def _below(arrays: Mapping[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays whose names begin with ``name/``, without it."""
    return {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
