"""The requirements: python-for-android can build them, in these versions."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging import pins
from mobile_app.packaging.finding import Finding
from mobile_app.packaging.recipe_graph import RecipeGraph, recipe_names, resolve
from mobile_app.packaging.spec_edit import set_key
from mobile_app.packaging.spec_file import SpecFile

_KEY = "requirements"
# Written in Python alone, and brought by Kivy's recipe.
_PURE = frozenset(("certifi", "chardet", "filetype", "idna", "requests", "six", "urllib3"))


def check(spec: SpecFile) -> Iterator[Finding]:
    """Yield what is wrong with the requirements."""
    for name in sorted({word.split("==")[0] for word in pins.REQUIREMENTS} - set(spec.requirements)):
        repair = partial(set_key, spec.path, _KEY, ",".join([*spec.words(_KEY), name]))
        yield Finding("requirements", _KEY, f"lacks {name}, which the app needs", f"Add {name}.", repair=repair)
    try:
        graph = resolve(spec.requirements)
    except UndertoneError as error:
        yield Finding("requirements", _KEY, f"cannot be built: {error.found}", "Remove what is not needed.")
        return
    yield from _without_recipe(graph)
    yield from _versions(spec, graph)


def _without_recipe(graph: RecipeGraph) -> Iterator[Finding]:
    for name in graph.modules:
        if name not in _PURE:
            close = get_close_matches(name, recipe_names(), 1)
            hint = (
                f"Write {close[0]}, or remove it." if close else "Remove it; the app's own files may hold pure Python."
            )
            problem = "has no recipe: it installs only from a wheel of pure Python"
            yield Finding("requirements", name, problem, hint)


def _versions(spec: SpecFile, graph: RecipeGraph) -> Iterator[Finding]:
    """Yield pinned versions that the recipes' patches were not made for."""
    pinned = dict(word.split("==", 1) for word in spec.words(_KEY) if "==" in word)
    pythons = {pinned.get(name) for name in ("python3", "hostpython3")}
    if len(pythons) > 1:
        problem = "pins only one of python3 and hostpython3, or different versions: the build stops half-way"
        yield Finding("requirements", _KEY, problem, "Pin both to the same version, or neither.")
    for name, version in pinned.items():
        expected = graph.versions.get(name)
        if expected and version != expected and name not in ("python3", "hostpython3"):
            problem = f"pins {name} {version}: the recipe is for {expected}"
            yield Finding("requirements", name, problem, f"Write {name}=={expected}.")
