"""A bundle with fewer recipes: every file of it stays what it was, and the manifest says what is left."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from mobile_app.engine.bundle import GOLDEN_FILE, Bundle
from mobile_app.engine.manifest import FILE_NAME, FileEntry, Manifest


def write_subset(source: Bundle, recipes: Sequence[str], folder: Path) -> Bundle:
    """Write a bundle with some recipes of another, and open it.

    :param recipes: the recipes to keep, the first becomes the default; empty for the default alone.
    :param folder: where to write; made if it is not there.
    :raises BundleError: if the bundle has not all of these recipes.
    """
    chosen = tuple(recipes) or (source.manifest.default_recipe,)
    left_out = {entry.file for entry in source.manifest.recipes.values()}
    left_out -= {source.recipe_entry(recipe).file for recipe in chosen}
    contents = {
        name: (source.path / name).read_bytes() for name in sorted(source.manifest.files) if name not in left_out
    }
    if GOLDEN_FILE in contents:
        contents[GOLDEN_FILE] = _golden(contents[GOLDEN_FILE], chosen)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / FILE_NAME).write_text(_manifest(source.manifest, chosen, contents).to_json(), encoding="utf-8")
    return Bundle.open(folder)


def _golden(content: bytes, recipes: Sequence[str]) -> bytes:
    """Return the golden vectors of the kept recipes, without spaces: a phone reads them, people rarely do."""
    values: dict[str, Any] = json.loads(content)
    values["recipes"] = {name: vectors for name, vectors in values["recipes"].items() if name in recipes}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _manifest(manifest: Manifest, recipes: Sequence[str], contents: Mapping[str, bytes]) -> Manifest:
    return replace(
        manifest,
        recipes={name: manifest.recipes[name] for name in recipes},
        default_recipe=recipes[0],
        files={name: FileEntry(sha256(content).hexdigest(), len(content)) for name, content in contents.items()},
    )
