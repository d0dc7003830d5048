"""Import: a model that Undertone did not train, as if it were a run, so that the builder makes a bundle of it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.foreign_model import IDS, MASK, ForeignModel
from converter.foreign_tasks import Declaration
from mobile_app.engine import npz
from mobile_app.engine.batch import pad
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from mobile_app.engine.tokenizer import Tokenizer as EngineTokenizer
from mobile_app.engine.wordpiece import WordPiece, truncate
from training.base_separators import fit_base_separators
from training.checkpoint import SEPARATORS_FILE, TOKENIZER_FOLDER, Run
from training.config import FitConfig
from training.datasets import load
from training.fast_tokenizer import from_fast_tokenizer
from training.tensorflow import tf
from training.tokenizer import Tokenizer
from training.utterance import Utterance

# The first separators of the app learn what the model says of so many utterances of the sample corpus.
UTTERANCES = 400


def open_foreign(model: Path, tokenizer: Path, tasks: Path, lengths: Sequence[int], folder: Path) -> Run:
    """Return a foreign model as a run.

    :param model: a ``.keras`` or ``.h5`` file, or a SavedModel folder.
    :param tokenizer: a ``vocab.txt`` or ``tokenizer.json``, or a folder with one.
    :param tasks: the declaration of its tasks, see :class:`converter.foreign_tasks.Declaration`.
    :param lengths: the length buckets that the bundle shall have.
    :param folder: in it goes a folder of the model's name with the files that the builder copies.
    :raises UndertoneError: if a file cannot be used, or they do not fit each other.
    """
    declared = Declaration.read(tasks)
    described = _tokenizer(tokenizer, declared)
    loaded = ForeignModel(model, declared)
    engine = described.engine
    utterances = [one.text for one in load("sample").split("train")[:UTTERANCES]]
    _try(loaded, model, engine, lengths)
    outputs = [_run(loaded, truncate(engine.encode(text), lengths[-1], engine.sep_id), lengths[-1], engine.pad_id)
               for text in utterances]  # fmt: skip
    folder = folder / model.stem
    described.save(folder / TOKENIZER_FOLDER)
    own = tuple(one.task for one in declared.tasks)
    features = np.concatenate([output["features"] for output in outputs])
    answered = [
        Utterance(text, {task.name: _answer(task, output[task.name][0]) for task in own})
        for text, output in zip(utterances, outputs, strict=True)
    ]
    (folder / SEPARATORS_FILE).write_bytes(npz.pack(fit_base_separators(own, answered, features, {})))
    name = model.stem
    return Run(
        path=folder,
        model=loaded,
        tokenizer=engine,
        tokenizer_spec=described.spec,
        tasks=own,
        config=FitConfig(data="sample", backbone=name),
        backbone_source={"name": name, "kind": "imported"},
        provenance={
            "imported": {"model": model.name, "sha256": _sha256(model)},
            "separators": f"fitted to the model's own answers to {len(utterances)} utterances of the sample corpus",
        },
        metrics={},
    )


def _tokenizer(path: Path, declared: Declaration) -> Tokenizer:
    found = path
    if path.is_dir():
        found = next((path / name for name in ("tokenizer.json", "vocab.txt") if (path / name).is_file()), path)
    try:
        if found.suffix == ".json":
            return from_fast_tokenizer(found.read_text(encoding="utf-8"), str(found))
        if found.suffix == ".txt":
            pieces = WordPiece.from_file(found).pieces
            return Tokenizer.of(pieces, lowercase=declared.lowercase, strip_accents=None, split_chinese=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UndertoneError(f"a tokenizer in {found}", repr(error), "give its tokenizer.json or vocab.txt") from None
    raise UndertoneError(
        f"a tokenizer.json or vocab.txt in {path}",
        "neither" if path.exists() else "nothing",
        "give the tokenizer that the model was trained with",
    )


def _try(model: ForeignModel, path: Path, tokenizer: EngineTokenizer, lengths: Sequence[int]) -> None:
    """Run the model at every length, with the last piece of the vocabulary, and look at what comes out."""
    last = len(tokenizer.pieces) - 1
    expected = {one.task.name: len(one.task.labels) for one in model.declared.tasks}
    for length in lengths:
        try:
            outputs = _run(model, [tokenizer.cls_id, last, tokenizer.sep_id], length, tokenizer.pad_id)
        except (ValueError, tf.errors.OpError) as error:
            line = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise UndertoneError(
                f"{path} to take {length} tokens with ids up to {last}, the tokenizer's last piece",
                line.strip()[:200].rstrip("."),
                "give the tokenizer that belongs to the model, or --lengths that it allows",
            ) from error
        for name, n_labels in expected.items():
            if outputs[name].shape != (1, n_labels):
                raise UndertoneError(
                    f"an output of shape [1, {n_labels}] for the {n_labels} labels of {name}",
                    f"shape {list(outputs[name].shape)}",
                    "declare as many labels as the head of the model has",
                )
        features = outputs["features"]
        if features.ndim != 2 or len(features) != 1:
            raise UndertoneError(
                "features of shape [1, d], one row an utterance",
                f"shape {list(features.shape)}",
                "name a pooled output or layer as features",
            )
        model.feature_dimension = int(features.shape[1])


def _run(model: ForeignModel, ids: Sequence[int], length: int, pad_id: int) -> dict[str, NDArray[Any]]:
    """Return features, and the logits of each task, of one utterance."""
    input_ids, mask = pad([ids], length, pad_id)
    outputs = model({IDS: tf.constant(input_ids), MASK: tf.constant(mask)})
    return {name: value.numpy() for name, value in outputs.items()}


def _answer(task: Task, logits: NDArray[Any]) -> tuple[str, ...]:
    """Return the labels that the model gives."""
    if not task.is_multi_label:
        return (task.labels[int(logits.argmax())],)
    probabilities = 1 / (1 + np.exp(-logits))
    return tuple(label for place, label in enumerate(task.labels) if probabilities[place] >= task.threshold(place))


def _sha256(path: Path) -> str:
    """Return the hash of a file, or of all files of a folder in the order of their names."""
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()
