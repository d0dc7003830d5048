"""Backbones that are part of the project: compact weights with everything that belongs to them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors.numpy

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder, sha256_of
from mobile_app.engine.task import Task
from training.architecture import PLAIN
from training.backbone import Backbone, load_architecture, relative_name, save_config
from training.checkpoint import WEIGHTS_FILE, load_run, write_json
from training.config import POCKET
from training.packed_weights import HALF, packed, unpacked
from training.provenance import without_folders
from training.tokenizer import Tokenizer

FOLDER = Path(__file__).parent / "data"
PROVENANCE_FILE, LICENCE_FILE = "provenance.json", "LICENSE.md"
_HEADS = "heads/"


def shipped_backbone(folder: Path = FOLDER / POCKET) -> Backbone:
    """Return a backbone that lies in the repository; no network is needed.

    On disk: ``config.json``, ``weights.safetensors`` (:mod:`training.packed_weights`; the heads too), ``vocab.txt``,
    ``tokenizer.json``, ``provenance.json`` (data, licences, seed, commit, command, metrics) and ``LICENSE.md``.

    :raises UndertoneError: if the weights are not the ones of the provenance.
    """
    expected = _provenance(folder)["weights_sha256"]
    found = sha256_of(folder / WEIGHTS_FILE)
    if found != expected:
        raise UndertoneError(
            f"{folder / WEIGHTS_FILE} with sha256 {expected[:12]}...", f"{found[:12]}...", "check the file out again"
        )
    model, arrays = load_architecture(folder), _weights(folder)
    for variable in model.weights:
        variable.assign(arrays[f"backbone/{relative_name(variable)}"])
    return Backbone(model, Tokenizer.load(folder), {"name": folder.name, "kind": "shipped"})


def shipped_heads(tasks: Sequence[Task], folder: Path = FOLDER / POCKET) -> dict[str, Any] | None:
    """Return the heads' weights by name if the backbone was trained for these tasks, else None."""
    known = [Task.from_dict(task) for task in _provenance(folder)["tasks"]]
    if not {replace(task, thresholds=None) for task in tasks} <= {replace(task, thresholds=None) for task in known}:
        return None
    return {name: array for name, array in _weights(folder).items() if name.startswith(_HEADS)}


def ship(run_path: Path, folder: Path, *, bits: int = HALF, overwrite: bool = False) -> None:
    """Write the backbone and heads of a run as a shipped one.

    :param bits: of the weights, see :func:`training.packed_weights.packed`.
    :raises UndertoneError: if the run cannot be read or the folder is taken.
    """
    run = load_run(run_path)
    if run.model.architecture != PLAIN:
        raise UndertoneError(
            "a run with linear heads on its features alone", f"{run.model.architecture}", "ship a run without them"
        )
    weights = packed({name: variable.numpy() for name, variable in run.model.named_weights().items()}, bits)
    with new_folder(folder, overwrite=overwrite) as out:
        (out / WEIGHTS_FILE).write_bytes(safetensors.numpy.save(weights))
        save_config(run.model.backbone, out)
        Tokenizer(run.tokenizer, run.tokenizer_spec).save(out)
        provenance = {
            "name": folder.name,
            "weights_sha256": sha256_of(out / WEIGHTS_FILE),
            "tasks": [task.to_dict() for task in run.tasks],
            "provenance": without_folders(run.provenance),
            "metrics": run.metrics,
        }
        write_json(out / PROVENANCE_FILE, provenance)
        (out / LICENCE_FILE).write_text(_LICENCE, encoding="utf-8")


def _provenance(folder: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads((folder / PROVENANCE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UndertoneError(f"a shipped backbone in {folder}", str(error), "check the folder out again") from None
    return values


def _weights(folder: Path) -> dict[str, Any]:
    return unpacked(safetensors.numpy.load_file(folder / WEIGHTS_FILE))


_LICENCE = """# Licence of these weights

Apache-2.0, as the project. They were distilled by this project; where they come from:

- all-MiniLM-L6-v2 (sentence-transformers), Apache-2.0: the teacher was fine-tuned from it, and the word embeddings and
  layers of this model started from the teacher's.
- GoEmotions (Demszky et al. 2020), CC BY 4.0: the texts and labels that teacher and student learned from. The weights
  hold no text of it.
- XED (Öhman et al. 2020), CC BY 4.0: the English subtitle lines and labels that the teacher learned beside them. The
  weights hold no text of it.
- The sample corpus of this project, CC0-1.0.

`provenance.json` holds the command, seed, commit and hashes.
"""
