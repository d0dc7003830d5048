"""Golden vectors: texts with the answers that every machine must give, and the self-check that compares."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import BundleError
from mobile_app.engine.wordpiece import truncate

if TYPE_CHECKING:
    from mobile_app.engine.bundle import Bundle


@dataclass(frozen=True)
class Tolerance:
    """How far another machine may be from the golden vectors.

    :param features_max: largest absolute difference of a feature, in units of the largest golden feature.
    :param features_cosine: smallest cosine between golden and computed features of a text.
    :param equal_labels: smallest share of equal most probable labels, over all texts and tasks.
    """

    features_max: float
    features_cosine: float
    equal_labels: float


@dataclass(frozen=True)
class GoldenVectors:
    """Answers of one recipe to the golden texts.

    :param features: ``[n_texts, d]``.
    :param probabilities: per task ``[n_texts, n_labels]``.
    """

    features: NDArray[np.float32]
    probabilities: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Golden:
    """The content of ``golden.json``.

    :param texts: what is encoded.
    :param input_ids: its token ids, cut to the longest bucket.
    :param vectors: per recipe the answers on the machine that built the bundle.
    :param tolerances: per recipe how far another machine may be from them.
    """

    texts: tuple[str, ...]
    input_ids: tuple[tuple[int, ...], ...]
    vectors: Mapping[str, GoldenVectors]
    tolerances: Mapping[str, Tolerance]

    @classmethod
    def from_json(cls, text: str) -> "Golden":
        """Read the text of ``golden.json``.

        :raises BundleError: if it is no JSON of this layout, or has another number of answers than of texts.
        """
        try:
            values = json.loads(text)
            recipes = values["recipes"].items()
            golden = cls(
                texts=tuple(values["texts"]),
                input_ids=tuple(tuple(ids) for ids in values["input_ids"]),
                vectors={name: _vectors(recipe) for name, recipe in recipes},
                tolerances={name: Tolerance(**recipe["tolerance"]) for name, recipe in recipes},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unusable(repr(error)) from None
        counts = {len(golden.input_ids)}
        for vectors in golden.vectors.values():
            counts |= {len(vectors.features), *map(len, vectors.probabilities.values())}
        if not golden.texts or counts != {len(golden.texts)}:
            raise _unusable(f"{len(golden.texts)} texts with {sorted(counts)} answers")
        return golden

    def to_json(self) -> str:
        """Return the text of ``golden.json``, rounded to six significant digits: far below every tolerance."""
        recipes = {
            name: {
                "features": _rounded(vectors.features),
                "probabilities": {task: _rounded(values) for task, values in vectors.probabilities.items()},
                "tolerance": asdict(self.tolerances[name]),
            }
            for name, vectors in self.vectors.items()
        }
        return json.dumps({"texts": self.texts, "input_ids": self.input_ids, "recipes": recipes}, ensure_ascii=False)


@dataclass(frozen=True)
class GoldenResult:
    """What the self-check of a recipe found.

    :param equal_ids: how many of the texts gave exactly the golden token ids.
    :param n_texts: how many texts there are.
    :param features_max: largest absolute difference of a feature, in units of the largest golden feature.
    :param features_cosine: smallest cosine between golden and computed features of a text.
    :param equal_labels: share of equal most probable labels, over all texts and tasks.
    :param non_finite: features and probabilities that are NaN or infinite.
    """

    recipe: str
    equal_ids: int
    n_texts: int
    features_max: float
    features_cosine: float
    equal_labels: float
    non_finite: int
    tolerance: Tolerance

    @property
    def passed(self) -> bool:
        """Whether token ids are equal and everything else is finite and within the tolerance."""
        return (
            self.equal_ids == self.n_texts
            and self.non_finite == 0
            and self.features_max <= self.tolerance.features_max
            and self.features_cosine >= self.tolerance.features_cosine
            and self.equal_labels >= self.tolerance.equal_labels
        )

    @property
    def summary(self) -> str:
        """The measured figures beside their limits, as one sentence."""
        limits = self.tolerance
        return (
            f"token ids equal for {self.equal_ids} of {self.n_texts} texts, largest feature difference "
            f"{self.features_max:.2g} (at most {limits.features_max:g}), smallest cosine {self.features_cosine:.6f} "
            f"(at least {limits.features_cosine:g}), equal labels {self.equal_labels:.3f} "
            f"(at least {limits.equal_labels:g}), {self.non_finite} non-finite values"
        )


def self_check(bundle: "Bundle", recipe: str) -> GoldenResult:
    """Encode the golden texts on this machine and compare with the answers in the bundle.

    :raises BundleError: if the bundle has no golden vectors, or none for this recipe.
    """
    golden = bundle.golden()
    bundle.recipe_entry(recipe)
    if recipe not in golden.vectors:
        raise _unusable(f"no vectors of recipe {recipe}")
    with closing(Encoder(bundle, recipe)) as encoder:
        tokenizer, longest = encoder.tokenizer, encoder.lengths[-1]
        ids = [truncate(tokenizer.encode(text), longest, tokenizer.sep_id) for text in golden.texts]
        encodings = [encoder.encode(text) for text in golden.texts]
    tasks = [task.name for task in bundle.manifest.tasks]
    found = GoldenVectors(
        np.stack([encoding.features for encoding in encodings]),
        {task: np.stack([encoding.probabilities[task] for encoding in encodings]) for task in tasks},
    )
    expected = golden.vectors[recipe]
    if _shapes(expected) != _shapes(found):
        raise _unusable(f"arrays of shapes {_shapes(expected)} instead of {_shapes(found)}")
    return GoldenResult(
        recipe=recipe,
        equal_ids=sum(tuple(mine) == theirs for mine, theirs in zip(ids, golden.input_ids, strict=True)),
        n_texts=len(golden.texts),
        tolerance=golden.tolerances[recipe],
        **_distances(expected, found),
    )


def _distances(expected: GoldenVectors, found: GoldenVectors) -> dict[str, Any]:
    largest = float(np.abs(expected.features).max()) or 1.0
    lengths = np.linalg.norm(expected.features, axis=1) * np.linalg.norm(found.features, axis=1)
    cosines = (expected.features * found.features).sum(1) / np.maximum(lengths, 1e-12)
    labels = [
        expected.probabilities[task].argmax(1) == found.probabilities[task].argmax(1) for task in found.probabilities
    ]
    arrays = [found.features, *found.probabilities.values()]
    return {
        "features_max": float(np.abs(expected.features - found.features).max()) / largest,
        "features_cosine": float(cosines.min()),
        "equal_labels": float(np.mean(labels)),
        "non_finite": int(sum(np.count_nonzero(~np.isfinite(array)) for array in arrays)),
    }


def _vectors(recipe: Mapping[str, Any]) -> GoldenVectors:
    return GoldenVectors(
        np.asarray(recipe["features"], np.float32),
        {task: np.asarray(rows, np.float32) for task, rows in recipe["probabilities"].items()},
    )


def _shapes(vectors: GoldenVectors) -> dict[str, tuple[int, ...]]:
    arrays = {"features": vectors.features, **vectors.probabilities}
    return {name: array.shape for name, array in sorted(arrays.items())}


def _unusable(found: str) -> BundleError:
    return BundleError("golden vectors of the bundle's texts in golden.json", found, "build the bundle again")


def _rounded(values: NDArray[np.float32]) -> list[list[float]]:
    return [[float(f"{value:.6g}") for value in row] for row in values]
