"""The model, its losses, its schedule and its backbones."""

from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import SIGMOID, Task
from training.backbone import from_config, load_architecture, pretrained_backbone, save_config
from training.losses import task_losses
from training.model import MultitaskModel, masked_mean
from training.schedule import WarmupLinearDecay
from training.tensorflow import keras, tf, transformers
from training.tokenizer import train_wordpiece

EMOTION = Task("emotion", ("joy", "anger", "neutral"))
TOPICS = Task("topics", ("work", "home"), SIGMOID)
SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
TEXTS = ("the cat sat on the mat", "a dog ran to the park", "the dog and the cat sat", "a park and a mat") * 3


def small_bert() -> transformers.BertConfig:
    return transformers.BertConfig(vocab_size=60, **SIZES)


def batch(ids: list[list[int]]) -> dict[str, tf.Tensor]:
    longest = max(map(len, ids))
    return {
        "input_ids": tf.constant([one + [0] * (longest - len(one)) for one in ids]),
        "attention_mask": tf.constant([[1] * len(one) + [0] * (longest - len(one)) for one in ids]),
    }


@pytest.fixture(scope="module", params=["mean", "cls"])
def model(request: pytest.FixtureRequest) -> MultitaskModel:
    keras.utils.set_random_seed(3)
    return MultitaskModel(from_config(small_bert()), (EMOTION, TOPICS), pooling=request.param, dropout=0.5)


def test_outputs_are_features_and_one_logit_per_label(model):
    outputs = model(batch([[2, 5, 6, 3], [2, 7, 3]]))
    assert {name: tuple(value.shape) for name, value in outputs.items()} == {
        "features": (2, 16),
        "emotion": (2, 3),
        "topics": (2, 2),
    }
    assert model.feature_dimension == 16


def test_padding_changes_nothing(model):
    alone = model(batch([[2, 7, 3]]))
    beside_a_longer_one = model(batch([[2, 7, 3], [2, 8, 9, 10, 11, 3]]))
    for name, value in alone.items():
        np.testing.assert_allclose(value[0], beside_a_longer_one[name][0], atol=1e-5)


def test_dropout_acts_in_training_and_on_the_heads_alone(model):
    model.backbone.trainable = False  # a frozen backbone drops nothing either
    try:
        inputs = batch([[2, 5, 6, 3]])
        quiet, noisy = model(inputs), model(inputs, training=True)
    finally:
        model.backbone.trainable = True
    np.testing.assert_allclose(quiet["features"], noisy["features"], atol=1e-6)
    assert not np.allclose(quiet["emotion"], noisy["emotion"])


def test_masked_mean_is_the_mean_of_the_real_tokens():
    states = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    found = masked_mean(tf.constant(states), tf.constant([[1, 1, 0, 0], [1, 1, 1, 1]])).numpy()
    np.testing.assert_allclose(found, [states[0, :2].mean(axis=0), states[1].mean(axis=0)])


def test_losses_are_the_cross_entropies_of_the_labelled_utterances():
    logits = {"emotion": tf.constant([[1.0, 0, 0], [0, 2.0, 0]]), "topics": tf.constant([[1.0, -1.0], [3.0, 3.0]])}
    targets = {"emotion": tf.constant([[1.0, 0, 0], [0, 0, 0]]), "topics": tf.constant([[1.0, 0.0], [0.0, 0.0]])}
    masks = {"emotion": tf.constant([1.0, 0.0]), "topics": tf.constant([1.0, 1.0])}
    losses = task_losses((EMOTION, TOPICS), logits, targets, masks)
    assert float(losses["emotion"]) == pytest.approx(np.log(np.e + 2) - 1, abs=1e-6)
    sure, wrong = np.log1p(np.exp(-1.0)), np.log1p(np.exp(3.0))
    assert float(losses["topics"]) == pytest.approx((sure + wrong) / 2, abs=1e-6)


def test_a_task_without_labels_in_the_batch_gives_its_head_no_gradient(model):
    inputs = batch([[2, 5, 6, 3], [2, 7, 3]])
    targets = {"emotion": tf.constant([[1.0, 0, 0], [0, 1.0, 0]]), "topics": tf.ones([2, 2])}
    masks = {"emotion": tf.ones([2]), "topics": tf.zeros([2])}
    with tf.GradientTape() as tape:
        losses = task_losses((EMOTION, TOPICS), model(inputs, training=True), targets, masks)
        total = losses["emotion"] + losses["topics"]
    head, other = tape.gradient(total, [model.heads["topics"].kernel, model.heads["emotion"].kernel])
    assert np.abs(head).max() == 0.0
    assert np.abs(other).max() > 0.0


def test_the_schedule_climbs_to_its_peak_and_falls_to_zero():
    schedule = WarmupLinearDecay(0.1, n_steps=100, n_warmup=10)
    rates = [float(schedule(step)) for step in (0, 4, 9, 10, 55, 100)]
    assert rates == pytest.approx([0.01, 0.05, 0.1, 0.1, 0.05, 0.0], abs=1e-6)


def test_weights_have_the_same_names_in_a_second_model(model):
    again = MultitaskModel(from_config(small_bert()), (EMOTION, TOPICS), pooling=model.pooling)
    assert list(again.named_weights()) == list(model.named_weights())
    again.load_weights_by_name({name: variable.numpy() for name, variable in model.named_weights().items()})
    inputs = batch([[2, 5, 6, 3]])
    np.testing.assert_array_equal(again(inputs)["topics"], model(inputs)["topics"])


def test_a_weight_of_another_shape_is_refused(model):
    arrays = {name: variable.numpy() for name, variable in model.named_weights().items()}
    arrays["heads/emotion/bias"] = np.zeros(4, np.float32)
    with pytest.raises(UndertoneError, match=r"heads/emotion/bias of shape \(3,\); found shape \(4,\)"):
        model.load_weights_by_name(arrays)


def pretrained(folder: Path, config: transformers.PretrainedConfig) -> Path:
    """Write a random model of an architecture in the layout of a hub model."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = train_wordpiece(TEXTS, size=60).wordpiece.pieces
    fast = Tokenizer(models.WordPiece({piece: index for index, piece in enumerate(pieces)}, unk_token="[UNK]"))
    fast.normalizer = normalizers.BertNormalizer(lowercase=True)
    fast.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    fast.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    transformers.PreTrainedTokenizerFast(tokenizer_object=fast).save_pretrained(folder)
    config.vocab_size = len(pieces)
    from_config(config).save_pretrained(folder, safe_serialization=True)
    return folder


@pytest.mark.parametrize(
    "config",
    [
        transformers.BertConfig(**SIZES),
        transformers.DistilBertConfig(dim=16, n_layers=1, n_heads=2, hidden_dim=32),
        transformers.MobileBertConfig(
            **SIZES, embedding_size=8, intra_bottleneck_size=16, num_feedforward_networks=1, true_hidden_size=16
        ),
    ],
    ids=["bert", "distilbert", "mobilebert"],
)
def test_pretrained_folders_of_the_bert_family_load_and_come_back(tmp_path, config):
    backbone = pretrained_backbone(str(pretrained(tmp_path / "hub", config)), max_length=16)
    ids = backbone.tokenizer.wordpiece.encode("The cat ran")
    assert ids[0] == 2
    assert ids[-1] == 3
    model = MultitaskModel(backbone.model, (EMOTION,))
    save_config(backbone.model, tmp_path / "saved")
    again = MultitaskModel(load_architecture(tmp_path / "saved"), (EMOTION,))
    again.load_weights_by_name({name: variable.numpy() for name, variable in model.named_weights().items()})
    np.testing.assert_allclose(again(batch([ids]))["features"], model(batch([ids]))["features"], atol=1e-6)


def test_a_backbone_with_another_tokenizer_is_refused(tmp_path):
    from tokenizers import Tokenizer, models

    fast = Tokenizer(models.BPE({"a": 0, "b": 1}, []))
    transformers.PreTrainedTokenizerFast(tokenizer_object=fast).save_pretrained(tmp_path)
    from_config(transformers.RobertaConfig(**SIZES, vocab_size=10)).save_pretrained(tmp_path)
    with pytest.raises(
        UndertoneError, match=r"expected a backbone with a tokenizer of a known family.*; found another BPE tokenizer"
    ):
        pretrained_backbone(str(tmp_path), max_length=16)


def test_a_missing_backbone_is_refused_in_one_sentence():
    with pytest.raises(UndertoneError, match=r"expected a backbone: tiny, pocket.*; found ./nowhere/at-all: "):
        pretrained_backbone("./nowhere/at-all", max_length=16)


def test_a_length_beyond_the_backbone_is_refused(tmp_path):
    folder = pretrained(tmp_path, transformers.BertConfig(**SIZES, max_position_embeddings=24))
    with pytest.raises(UndertoneError, match=r"--max-length of at most 24 for .*; found 32"):
        pretrained_backbone(str(folder), max_length=32)


def test_the_vocabulary_does_not_depend_on_the_order_of_the_texts():
    assert train_wordpiece(TEXTS).wordpiece.pieces == train_wordpiece(TEXTS[::-1]).wordpiece.pieces
