"""The truth check of a bundle: hashes, signatures, golden vectors, and what the files really hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converter.census import census
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.golden import self_check
from mobile_app.engine.recipe import recipe_named


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    :param subject: the file or recipe.
    :param passed: whether it is as the manifest says.
    :param text: what was found, in one sentence.
    """

    subject: str
    passed: bool
    text: str


def check(path: Path) -> list[Finding]:
    """Check a bundle file by file and recipe by recipe.

    :raises BundleError: if the bundle cannot even be opened: a missing, truncated, changed or newer file.
    """
    bundle = Bundle.open(path)
    findings = [Finding("files", True, f"{len(bundle.manifest.files)} files have the size and hash of the manifest")]
    for name in bundle.manifest.recipes:
        findings += _check_recipe(bundle, name)
    findings += _identical_files(bundle)
    return findings


def _check_recipe(bundle: Bundle, name: str) -> Iterator[Finding]:
    shown = recipe_named(name).shown_as
    result = self_check(bundle, name)
    yield Finding(shown, result.passed, f"golden vectors: {result.summary}")
    entry = bundle.manifest.recipes[name]
    found = census((bundle.path / entry.file).read_bytes())
    weights = ", ".join(f"{size / 1e6:.2f} MB {dtype}" for dtype, size in found["weight_bytes"].items())
    yield Finding(
        shown, found == entry.census, f"weights: {weights}; activations: {', '.join(found['activation_dtypes'])}"
    )
    truthful = _holds_what_it_says(name, found["weight_bytes"], found["activation_dtypes"])
    yield Finding(shown, truthful, "is what its name says" if truthful else f"is not {name}: see its weights above")
    obstacles = [f"Flex operators {', '.join(found['flex_ops'])}"] if found["flex_ops"] else []
    obstacles += [f"{found['dynamic_tensors']} dynamic tensors"] if found["dynamic_tensors"] else []
    yield Finding(shown, not obstacles, " and ".join(obstacles) or "built-in operators and fixed shapes only")


def _holds_what_it_says(name: str, weight_bytes: dict[str, int], activation_dtypes: dict[str, int]) -> bool:
    expected = {"float32": "float32", "float16": "float16", "int8": "int8"}[recipe_named(name).weights]
    most = max(weight_bytes, key=weight_bytes.__getitem__, default="float32")
    integer_activations = recipe_named(name).activations in ("int8", "int16")
    busiest = max(activation_dtypes, key=activation_dtypes.__getitem__, default="float32")
    return most == expected and integer_activations == (busiest in ("int8", "int16"))


def _identical_files(bundle: Bundle) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, entry in bundle.manifest.recipes.items():
        digest = bundle.manifest.files[entry.file].sha256
        if digest in seen:
            yield Finding(name, False, f"{entry.file} is byte for byte the file of {seen[digest]}")
        seen[digest] = name
