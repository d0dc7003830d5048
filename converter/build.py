"""Build a bundle: one trace, every recipe, and the proof that each still is the model."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from converter.calibration import CalibrationChoice, curate, require_known_ids
from converter.census import census
from converter.context import open_fitting, write_context, write_context_golden
from converter.convert import convert
from converter.golden import GOLDEN_TEXTS, TOLERANCES
from converter.metadata import ModelCard, with_metadata
from converter.mixed import Mixed
from converter.proof import answers_of_file, answers_of_keras, difference, require_close
from converter.recipes import BUILDABLE, WITHOUT_CALIBRATION, RecipeMaker
from converter.trace import PhoneModel, save_traced
from mobile_app.engine import manifest as manifests
from mobile_app.engine.bundle import GOLDEN_FILE, SEPARATORS_FILE, Bundle, label_file
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder, sha256_of
from mobile_app.engine.golden import Golden, GoldenVectors
from mobile_app.engine.manifest import ContextEntry, FileEntry, Manifest, RecipeEntry
from mobile_app.engine.recipe import Recipe, recipe_named
from mobile_app.engine.wordpiece import truncate
from training.backbone import longest_input
from training.checkpoint import TOKENIZER_FOLDER, Run, load_run
from training.provenance import without_folders

# The median utterance of everyday speech has 12 tokens. Each bucket costs bytes (0.37 MB for six layers in INT8); which
# ones earn their place, and what they are worth in an app, stands in docs/decisions.md.
LENGTHS = (8, 12, 16, 24, 32, 64)
DEFAULT_RECIPE = "dynamic_wi8_afp32"
RANDOM_UTTERANCES = 64


@dataclass(frozen=True)
class BuildOptions:
    """What to build, and what the bundle says of itself.

    :param recipes: names, each one that can be built; fp32 must be among them, since reports measure against it.
    :param lengths: length buckets in tokens, ascending.
    :param context: the run folder of a causal context model on the run's features, to be part of the bundle.
    :param calibration: what the recipes with calibrated activations are calibrated with.
    :param mixed: the file of the recipe ``mixed``, as ``python -m converter search`` writes it.
    :raises UndertoneError: if an option is outside these rules.
    """

    recipes: tuple[str, ...] = WITHOUT_CALIBRATION
    lengths: tuple[int, ...] = LENGTHS
    context: Path | None = None
    calibration: CalibrationChoice = field(default_factory=CalibrationChoice)
    mixed: Path | None = None
    name: str | None = None
    version: str = "0.1.0"
    licence: str = "not stated"
    attribution: str = ""
    overwrite: bool = False

    def __post_init__(self) -> None:
        for recipe in self.recipes:
            if recipe_named(recipe).name not in BUILDABLE:
                raise UndertoneError(f"recipes among {', '.join(BUILDABLE)}", recipe, "leave it out of --recipes")
            if self.context is not None and recipe not in WITHOUT_CALIBRATION:
                raise UndertoneError(
                    f"recipes among {', '.join(WITHOUT_CALIBRATION)} with --context",
                    recipe,
                    "leave it out of --recipes",
                )
        if ("mixed" in self.recipes) != (self.mixed is not None):
            raise UndertoneError(
                "--mixed FILE exactly when mixed is among the recipes",
                f"{self.mixed or 'no file'} with {', '.join(self.recipes)}",
                "add the one or leave out the other; python -m converter search writes such a file",
            )
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


def build(run_path: Path | Run, out: Path, options: BuildOptions = BuildOptions()) -> Manifest:
    """Convert a training run into a bundle, format 1.

    :param run_path: a folder written by ``python -m training fit``, or a run that is open already.
    :param out: the bundle's folder; appears only when everything in it is proved.
    :return: the manifest that was written.
    :raises UndertoneError: if the run cannot be read, or the model has fewer positions than the longest bucket.
    :raises CheckFailedError: if a recipe's file is further from Keras than it may be; nothing is written then.
    """
    with new_folder(out, overwrite=options.overwrite) as folder:
        run = run_path if isinstance(run_path, Run) else load_run(run_path)
        _require_positions(run, options.lengths)
        context_run = None if options.context is None else open_fitting(run, options.context)
        vocabulary = run.tokenizer_spec.vocabulary
        shutil.copyfile(run.path / TOKENIZER_FOLDER / vocabulary, folder / vocabulary)
        shutil.copyfile(run.path / "separators.npz", folder / SEPARATORS_FILE)
        for task in run.tasks:
            (folder / label_file(task.name)).write_text("\n".join(task.labels) + "\n", encoding="utf-8", newline="\n")
        recipes = _build_recipes(run, folder, options)
        context = None if context_run is None else write_context(context_run, options.recipes, folder)
        manifest = _manifest(run, folder, out, options, recipes, context)
        if context is not None:
            write_context_golden(Bundle(folder, manifest))
            manifest = _manifest(run, folder, out, options, recipes, context)
        (folder / manifests.FILE_NAME).write_text(manifest.to_json(), encoding="utf-8", newline="\n")
    return manifest


def _build_recipes(run: Run, folder: Path, options: BuildOptions) -> dict[str, RecipeEntry]:
    tokenizer = run.tokenizer
    golden_ids = [truncate(tokenizer.encode(text), options.lengths[-1], tokenizer.sep_id) for text in GOLDEN_TEXTS]
    batch = golden_ids + _random_utterances(run, options.lengths)
    keras = answers_of_keras(PhoneModel(run.model, run.tasks), batch, options.lengths, tokenizer.pad_id)
    card = _card(run, folder, options)
    entries: dict[str, RecipeEntry] = {}
    golden: dict[str, GoldenVectors] = {}
    with tqdm(total=len(options.recipes) + 1, desc="recipes", unit="step", disable=None) as bar:
        maker, calibrated_with = _recipe_maker(run, options)
        bar.update()
        for name in options.recipes:
            bar.set_postfix_str(name)
            recipe = recipe_named(name)
            content = with_metadata(maker.make(recipe), card)
            path = folder / recipe.file_name
            path.write_bytes(content)
            # Random ids stress every embedding and length of the exact recipe; rounding is judged on real text.
            n = len(batch) if recipe.name == "fp32" else len(golden_ids)
            built = answers_of_file(path, batch[:n], options.lengths, tokenizer.pad_id)
            measured = difference(_first(keras, n), built)
            require_close(recipe, measured)
            entries[name] = _entry(recipe, content, measured.to_dict(), calibrated_with)
            golden[name] = _first(built, len(golden_ids))
            bar.update()
    answers = Golden(GOLDEN_TEXTS, tuple(map(tuple, golden_ids)), golden, {name: TOLERANCES[name] for name in golden})
    (folder / GOLDEN_FILE).write_text(answers.to_json(), encoding="utf-8")
    return entries


def _recipe_maker(run: Run, options: BuildOptions) -> tuple[RecipeMaker, dict[str, Any]]:
    """Convert the run to fp32, once, and prepare what the other recipes are made with."""
    tokenizer, calibration = run.tokenizer, None
    if any(recipe_named(name).needs_calibration for name in options.recipes if name != "mixed"):
        calibration = curate(options.calibration, run.config.data, tokenizer, options.lengths)
        require_known_ids(calibration.batch, run.tokenizer_spec.vocabulary_size)
    mixed = None if options.mixed is None else Mixed.from_file(options.mixed)
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        signatures = save_traced(run.model, run.tasks, options.lengths, Path(scratch))
        converted = convert(Path(scratch), signatures, recipe_named("fp32"))
    maker = RecipeMaker(converted, options.lengths, tokenizer.pad_id, calibration=calibration, mixed=mixed)
    return maker, {} if calibration is None else calibration.about


def _card(run: Run, folder: Path, options: BuildOptions) -> ModelCard:
    vocabulary = run.tokenizer_spec.vocabulary
    return ModelCard(
        name=options.name or run.path.name,
        version=options.version,
        licence=options.licence,
        attribution=options.attribution,
        tasks=run.tasks,
        vocabulary=(vocabulary, (folder / vocabulary).read_bytes()),
    )


def _entry(
    recipe: Recipe, content: bytes, against_keras: dict[str, Any], calibrated_with: dict[str, Any]
) -> RecipeEntry:
    metrics = {"against_keras": against_keras, "equal_labels_tolerance": TOLERANCES[recipe.name].equal_labels}
    if recipe.name.startswith("static"):
        metrics["calibration"] = calibrated_with
    return RecipeEntry(file=recipe.file_name, census=census(content), metrics=metrics)


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
    positions = longest_input(run.model.backbone.config)
    if positions is not None and positions < lengths[-1]:
        raise UndertoneError(
            f"length buckets of at most {positions} tokens, the positions of the backbone",
            f"a bucket of {lengths[-1]}",
            "choose shorter --lengths",
        )


def _manifest(
    run: Run,
    folder: Path,
    out: Path,
    options: BuildOptions,
    recipes: dict[str, RecipeEntry],
    context: ContextEntry | None,
) -> Manifest:
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
        training={**without_folders(run.provenance), "metrics": run.metrics},
        files=files,
        context=context,
    )


def _now() -> str:
    # SOURCE_DATE_EPOCH makes builds repeatable byte for byte (reproducible-builds.org).
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else datetime.now(timezone.utc)
    return moment.isoformat(timespec="seconds")
