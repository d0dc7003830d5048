"""Models that Undertone did not train: what comes out of a build, and what is refused, each with one sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from converter.build import BuildOptions, build
from converter.foreign import open_foreign
from mobile_app.engine.batch import pad
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import UndertoneError
from training.tensorflow import keras, tf

LENGTHS = (8, 16)
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "i", "am", "happy", "sad", "not", "so", ".", "!"]
TASKS = {
    "features": "pooled",
    "tasks": [
        {"name": "mood", "labels": ["good", "bad", "none"], "output": "mood_logits", "gives": "logits"},
        {"name": "topics", "labels": ["work", "home"], "activation": "sigmoid"},
    ],
}


def make_model(**extra: Any) -> Any:
    keras.utils.set_random_seed(1)
    ids = keras.Input((None,), dtype="int32", name=extra.get("ids", "input_ids"))
    mask = keras.Input((None,), dtype="int32", name="attention_mask")
    inputs = [ids, mask]
    states = keras.layers.Multiply(name="states")(
        [keras.layers.Embedding(12, 16)(ids), keras.layers.Embedding(2, 16)(mask)]
    )
    if extra.get("segments"):
        inputs.append(keras.Input((None,), dtype="int64", name="token_type_ids"))
        states = keras.layers.Add()([states, keras.layers.Embedding(2, 16)(inputs[-1])])
    if "layer" in extra:
        states = extra["layer"](states)
    pooled = keras.layers.Dense(24, "tanh", name="pooled")(keras.layers.GlobalAveragePooling1D()(states))
    outputs = [
        keras.layers.Dense(3, name="mood_logits")(pooled),
        keras.layers.Dense(2, "sigmoid", name="topics")(pooled),
    ]
    return keras.Model(inputs, outputs)


class Doubling(keras.layers.Layer):
    def call(self, inputs: Any) -> Any:
        return 2 * inputs


def save_as_saved_model(model: Any, path: Path) -> None:
    names = [*model.output_names, "pooled"]
    whole = keras.Model(model.inputs, [*model.outputs, model.get_layer("pooled").output])
    specs = [
        tf.TensorSpec([None, None], one.dtype, name=name)
        for one, name in zip(model.inputs, model.input_names, strict=True)
    ]

    def serve(*given: Any) -> dict[str, Any]:
        return dict(zip(names, whole(list(given)), strict=True))

    holder = tf.Module()
    holder.kept = whole.variables
    tf.saved_model.save(holder, str(path), {"serving_default": tf.function(serve).get_concrete_function(*specs)})


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    (tmp_path / "tasks.json").write_text(json.dumps(TASKS))
    return tmp_path


def opened(files: Path, model: str) -> Any:
    return open_foreign(files / model, files / "vocab.txt", files / "tasks.json", LENGTHS, files / "run")


@pytest.mark.parametrize("form", ["keras", "h5", "saved"])
def test_a_foreign_model_becomes_a_bundle_that_answers_as_it_does(files: Path, form: str) -> None:
    model = make_model(segments=form == "saved")
    if form == "saved":
        save_as_saved_model(model, files / "model.saved")
    else:
        model.save(files / f"model.{form}")
    build(opened(files, f"model.{form}"), files / "bundle", BuildOptions(recipes=("fp32",), lengths=LENGTHS))
    bundle = Bundle.open(files / "bundle")
    tokenizer, interpreter = bundle.tokenizer(), bundle.open_recipe("fp32")
    ids, mask = pad([tokenizer.encode("I am so happy!")], 8, 0)
    expected = model([ids, mask, np.zeros_like(ids, np.int64)] if form == "saved" else [ids, mask])
    found = interpreter.run("encode_8", {"input_ids": ids, "attention_mask": mask})
    np.testing.assert_allclose(found["mood"], tf.nn.softmax(expected[0]), atol=1e-5)
    np.testing.assert_allclose(found["topics"], expected[1], atol=1e-5)
    assert found["features"].shape == (1, 24)
    assert bundle.manifest.backbone["kind"] == "imported"
    assert {"softmax", "prototypes"} <= set(bundle.base_separators()["mood"])


def declare(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(TASKS))
    change(values)
    return values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda v: v["tasks"][0].update(labels=["a", "b"]),
            r"shape \[1, 2\] for the 2 labels of mood; found shape \[1, 3\]",
        ),
        (lambda v: v["tasks"][0].update(output="nope"), "an output 'nope' of .*; found mood_logits, topics"),
        (lambda v: v.update(features="states"), r"features of shape \[1, d\]"),
        (lambda v: v.pop("features"), "a field 'features'"),
        (lambda v: v.update(tasks=[]), "at least one task"),
        (lambda v: v["tasks"][0].update(gives="points"), "gives of mood to be probabilities or logits; found 'points'"),
        (lambda v: v.update(tasks=3), "an object with features and tasks"),
    ],
)
def test_tasks_that_do_not_fit_are_refused(
    files: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    make_model().save(files / "model.keras")
    (files / "tasks.json").write_text(json.dumps(declare(change)))
    with pytest.raises(UndertoneError, match=message):
        opened(files, "model.keras")


def test_a_vocabulary_larger_than_the_model_is_refused(files: Path) -> None:
    make_model().save(files / "model.keras")
    (files / "vocab.txt").write_text("\n".join([*PIECES, "more"]) + "\n")
    with pytest.raises(UndertoneError, match=r"8 tokens with ids up to 12, the tokenizer's last piece; found "):
        opened(files, "model.keras")


def test_a_custom_layer_is_refused(files: Path) -> None:
    make_model(layer=Doubling()).save(files / "model.keras")
    with pytest.raises(
        UndertoneError, match=r"layers of Keras alone in .*; found a custom object; export the model as a SavedModel"
    ):
        opened(files, "model.keras")


def test_inputs_of_other_names_are_refused(files: Path) -> None:
    make_model(ids="words").save(files / "model.keras")
    with pytest.raises(UndertoneError, match=r"inputs input_ids and attention_mask .*; found words, attention_mask"):
        opened(files, "model.keras")


def test_what_is_no_model_or_no_tokenizer_is_refused(files: Path) -> None:
    (files / "model.keras").write_bytes(b"not a model")
    with pytest.raises(UndertoneError, match="a model that TensorFlow can load"):
        opened(files, "model.keras")
    with pytest.raises(
        UndertoneError, match=r"a Keras model \(.keras, .h5\) or the folder of a SavedModel .*; found nothing"
    ):
        opened(files, "missing")
    (files / "vocab.txt").unlink()
    with pytest.raises(UndertoneError, match="one piece per line"):
        opened(files, "model.keras")
