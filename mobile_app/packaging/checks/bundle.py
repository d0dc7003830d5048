"""The staged bundle: it runs on a phone, gives the right answers, and fits."""

from collections.abc import Iterator
from pathlib import Path

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.golden import self_check
from mobile_app.packaging.finding import Finding
from mobile_app.packaging.size import apk_mb
from mobile_app.packaging.stage import BUNDLE

_BUILD = "Build the bundle again: python -m converter build."


def check(folder: Path, budget: float, architectures: int) -> Iterator[Finding]:
    """Yield what is wrong with the bundle of a staged app.

    :param budget: the largest APK in MB.
    """
    try:
        bundle = Bundle.open(folder / BUNDLE)
    except UndertoneError as error:
        problem = f"cannot be opened: expected {error.expected}; found {error.found}"
        yield Finding("bundle", BUNDLE.as_posix(), problem, f"{error.remedy.capitalize()}, and stage again.")
        return
    for recipe in bundle.manifest.recipes:
        yield from _operators(bundle, recipe)
        yield from _answers(bundle, recipe)
    yield from _licence(bundle)
    yield from _size(folder, bundle, budget, architectures)


def _operators(bundle: Bundle, recipe: str) -> Iterator[Finding]:
    entry = bundle.recipe_entry(recipe)
    if not entry.census:
        problem = "has no census: nobody counted its operators"
        yield Finding("operators", entry.file, problem, _BUILD, is_fault=False)
    flex = entry.census.get("flex_ops") or []
    if flex:
        problem = f"needs TensorFlow operators that phones do not have: {', '.join(map(str, flex))}"
        yield Finding("operators", entry.file, problem, "Replace these layers, and build the bundle again.")
    dynamic = entry.census.get("dynamic_tensors") or 0
    if dynamic:
        problem = f"has {dynamic} tensors without a fixed shape: buffers on the phone are made once"
        yield Finding("operators", entry.file, problem, _BUILD)


def _answers(bundle: Bundle, recipe: str) -> Iterator[Finding]:
    file = bundle.recipe_entry(recipe).file
    try:
        result = self_check(bundle, recipe)
    except UndertoneError as error:
        yield Finding("self-check", file, f"cannot be run: {error.found}", _BUILD)
        return
    if not result.passed:
        yield Finding("self-check", file, f"gives other answers than when it was built: {result.summary}", _BUILD)


def _licence(bundle: Bundle) -> Iterator[Finding]:
    if bundle.manifest.licence.strip().lower() in ("", "not stated", "unknown"):
        problem = "does not say under which licence the model may be passed on"
        remedy = "Build it with --licence and --attribution before you publish."
        yield Finding("licence", bundle.manifest.name, problem, remedy, is_fault=False)


def _size(folder: Path, bundle: Bundle, budget: float, architectures: int) -> Iterator[Finding]:
    parts = apk_mb(folder, architectures)
    models = {name: parts[entry.file] for name, entry in bundle.manifest.recipes.items()}
    total = sum(parts.values())
    if total > budget:
        sizes = ", ".join(f"{name} {size:.1f}" for name, size in models.items())
        without = total - sum(models.values())
        remedy = f"Ship fewer or smaller recipes (MB: {sizes}; all else {without:.1f}), or raise --budget."
        yield Finding(
            "size", BUNDLE.as_posix(), f"makes the APK about {total:.1f} MB; the budget is {budget:g}", remedy
        )
    if len(models) > 1:
        problem = f"has {len(models)} recipes, of which the app runs one at a time"
        remedy = "Stage with --recipe for the one that you chose."
        yield Finding("size", BUNDLE.as_posix(), problem, remedy, is_fault=False)
