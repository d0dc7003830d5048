"""Merge what a phone measured: the same recipes on the same texts, on this machine beside it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import DataError
from mobile_app.engine.phone_results import PhoneRecipe as Measured
from mobile_app.engine.phone_results import PhoneResults, measure
from quantization.decisions import decide
from quantization.latency import Latency
from quantization.report import PhoneRecipe, PhoneReport

REPETITIONS = 10


def sort_phones(bundles: Sequence[Bundle], files: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Return per bundle the result files that were measured with one of its models.

    :raises DataError: if a file cannot be read, or belongs to none of the bundles.
    """
    sorted_: list[tuple[Path, ...]] = [() for _ in bundles]
    for file in files:
        phone = PhoneResults.read(file)
        theirs = {one.model_sha256 for one in phone.recipes.values()}
        place = next(
            (i for i, one in enumerate(bundles) if theirs & {one.model_hash(name) for name in one.manifest.recipes}),
            None,
        )
        if place is None:
            raise DataError(
                f"phone results of {', '.join(f'{one.manifest.name} {one.manifest.version}' for one in bundles)}",
                f"those of {phone.bundle.get('name')} {phone.bundle.get('version')} in {file.name}, another model",
                "give the bundle that is on the phone, or measure this one there",
            )
        sorted_[place] += (file,)
    return sorted_


def merge_phones(
    bundle: Bundle, files: Sequence[Path], recipes: Sequence[str], clock: Callable[[], float] = time.perf_counter
) -> tuple[PhoneReport, ...]:
    """Read the results of phones, and encode their texts here with the same recipes.

    :param recipes: those that are compared; others of a file are left out.
    :raises DataError: if a file cannot be read, or holds none of the recipes.
    """
    return tuple(_merge(bundle, file, PhoneResults.read(file), recipes, clock) for file in files)


def _merge(
    bundle: Bundle, file: Path, phone: PhoneResults, recipes: Sequence[str], clock: Callable[[], float]
) -> PhoneReport:
    known = {
        name: one
        for name, one in phone.recipes.items()
        if name in recipes and bundle.model_hash(name) == one.model_sha256
    }
    if not known:
        raise DataError(
            f"phone results of a recipe that is compared ({', '.join(recipes)})",
            f"{', '.join(phone.recipes)} in {file.name}",
            "name its recipe with --recipes",
        )
    return PhoneReport(
        file=file.name,
        measured_at=phone.measured_at,
        device=phone.device,
        n_texts=len(phone.texts),
        recipes={name: _compare(bundle, name, phone, one, clock) for name, one in known.items()},
    )


def _compare(
    bundle: Bundle, recipe: str, phone: PhoneResults, theirs: Measured, clock: Callable[[], float]
) -> PhoneRecipe:
    mine = measure(bundle, recipe, phone.texts, REPETITIONS, clock, device=phone.device).recipes[recipe]
    usable = np.isfinite(mine.features).all(axis=1) & np.isfinite(theirs.features).all(axis=1)
    difference = np.abs(mine.features[usable] - theirs.features[usable])
    cosines = _cosines(mine.features[usable], theirs.features[usable])
    tasks = bundle.manifest.tasks
    equal = [
        (decide(task, mine.probabilities[task.name]) == decide(task, theirs.probabilities[task.name])).all(axis=1)
        for task in tasks
    ]
    return PhoneRecipe(
        latency_ms=_latency(theirs),
        host_latency_ms=_latency(mine),
        same_features=mine.features_sha256 == theirs.features_sha256,
        max_difference=float(difference.max()) if difference.size else None,
        min_cosine=float(cosines.min()) if cosines.size else None,
        equal_labels=float(np.mean(equal)),
        non_finite=theirs.non_finite,
        load_ms=theirs.load_ms,
    )


def _latency(measured: Measured) -> Latency:
    one = measured.latency_ms
    return Latency(one.p50, one.p95, one.mean, one.std, one.n, one.threads)


def _cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    products = (one.astype(np.float64) * other).sum(axis=1)
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray(np.divide(products, norms, out=np.zeros_like(products), where=norms > 0))
