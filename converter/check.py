"""The truth check of a bundle: hashes, signatures, golden vectors, and what the files really hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converter.anatomy import Anatomy, anatomy, xnnpack_share
from converter.census import census
from mobile_app.engine.batch import signature_name
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.context_golden import context_self_check
from mobile_app.engine.golden import self_check
from mobile_app.engine.interpreter import open_interpreter
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


# What a file of each recipe must turn out to be.
_KINDS = {
    "fp32": "float32",
    "fp16": "float16",
    "dynamic_wi8_afp32": "dynamic-range",
    "mixed": "dynamic-range",
    "static_wi8_ai8": "int8 activations",
    "static_wi8_ai16": "int16 activations",
}


def check(path: Path, *, old_runtime: bool = False) -> list[Finding]:
    """Check a bundle file by file and recipe by recipe.

    :param old_runtime: whether to run the golden vectors under LiteRT 1.4 as well, in an environment of its own.
    :raises BundleError: if the bundle cannot even be opened: a missing, truncated, changed or newer file.
    """
    bundle = Bundle.open(path)
    findings = [Finding("files", True, f"{len(bundle.manifest.files)} files have the size and hash of the manifest")]
    for name in bundle.manifest.recipes:
        findings += _check_recipe(bundle, name)
    findings += _identical_files(bundle)
    if old_runtime:
        findings += _check_old_runtime(bundle)
    findings += _check_context(bundle)
    return findings


def _check_context(bundle: Bundle) -> Iterator[Finding]:
    if bundle.manifest.context is None:
        return
    for name in bundle.manifest.recipes:
        result = context_self_check(bundle, name)
        yield Finding(f"context, {recipe_named(name).shown_as}", result.passed, result.summary)
    for entry in bundle.manifest.context.recipes.values():
        found = census((bundle.path / entry.file).read_bytes())
        passed = found == entry.census and not found["flex_ops"] and not found["dynamic_tensors"]
        text = "built-in operators and fixed shapes only" if passed else "not what the manifest says, or not built-in"
        yield Finding(entry.file, passed, text)


def _check_recipe(bundle: Bundle, name: str) -> Iterator[Finding]:
    shown = recipe_named(name).shown_as
    result = self_check(bundle, name)
    yield Finding(shown, result.passed, f"golden vectors: {result.summary}")
    yield _check_signatures(bundle, name)
    entry = bundle.manifest.recipes[name]
    content = (bundle.path / entry.file).read_bytes()
    found = census(content)
    weights = ", ".join(f"{size / 1e6:.2f} MB {dtype}" for dtype, size in found["weight_bytes"].items())
    yield Finding(
        shown, found == entry.census, f"weights: {weights}; activations: {', '.join(found['activation_dtypes'])}"
    )
    parts = anatomy(content)
    yield _check_truth(name, parts)
    share, memory = xnnpack_share(content), parts.ram_bytes / 1e6
    yield Finding(shown, True, f"XNNPACK takes {share:.0%} of the operators; at least {memory:.0f} MB of memory")
    obstacles = [f"Flex operators {', '.join(found['flex_ops'])}"] if found["flex_ops"] else []
    obstacles += [f"{found['dynamic_tensors']} dynamic tensors"] if found["dynamic_tensors"] else []
    yield Finding(shown, not obstacles, " and ".join(obstacles) or "built-in operators and fixed shapes only")


def _check_signatures(bundle: Bundle, name: str) -> Finding:
    interpreter = open_interpreter(bundle.path / bundle.recipe_entry(name).file)
    try:
        found = {key: (set(one.inputs), set(one.outputs)) for key, one in interpreter.signatures.items()}
    finally:
        interpreter.close()
    expected = (
        {"input_ids", "attention_mask"},
        {"features", *(task.name for task in bundle.manifest.tasks)},
    )
    wrong = [length for length in bundle.manifest.lengths if not _answers(found.get(signature_name(length)), expected)]
    text = f"{len(found)} signatures with inputs and outputs by name"
    return Finding(recipe_named(name).shown_as, not wrong, f"no such signature for {wrong} tokens" if wrong else text)


def _answers(found: tuple[set[str], set[str]] | None, expected: tuple[set[str], set[str]]) -> bool:
    return found is not None and found[0] == expected[0] and found[1] >= expected[1]


def _check_truth(name: str, parts: Anatomy) -> Finding:
    truthful = parts.kind == _KINDS[name]
    text = parts.sentence() if truthful else f"is not {name}: {parts.sentence()}"
    return Finding(recipe_named(name).shown_as, truthful, text)


def _check_old_runtime(bundle: Bundle) -> Iterator[Finding]:
    from converter.old_runtime import VERSION, run_under_old_runtime

    answers = {answer["recipe"]: answer for answer in run_under_old_runtime(bundle.path)}
    for name in bundle.manifest.recipes:
        answer = answers.get(name, {"passed": False, "text": "the process ended"})
        yield Finding(recipe_named(name).shown_as, answer["passed"], f"under LiteRT {VERSION}: {answer['text']}")


def _identical_files(bundle: Bundle) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, entry in bundle.manifest.recipes.items():
        digest = bundle.manifest.files[entry.file].sha256
        if digest in seen:
            names = f"{recipe_named(seen[digest]).shown_as} and {recipe_named(name).shown_as}"
            yield Finding(name, False, f"{names} files are identical: {entry.file} is byte for byte {seen[digest]}'s")
        seen[digest] = name
