"""Build a bundle: one trace, every recipe, and the proof that each still is the model."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from converter.census import census
from converter.convert import CONVERTIBLE, convert
from converter.golden import GOLDEN_TEXTS, TOLERANCES
from converter.proof import answers_of_file, answers_of_keras, difference, require_close
from converter.trace import PhoneModel, save_traced
from mobile_app.engine import manifest as manifests
from mobile_app.engine.bundle import GOLDEN_FILE, SEPARATORS_FILE, label_file
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder, sha256_of
from mobile_app.engine.golden import Golden, GoldenVectors
from mobile_app.engine.manifest import FileEntry, Manifest, RecipeEntry
from mobile_app.engine.recipe import Recipe, recipe_named
from mobile_app.engine.wordpiece import truncate
from training.checkpoint import Run, load_run

# The median utterance of everyday speech has 12 tokens. Each bucket costs bytes (0.37 MB for six layers in INT8); which
# ones earn their place, and what they are worth in an app, stands in docs/decisions.md.
LENGTHS = (8, 16, 24, 32, 64)
DEFAULT_RECIPE = "dynamic_wi8_afp32"
RANDOM_UTTERANCES = 64


@dataclass(frozen=True)
class BuildOptions:
    """What to build, and what the bundle says of itself.

    :param recipes: names, each one that can be built; fp32 must be among them, since reports measure against it.
    :param lengths: length buckets in tokens, ascending.
    :raises UndertoneError: if an option is outside these rules.
    """

    recipes: tuple[str, ...] = CONVERTIBLE
    lengths: tuple[int, ...] = LENGTHS
    name: str | None = None
    version: str = "0.1.0"
    licence: str = "not stated"
    attribution: str = ""
    overwrite: bool = False

    def __post_init__(self) -> None:
        for recipe in self.recipes:
            if recipe_named(recipe).name not in CONVERTIBLE:
                raise UndertoneError(f"recipes among {', '.join(CONVERTIBLE)}", recipe, "leave it out of --recipes")
        if "fp32" not in self.recipes:
            raise UndertoneError(
                "fp32 among the recipes",
                ", ".join(self.recipes) or "none",
                "add fp32: it is what reports measure against",
            )
        if not self.lengths or list(self.lengths) != sorted(set(self.lengths)) or self.lengths[0] < 3:
            raise UndertoneError("ascending lengths of at least 3 tokens", str(self.lengths), "correct --lengths")

    @property
    def default_recipe(self) -> str:
        """The recipe that the app uses unless told otherwise."""
        return DEFAULT_RECIPE if DEFAULT_RECIPE in self.recipes else self.recipes[0]


def build(run_path: Path, out: Path, options: BuildOptions = BuildOptions()) -> Manifest:
    """Convert a training run into a bundle, format 1.

    :param run_path: a folder written by ``python -m training fit``.
    :param out: the bundle's folder; appears only when everything in it is proved.
    :return: the manifest that was written.
    :raises UndertoneError: if the run cannot be read, or the model has fewer positions than the longest bucket.
    :raises CheckFailedError: if a recipe's file is further from Keras than it may be; nothing is written then.
    """
    with new_folder(out, overwrite=options.overwrite) as folder:
        run = load_run(run_path)
        _require_positions(run, options.lengths)
        shutil.copyfile(run_path / "tokenizer" / "vocab.txt", folder / "vocab.txt")
        shutil.copyfile(run_path / "separators.npz", folder / SEPARATORS_FILE)
        for task in run.tasks:
            (folder / label_file(task.name)).write_text("\n".join(task.labels) + "\n", encoding="utf-8", newline="\n")
        recipes = _build_recipes(run, folder, options)
        manifest = _manifest(run, folder, out, options, recipes)
        (folder / manifests.FILE_NAME).write_text(manifest.to_json(), encoding="utf-8", newline="\n")
    return manifest


def _build_recipes(run: Run, folder: Path, options: BuildOptions) -> dict[str, RecipeEntry]:
    tokenizer = run.tokenizer
    golden_ids = [truncate(tokenizer.encode(text), options.lengths[-1], tokenizer.sep_id) for text in GOLDEN_TEXTS]
    batch = golden_ids + _random_utterances(run, options.lengths)
    keras = answers_of_keras(PhoneModel(run.model, run.tasks), batch, options.lengths, tokenizer.pad_id)
    entries: dict[str, RecipeEntry] = {}
    golden: dict[str, GoldenVectors] = {}
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        saved_model = Path(scratch)
        signatures = save_traced(run.model, run.tasks, options.lengths, saved_model)
        for name in tqdm(options.recipes, desc="recipes", unit="recipe", disable=None):
            recipe = recipe_named(name)
            content = convert(saved_model, signatures, recipe)
            path = folder / recipe.file_name
            path.write_bytes(content)
            built = answers_of_file(path, batch, options.lengths, tokenizer.pad_id)
            # Random ids stress every embedding and length of the exact recipe; rounding is judged on real text.
            n = len(batch) if recipe.name == "fp32" else len(golden_ids)
            measured = difference(_first(keras, n), _first(built, n))
            require_close(recipe, measured)
            entries[name] = _entry(recipe, content, measured.to_dict())
            golden[name] = _first(built, len(golden_ids))
    answers = Golden(GOLDEN_TEXTS, tuple(map(tuple, golden_ids)), golden, {name: TOLERANCES[name] for name in golden})
    (folder / GOLDEN_FILE).write_text(answers.to_json(), encoding="utf-8")
    return entries


def _entry(recipe: Recipe, content: bytes, against_keras: dict[str, Any]) -> RecipeEntry:
    return RecipeEntry(
        file=recipe.file_name,
        census=census(content),
        metrics={"against_keras": against_keras, "equal_labels_tolerance": TOLERANCES[recipe.name].equal_labels},
    )


def _first(vectors: GoldenVectors, n: int) -> GoldenVectors:
    return GoldenVectors(vectors.features[:n], {task: values[:n] for task, values in vectors.probabilities.items()})


def _random_utterances(run: Run, lengths: Sequence[int]) -> list[list[int]]:
    """Return seeded random token ids of every length up to the longest bucket, between [CLS] and [SEP]."""
    random = np.random.default_rng(0)
    tokenizer = run.tokenizer
    sizes = random.integers(2, lengths[-1] + 1, RANDOM_UTTERANCES)
    return [
        [tokenizer.cls_id, *random.integers(0, len(tokenizer.pieces), size - 2).tolist(), tokenizer.sep_id]
        for size in sizes
    ]


def _require_positions(run: Run, lengths: Sequence[int]) -> None:
    positions = getattr(run.model.backbone.config, "max_position_embeddings", None)
    if positions is not None and positions < lengths[-1]:
        raise UndertoneError(
            f"length buckets of at most {positions} tokens, the positions of the backbone",
            f"a bucket of {lengths[-1]}",
            "choose shorter --lengths",
        )


def _manifest(run: Run, folder: Path, out: Path, options: BuildOptions, recipes: dict[str, RecipeEntry]) -> Manifest:
    files = {
        path.name: FileEntry(sha256=sha256_of(path), bytes=path.stat().st_size) for path in sorted(folder.iterdir())
    }
    return Manifest(
        name=options.name or out.name,
        version=options.version,
        created=_now(),
        licence=options.licence,
        attribution=options.attribution,
        backbone={**run.backbone_source, "architecture": run.model.backbone.config.model_type},
        tokenizer=run.tokenizer_spec,
        lengths=options.lengths,
        feature_dimension=run.feature_dimension,
        tasks=run.tasks,
        recipes=recipes,
        default_recipe=options.default_recipe,
        training={**run.provenance, "metrics": run.metrics},
        files=files,
    )


def _now() -> str:
    # SOURCE_DATE_EPOCH makes builds repeatable byte for byte (reproducible-builds.org).
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else datetime.now(timezone.utc)
    return moment.isoformat(timespec="seconds")
