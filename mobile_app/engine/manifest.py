"""The manifest: everything a bundle says about itself (bundle format 1)."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mobile_app.engine.errors import BundleError, UndertoneError
from mobile_app.engine.recipe import recipe_named
from mobile_app.engine.task import Task

FORMAT = 1
FILE_NAME = "manifest.json"


@dataclass(frozen=True)
class FileEntry:
    """Hash and size of one file of the bundle."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class TokenizerSpec:
    """How text becomes token ids.

    :param type: ``wordpiece``; ``bytepair`` (byte-level) or ``unigram``, for which the next three settings say nothing.
    :param lowercase: whether text is lower-cased first.
    :param strip_accents: whether combining marks are removed (None: as ``lowercase``).
    :param split_chinese: whether each CJK character is a word of its own.
    :param vocabulary: file of the bundle: for word pieces one piece per line, LF line ends; else ``pieces.json``.
    :param vocabulary_sha256: hash of that file when the model was trained.
    :param vocabulary_size: number of pieces.
    :param special_ids: ids of ``pad``, ``unk``, ``cls``, ``sep`` and, if there is one, ``mask``.
    """

    type: str
    lowercase: bool
    strip_accents: bool | None
    split_chinese: bool
    vocabulary: str
    vocabulary_sha256: str
    vocabulary_size: int
    special_ids: dict[str, int]


@dataclass(frozen=True)
class RecipeEntry:
    """One model file of the bundle.

    :param file: its name in the bundle.
    :param census: what is inside: operators, types of weights and activations, dynamic tensors (counts by name).
    :param metrics: measured on building: feature error against the Keras model, tolerance, and so on.
    """

    file: str
    census: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ContextEntry:
    """The context model of the bundle: it predicts an utterance with the features of those before it.

    :param window: turns that it takes, the newest included.
    :param speakers: whether it was trained to use who speaks again.
    :param tasks: what it predicts; they need not be the tasks of the bundle.
    :param recipes: its model files; ``fp32`` is among them.
    :param training: provenance: data, seed, commit, metrics.
    """

    window: int
    speakers: bool
    tasks: tuple[Task, ...]
    recipes: dict[str, RecipeEntry]
    training: dict[str, Any]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ContextEntry":
        """Read the ``context`` of a manifest."""
        return cls(
            window=int(values["window"]),
            speakers=bool(values["speakers"]),
            tasks=tuple(Task.from_dict(task) for task in values["tasks"]),
            recipes={name: RecipeEntry(**entry) for name, entry in values["recipes"].items()},
            training=dict(values["training"]),
        )


@dataclass(frozen=True)
class Manifest:
    """A bundle's description of itself.

    :param lengths: the length buckets in tokens, ascending; signature ``encode_<length>`` exists for each.
    :param feature_dimension: width of the ``features`` output.
    :param default_recipe: the recipe that the app uses unless told otherwise.
    :param training: provenance: data, split hash, seed, commit, metrics.
    :param files: every file of the bundle but the manifest itself.
    :param context: the context model, in bundles that have one.
    """

    name: str
    version: str
    created: str
    licence: str
    attribution: str
    backbone: dict[str, Any]
    tokenizer: TokenizerSpec
    lengths: tuple[int, ...]
    feature_dimension: int
    tasks: tuple[Task, ...]
    recipes: dict[str, RecipeEntry]
    default_recipe: str
    training: dict[str, Any]
    files: dict[str, FileEntry]
    context: ContextEntry | None = None

    def __post_init__(self) -> None:
        if not self.lengths or sorted(set(self.lengths)) != list(self.lengths) or self.lengths[0] < 3:
            raise _wrong("lengths", "ascending numbers of tokens, at least 3", list(self.lengths))
        if self.feature_dimension < 1:
            raise _wrong("feature_dimension", "a positive number", self.feature_dimension)
        if not self.tasks or len({task.name for task in self.tasks}) < len(self.tasks):
            raise _wrong("tasks", "at least one task, with different names", [task.name for task in self.tasks])
        if self.default_recipe not in self.recipes:
            raise _wrong("default_recipe", f"one of {', '.join(self.recipes) or 'the recipes'}", self.default_recipe)
        for name, entry in self.recipes.items():
            recipe_named(name)
            if entry.file not in self.files:
                raise _wrong(f"files[{entry.file!r}]", f"the model file of recipe {name}", "no entry")
        if self.context is not None:
            self._check_context(self.context)
        for file in self.files:
            if "/" in file or "\\" in file or file.startswith("."):
                raise _wrong("files", "plain file names", file)

    def _check_context(self, context: ContextEntry) -> None:
        if context.window < 1:
            raise _wrong("context.window", "a positive number", context.window)
        if not context.tasks or "fp32" not in context.recipes:
            raise _wrong("context", "a model with tasks, fp32 among its recipes", ", ".join(context.recipes) or "none")
        for name, entry in context.recipes.items():
            recipe_named(name)
            if entry.file not in self.files:
                raise _wrong(f"files[{entry.file!r}]", f"the context model's file of recipe {name}", "no entry")

    def task(self, name: str) -> Task:
        """Return the task of that name.

        :raises UndertoneError: if the bundle has none.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        names = ", ".join(task.name for task in self.tasks)
        raise UndertoneError(f"a task of this bundle ({names})", repr(name), "choose one of these")

    def to_json(self) -> str:
        """Return the text of ``manifest.json``."""
        values = {"format": FORMAT, **asdict(self)}
        if self.context is None:
            del values["context"]
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read the text of ``manifest.json``.

        :raises BundleError: if it is no JSON object, of another format, or a field is missing or wrong.
        """
        try:
            values = json.loads(text)
        except ValueError as error:
            raise BundleError(
                f"JSON in {FILE_NAME}", f"an error: {error}", "build or download the bundle again"
            ) from None
        if not isinstance(values, dict):
            raise _wrong("manifest", "a JSON object", type(values).__name__)
        _check_format(values.pop("format", None))
        try:
            return cls._from_dict(values)
        except KeyError as error:
            raise _wrong(str(error.args[0]), "a value", "nothing") from None
        except (TypeError, ValueError, AttributeError) as error:
            raise _wrong("fields", "values of the types of bundle format 1", error) from None

    @classmethod
    def _from_dict(cls, values: Mapping[str, Any]) -> "Manifest":
        return cls(
            name=str(values["name"]),
            version=str(values["version"]),
            created=str(values["created"]),
            licence=str(values["licence"]),
            attribution=str(values["attribution"]),
            backbone=dict(values["backbone"]),
            tokenizer=TokenizerSpec(**values["tokenizer"]),
            lengths=tuple(int(length) for length in values["lengths"]),
            feature_dimension=int(values["feature_dimension"]),
            tasks=tuple(Task.from_dict(task) for task in values["tasks"]),
            recipes={name: RecipeEntry(**entry) for name, entry in values["recipes"].items()},
            default_recipe=str(values["default_recipe"]),
            training=dict(values["training"]),
            files={name: FileEntry(**entry) for name, entry in values["files"].items()},
            context=None if values.get("context") is None else ContextEntry.from_dict(values["context"]),
        )


def _check_format(found: Any) -> None:
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise _wrong("format", f"the number {FORMAT}", repr(found))
    if found > FORMAT:
        raise BundleError(
            f"bundle format {FORMAT}", f"the newer format {found}", "update Undertone to open this bundle"
        )
    if found != FORMAT:
        raise _wrong("format", f"the number {FORMAT}", repr(found))


def _wrong(field_name: str, expected: str, found: object) -> BundleError:
    return BundleError(
        f"{field_name} in {FILE_NAME} to be {expected}", str(found), "build or download the bundle again"
    )
