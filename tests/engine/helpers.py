"""A bundle small enough to make in a test: embedding -> masked mean -> dense, with random weights."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mobile_app.engine import npz
from mobile_app.engine.batch import bucket, pad, signature_name
from mobile_app.engine.files import sha256_of
from mobile_app.engine.interpreter import open_interpreter
from mobile_app.engine.manifest import FILE_NAME, FileEntry, Manifest, RecipeEntry, TokenizerSpec
from mobile_app.engine.recipe import recipe_named
from mobile_app.engine.task import Task
from mobile_app.engine.wordpiece import WordPiece, truncate

PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "am", "happy", "sad", "not", "you", "are", "so", "very")
PIECES += ("un", "##happy", "##s", ".", "!", "'", ",", "[", "]", "a", "##a", "e", "##e", "\u6f22", "##\u0301")
TASKS = (Task("emotion", ("joy", "sadness", "neutral")), Task("topics", ("weather", "food"), "sigmoid", (0.4, 0.6)))
LENGTHS, WIDTH = (8, 16), 6
RECIPES = ("fp32", "fp16")
TEXTS = ("I am happy.", "You are so very sad!", "unhappy " * 20)


def make_model(folder: Path, recipe: str) -> bytes:
    """Convert the tiny model with one signature per length."""
    from training.tensorflow import tf

    class Model(tf.Module):
        def __init__(self) -> None:
            random = np.random.default_rng(5)

            def weights(*shape: int) -> Any:
                return tf.Variable(random.normal(size=shape).astype(np.float32))

            self.embedding, self.dense = weights(len(PIECES), WIDTH), weights(WIDTH, WIDTH)
            self.heads = {task.name: weights(WIDTH, len(task.labels)) for task in TASKS}

        def __call__(self, input_ids: Any, attention_mask: Any) -> dict[str, Any]:
            mask = tf.cast(attention_mask, tf.float32)[:, :, None]
            mean = tf.reduce_sum(tf.gather(self.embedding, input_ids) * mask, 1) / tf.reduce_sum(mask, 1)
            features = tf.tanh(tf.matmul(mean, self.dense))
            logits = {task.name: tf.matmul(features, self.heads[task.name]) for task in TASKS}
            return {
                "features": features,
                "emotion": tf.nn.softmax(logits["emotion"]),
                "topics": tf.nn.sigmoid(logits["topics"]),
            }

    model = Model()
    signatures = {}
    for length in LENGTHS:
        spec = {name: tf.TensorSpec((1, length), tf.int32, name=name) for name in ("input_ids", "attention_mask")}
        signatures[f"encode_{length}"] = tf.function(model.__call__).get_concrete_function(**spec)
    tf.saved_model.save(model, str(folder), signatures=signatures)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=list(signatures))
    if recipe == "fp16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def write_bundle(folder: Path, scratch: Path) -> None:
    """Write the tiny bundle: real model files, golden vectors from running them."""
    for recipe in RECIPES:
        (folder / recipe_named(recipe).file_name).write_bytes(make_model(scratch / recipe, recipe))
    (folder / "vocab.txt").write_bytes("".join(f"{piece}\n" for piece in PIECES).encode())
    for task in TASKS:
        (folder / f"labels.{task.name}.txt").write_bytes("".join(f"{label}\n" for label in task.labels).encode())
    (folder / "separators.npz").write_bytes(
        npz.pack({"emotion.softmax.weights": np.ones((WIDTH, 3), np.float32), "emotion.softmax.bias": np.zeros(3)})
    )
    tokenizer = WordPiece(PIECES)
    ids = [truncate(tokenizer.encode(text), LENGTHS[-1], tokenizer.sep_id) for text in TEXTS]
    golden = {"texts": TEXTS, "input_ids": ids, "recipes": {name: _answers(folder, name, ids) for name in RECIPES}}
    (folder / "golden.json").write_text(json.dumps(golden))
    write_manifest(folder)


def write_manifest(folder: Path) -> None:
    """Write the manifest of the files that are there."""
    files = {path.name: FileEntry(sha256_of(path), path.stat().st_size) for path in sorted(folder.iterdir())}
    files.pop(FILE_NAME, None)
    manifest = Manifest(
        name="tiny",
        version="1",
        created="2026-11-20T00:00:00+00:00",
        licence="Apache-2.0",
        attribution="random weights",
        backbone={},
        tokenizer=TokenizerSpec(
            type="wordpiece",
            lowercase=True,
            strip_accents=None,
            split_chinese=True,
            vocabulary="vocab.txt",
            vocabulary_sha256=files["vocab.txt"].sha256,
            vocabulary_size=len(PIECES),
            special_ids={"pad": 0, "unk": 1, "cls": 2, "sep": 3, "mask": 4},
        ),
        lengths=LENGTHS,
        feature_dimension=WIDTH,
        tasks=TASKS,
        recipes={name: RecipeEntry(recipe_named(name).file_name) for name in RECIPES},
        default_recipe="fp32",
        training={},
        files=files,
    )
    (folder / FILE_NAME).write_text(manifest.to_json())


def changed_bundle(bundle: Path, copy: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy a bundle and change its manifest."""
    shutil.copytree(bundle, copy)
    values = json.loads((copy / FILE_NAME).read_text())
    change(values)
    (copy / FILE_NAME).write_text(json.dumps(values))
    return copy


def rehash(bundle: Path, name: str) -> None:
    """Enter a changed file into the manifest, so that only its content is wrong."""
    values = json.loads((bundle / FILE_NAME).read_text())
    values["files"][name] = {"sha256": sha256_of(bundle / name), "bytes": (bundle / name).stat().st_size}
    (bundle / FILE_NAME).write_text(json.dumps(values))


def _answers(folder: Path, recipe: str, batch: list[list[int]]) -> dict[str, Any]:
    interpreter = open_interpreter(folder / recipe_named(recipe).file_name)
    rows = []
    for ids in batch:
        length = bucket(len(ids), LENGTHS)
        input_ids, mask = pad([ids], length, 0)
        rows.append(interpreter.run(signature_name(length), {"input_ids": input_ids, "attention_mask": mask}))
    return {
        "features": [row["features"][0].tolist() for row in rows],
        "probabilities": {task.name: [row[task.name][0].tolist() for row in rows] for task in TASKS},
        "tolerance": {"features_max": 1e-3, "features_cosine": 0.9999, "equal_labels": 1.0},
    }
