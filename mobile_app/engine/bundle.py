"""A bundle: the folder that holds everything the phone needs, checked before anything in it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine import npz
from mobile_app.engine.batch import signature_name
from mobile_app.engine.errors import BundleError
from mobile_app.engine.files import sha256_of
from mobile_app.engine.golden import Golden
from mobile_app.engine.interpreter import Interpreter, TensorSpec, open_interpreter
from mobile_app.engine.manifest import FILE_NAME, FileEntry, Manifest, RecipeEntry
from mobile_app.engine.tokenizer import Tokenizer, read_tokenizer

GOLDEN_FILE, SEPARATORS_FILE = "golden.json", "separators.npz"
_REMEDY = "build or copy the bundle again"


def label_file(task: str) -> str:
    """Return the name of the file with the labels of a task, one a line."""
    return f"labels.{task}.txt"


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: its files are whole and are the ones of its manifest. Models are loaded only when asked for.

    On disk: ``manifest.json``, ``model.<recipe>.tflite``, ``vocab.txt`` or ``pieces.json``, ``labels.<task>.txt``,
    ``separators.npz``, ``golden.json``.
    """

    path: Path
    manifest: Manifest
    models_verified: bool = True

    @classmethod
    def open(cls, folder: Path, *, verify_models: bool = True) -> "Bundle":
        """Open a bundle and verify presence, size and hash of every file.

        :param verify_models: whether the hashes of the model files are verified now. If not, that of a recipe is when
            the recipe is opened, and a start does not wait for those of other recipes.

        :raises BundleError: if the manifest or a file is missing, changed, truncated or of a newer format.
        """
        manifest = Manifest.from_json(_read_text(folder / FILE_NAME))
        models = {entry.file for entry in manifest.recipes.values()}
        for name, entry in manifest.files.items():
            _verify(folder / name, entry, hashed=verify_models or name not in models)
        bundle = cls(folder, manifest, verify_models)
        bundle._check_vocabulary_hash()
        bundle._check_labels()
        return bundle

    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer of the backbone.

        :raises BundleError: if the vocabulary has not the size or the special ids of the manifest.
        """
        spec = self.manifest.tokenizer
        tokenizer = read_tokenizer(self.path, spec)
        found = {"pad": tokenizer.pad_id, "unk": tokenizer.unk_id, "cls": tokenizer.cls_id, "sep": tokenizer.sep_id}
        expected = {name: spec.special_ids.get(name) for name in found}
        if len(tokenizer.pieces) != spec.vocabulary_size or found != expected:
            raise BundleError(
                f"{spec.vocabulary_size} pieces with special ids {expected} in {self.path / spec.vocabulary}",
                f"{len(tokenizer.pieces)} pieces with {found}",
                _REMEDY,
            )
        return tokenizer

    def recipe_entry(self, recipe: str) -> RecipeEntry:
        """Return what the manifest says about a recipe.

        :raises BundleError: if the bundle does not have it.
        """
        if recipe not in self.manifest.recipes:
            raise BundleError(
                f"a recipe of this bundle ({', '.join(self.manifest.recipes)})", repr(recipe), "choose one of these"
            )
        return self.manifest.recipes[recipe]

    def open_recipe(self, name: str | None = None, *, threads: int = 1) -> Interpreter:
        """Load the model of a recipe.

        :param name: the recipe; None is the bundle's default.
        :param threads: how many threads a run may use.
        :raises BundleError: if the bundle does not have the recipe, its file was changed (where that was not verified
            before), or the model's signatures are not the manifest's.
        :raises InterpreterError: if the model cannot be loaded.
        """
        file = self.recipe_entry(name or self.manifest.default_recipe).file
        path = self.path / file
        if not self.models_verified:
            _verify(path, self.manifest.files[file])
        interpreter = open_interpreter(path, threads=threads)
        try:
            self._check_signatures(path, interpreter)
        except BundleError:
            interpreter.close()
            raise
        return interpreter

    def model_hash(self, recipe: str) -> str:
        """Return the SHA-256 of the model file of a recipe."""
        return self.manifest.files[self.recipe_entry(recipe).file].sha256

    def golden(self) -> Golden:
        """Return the golden vectors.

        :raises BundleError: if the bundle has none, or they cannot be read.
        """
        return Golden.from_json(_read_text(self._listed(GOLDEN_FILE)))

    def base_separators(self) -> dict[str, dict[str, dict[str, NDArray[Any]]]]:
        """Return the arrays of the base separators: task to kind to array name to array.

        :raises BundleError: if the bundle has none, or they are no plain arrays named ``<task>.<kind>.<array>``.
        """
        path = self._listed(SEPARATORS_FILE)
        separators: dict[str, dict[str, dict[str, NDArray[Any]]]] = {}
        try:
            for name, array in npz.unpack(path.read_bytes()).items():
                task, kind, part = name.split(".", 2)
                separators.setdefault(task, {}).setdefault(kind, {})[part] = array
        except (OSError, ValueError) as error:
            raise BundleError(f"plain arrays named task.kind.array in {path}", str(error), _REMEDY) from None
        return separators

    def _listed(self, name: str) -> Path:
        """Return the path of a file, provided that the manifest lists it: only such files were verified."""
        if name not in self.manifest.files:
            raise BundleError(f"{name} among the files of {self.path / FILE_NAME}", "no entry", _REMEDY)
        return self.path / name

    def _check_vocabulary_hash(self) -> None:
        spec = self.manifest.tokenizer
        self._listed(spec.vocabulary)
        found = self.manifest.files[spec.vocabulary].sha256
        if found != spec.vocabulary_sha256:
            raise BundleError(
                f"the vocabulary that the model was trained with (sha256 {spec.vocabulary_sha256[:12]}...)",
                f"{self.path / spec.vocabulary} with sha256 {found[:12]}...",
                "put the vocabulary of the training run into the bundle, or build the bundle again",
            )

    def _check_labels(self) -> None:
        for task in self.manifest.tasks:
            path = self._listed(label_file(task.name))
            labels = tuple(_read_text(path).removesuffix("\n").split("\n"))
            if labels != task.labels:
                raise BundleError(f"the labels {', '.join(task.labels)} in {path}", ", ".join(labels), _REMEDY)

    def _check_signatures(self, path: Path, interpreter: Interpreter) -> None:
        outputs = {task.name: (1, len(task.labels)) for task in self.manifest.tasks}
        outputs["features"] = (1, self.manifest.feature_dimension)
        for length in self.manifest.lengths:
            key = signature_name(length)
            if key not in interpreter.signatures:
                found = ", ".join(interpreter.signatures) or "none"
                raise BundleError(f"a signature {key} in {path}", found, _REMEDY)
            inputs = dict.fromkeys(("input_ids", "attention_mask"), (1, length))
            signature = interpreter.signatures[key]
            _check_tensors(f"inputs of {key} in {path}", signature.inputs, inputs, np.int32)
            _check_tensors(f"outputs of {key} in {path}", signature.outputs, outputs, np.float32)


def _check_tensors(
    where: str, found: Mapping[str, TensorSpec], shapes: Mapping[str, tuple[int, ...]], dtype: type[np.generic]
) -> None:
    expected = {name: TensorSpec(shape, np.dtype(dtype)) for name, shape in shapes.items()}
    if dict(found) != expected:
        raise BundleError(f"the {where} to be {_described(expected)}", _described(found), _REMEDY)


def _described(tensors: Mapping[str, TensorSpec]) -> str:
    return ", ".join(f"{name} {spec.dtype} {list(spec.shape)}" for name, spec in sorted(tensors.items())) or "none"


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BundleError(f"a bundle with {path.name}", f"no {path}", _REMEDY) from None
    except UnicodeDecodeError as error:
        raise BundleError(f"UTF-8 in {path}", str(error), _REMEDY) from None
    except OSError as error:
        raise BundleError(f"to read {path}", error.strerror or str(error), _REMEDY) from None


def _verify(path: Path, entry: FileEntry, *, hashed: bool = True) -> None:
    try:
        size = path.stat().st_size
        if size != entry.bytes:
            raise BundleError(f"{entry.bytes} bytes in {path}", f"{size}", _REMEDY)
        if not path.is_file():
            raise BundleError(f"the file {path}", "something else", _REMEDY)
        digest = sha256_of(path) if hashed else entry.sha256
    except OSError as error:
        raise BundleError(f"the file {path}", error.strerror or str(error), _REMEDY) from None
    if digest != entry.sha256:
        raise BundleError(f"{path} with sha256 {entry.sha256[:12]}...", f"{digest[:12]}...", _REMEDY)
