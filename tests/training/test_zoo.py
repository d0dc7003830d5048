"""The contract of every architecture of the zoo: a backbone's interface, padding that changes nothing, the phone."""

from pathlib import Path

import numpy as np
import pytest

from converter.census import census
from converter.convert import convert
from converter.trace import save_traced
from mobile_app.engine.batch import pad, signature_name
from mobile_app.engine.interpreter import open_interpreter
from mobile_app.engine.recipe import recipe_named
from mobile_app.engine.task import Task
from training.backbone import from_config, load_architecture, save_config, zoo_backbone
from training.model import MultitaskModel
from training.tensorflow import keras, tf
from training.zoo import ARCHITECTURES
from training.zoo.config import ZooConfig

EMOTION = (Task("emotion", ("joy", "anger", "neutral")),)
SMALL = {"vocab_size": 40, "embedding_size": 8, "hidden_size": 16}
IDS = [2, 5, 9, 31, 7, 3]
READ_BOTH_WAYS = ("lstm", "gru", "cnn-lstm")


@pytest.fixture(scope="module", params=ARCHITECTURES)
def model(request: pytest.FixtureRequest) -> MultitaskModel:
    keras.utils.set_random_seed(3)
    return MultitaskModel(from_config(ZooConfig(architecture=request.param, **SMALL)), EMOTION)


def states(model: MultitaskModel, ids: list[int], length: int) -> np.ndarray:
    input_ids, mask = pad([ids], length, 0)
    return model.backbone(input_ids=tf.constant(input_ids), attention_mask=tf.constant(mask)).last_hidden_state.numpy()


def test_it_has_the_interface_of_a_transformers_backbone(model):
    assert model.feature_dimension == model.backbone.config.hidden_size == 16
    assert states(model, IDS, 8).shape == (1, 8, 16)


def test_an_utterance_has_the_same_features_in_every_bucket_and_batch(model):
    alone = model.infer(*pad([IDS], len(IDS), 0))
    for length in (8, 16, 24):
        padded = model.infer(*pad([IDS, [2, *range(4, 4 + length - 2), 3]], length, 0))
        for name, value in alone.items():
            np.testing.assert_allclose(padded[name][0], value[0], atol=1e-6, err_msg=f"{name} at {length}")


def test_it_reads_more_than_single_tokens(model):
    """The state of a token depends on its neighbours; that of a recurrent layer, on all tokens in both directions."""
    plain = states(model, IDS, 8)
    changed = states(model, [*IDS[:-2], 8, IDS[-1]], 8)
    assert np.abs(plain[0, 3] - changed[0, 3]).max() > 1e-6
    if model.backbone.config.architecture in READ_BOTH_WAYS:
        assert np.abs(plain[0, 0] - changed[0, 0]).max() > 1e-9
        first = states(model, [8, *IDS[1:]], 8)
        assert np.abs(plain[0, 5] - first[0, 5]).max() > 1e-9


def test_every_weight_learns(model):
    input_ids, mask = map(tf.constant, pad([IDS], 8, 0))
    inputs = {"input_ids": input_ids, "attention_mask": mask}
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(model(inputs, training=True)["emotion"] - 1.0))
    for variable, gradient in zip(model.trained_variables, tape.gradient(loss, model.trained_variables), strict=True):
        assert gradient is not None, variable.name
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0, variable.name


def test_it_is_saved_and_comes_back(model, tmp_path):
    save_config(model.backbone, tmp_path)
    again = MultitaskModel(load_architecture(tmp_path), EMOTION)
    again.load_weights_by_name({name: variable.numpy() for name, variable in model.named_weights().items()})
    np.testing.assert_array_equal(again.infer(*pad([IDS], 8, 0))["emotion"], model.infer(*pad([IDS], 8, 0))["emotion"])


def test_its_phone_file_is_keras_to_a_ten_thousandth_without_flex_operators(model, tmp_path):
    signatures = save_traced(model, EMOTION, (8, 16), tmp_path / "saved")
    content = convert(tmp_path / "saved", signatures, recipe_named("fp32"))
    counted = census(content)
    assert counted["flex_ops"] == []
    assert counted["dynamic_tensors"] == 0
    path: Path = tmp_path / "model.tflite"
    path.write_bytes(content)
    interpreter = open_interpreter(path)
    try:
        for ids in (IDS, [2, 3], [2, 11, 12, 13, 14, 15, 16, 3]):
            keras_says = model.infer(*pad([ids], 8, 0))["features"]
            for length in (8, 16):
                input_ids, mask = pad([ids], length, 0)
                phone_says = interpreter.run(signature_name(length), {"input_ids": input_ids, "attention_mask": mask})
                np.testing.assert_allclose(phone_says["features"], keras_says, atol=1e-4)
    finally:
        interpreter.close()


def test_the_vocabulary_comes_from_the_texts():
    backbone = zoo_backbone("cnn", ["so happy today", "so happy again"] * 3)
    assert backbone.source == {"name": "cnn", "kind": "zoo"}
    assert "happy" in backbone.tokenizer.wordpiece.pieces
    assert backbone.model.config.vocab_size == len(backbone.tokenizer.wordpiece.pieces)


@pytest.mark.parametrize(
    ("texts", "strip_accents", "text"),
    [(["çok güzel bir gün", "iyi değil çok üzgün"] * 3, False, "Güzel"), (["a fine day", "a day"] * 3, None, "Fine")],
)
def test_accents_stay_where_a_language_is_written_with_them(texts, strip_accents, text):
    tokenizer = zoo_backbone("cnn", texts).tokenizer
    assert tokenizer.spec.strip_accents is strip_accents
    assert tokenizer.wordpiece.unk_id not in tokenizer.wordpiece.encode(text)
    assert any("\u011f" in piece for piece in tokenizer.wordpiece.pieces) == (strip_accents is False)
