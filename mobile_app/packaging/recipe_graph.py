"""python-for-android's own answer to the question what it would build, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging import pins, tools


@dataclass(frozen=True)
class RecipeGraph:
    """What python-for-android does with requirements.

    :param order: recipes in the order in which they are built.
    :param modules: what has no recipe: installed with pip, if there is a wheel for every machine or for Android.
    :param versions: of the recipes, as far as they say so.
    """

    order: tuple[str, ...]
    modules: tuple[str, ...]
    versions: dict[str, str]


def resolve(requirements: Sequence[str]) -> RecipeGraph:
    """Resolve names of requirements, offline.

    :raises UndertoneError: if recipes contradict each other.
    """
    return _resolve(tuple(requirements))


@cache
def recipe_names() -> tuple[str, ...]:
    """Return the names of all recipes."""
    folder = tools.folder_of("pythonforandroid") / "recipes"
    return tuple(sorted(path.parent.name for path in folder.glob("*/__init__.py")))


@cache
def _resolve(requirements: tuple[str, ...]) -> RecipeGraph:
    tools.require()
    with tools.quiet():
        from pythonforandroid.archs import ArchAarch_64
        from pythonforandroid.bootstrap import Bootstrap
        from pythonforandroid.graph import get_recipe_order_and_bootstrap
        from pythonforandroid.recipe import Recipe
        from pythonforandroid.toolchain import Context
        from pythonforandroid.util import BuildInterruptingException

        context: Any = Context()
        context.archs, context.recipe_build_order = [ArchAarch_64(context)], []
        bootstrap = Bootstrap.get_bootstrap(pins.BOOTSTRAP, context)
        try:
            order, modules, _ = get_recipe_order_and_bootstrap(context, list(requirements), bootstrap)
        except (BuildInterruptingException, SystemExit) as error:
            raise UndertoneError(
                f"requirements that python-for-android can build ({', '.join(requirements)})",
                str(error) or "a contradiction between recipes",
                "remove what is not needed",
            ) from None
        recipes = {name: Recipe.get_recipe(name, context).version for name in order}
    versions = {name: str(version).removeprefix("v") for name, version in recipes.items() if version}
    return RecipeGraph(tuple(order), tuple(sorted(modules)), versions)
