"""Every architecture of this project from a folder in the hub's layout to a bundle: one contract for all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from converter.build import BuildOptions, build
from converter.census import census
from mobile_app.engine.batch import pad
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import UndertoneError
from tests.engine.references import TRAINING_TEXTS, byte_level_reference, unigram_reference
from training.backbone import from_config, pretrained_backbone
from training.config import FitConfig
from training.fit import fit
from training.tensorflow import keras, transformers
from training.tokenizer import train_wordpiece

SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
LENGTHS = (8, 16)
TEXTS = ("we won", "how dare you", "the bus is here now")


def wordpiece() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = train_wordpiece(TRAINING_TEXTS[:200], size=300).wordpiece.pieces
    fast = Tokenizer(models.WordPiece({piece: place for place, piece in enumerate(pieces)}, unk_token="[UNK]"))
    fast.normalizer, fast.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    fast.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return fast


def roberta(kind: Any) -> Any:
    return kind(**SIZES, max_position_embeddings=LENGTHS[-1] + 2, pad_token_id=1, type_vocab_size=1)


MOBILE = {"embedding_size": 8, "intra_bottleneck_size": 16, "num_feedforward_networks": 1, "true_hidden_size": 16}
CASES: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "bert": (wordpiece, lambda: transformers.BertConfig(**SIZES)),
    "distilbert": (wordpiece, lambda: transformers.DistilBertConfig(dim=16, n_layers=1, n_heads=2, hidden_dim=32)),
    "mobilebert": (wordpiece, lambda: transformers.MobileBertConfig(**SIZES, **MOBILE)),
    "roberta": (byte_level_reference, lambda: roberta(transformers.RobertaConfig)),
    "xlm-roberta": (unigram_reference, lambda: roberta(transformers.XLMRobertaConfig)),
}


def hub_folder(folder: Path, architecture: str) -> Path:
    """Write a random model in the layout of a hub model."""
    make_tokenizer, make_config = CASES[architecture]
    fast, config = make_tokenizer(), make_config()
    transformers.PreTrainedTokenizerFast(tokenizer_object=fast).save_pretrained(folder)
    config.vocab_size = fast.get_vocab_size()
    keras.utils.set_random_seed(2)
    from_config(config).save_pretrained(folder, safe_serialization=True)
    return folder


@pytest.mark.parametrize("architecture", CASES)
def test_an_architecture_is_fine_tuned_built_and_proved(architecture: str, tiny_csv: Path, tmp_path: Path) -> None:
    """The build itself proves FP32 within 1e-4 of Keras on golden texts and random ids, in every bucket."""
    backbone = str(hub_folder(tmp_path / "hub", architecture))
    config = FitConfig(data=str(tiny_csv), backbone=backbone, epochs=1, batch_size=36, max_length=LENGTHS[-1])
    fit(config, tmp_path / "run", baselines=False)
    manifest = build(tmp_path / "run", tmp_path / "bundle", BuildOptions(recipes=("fp32",), lengths=LENGTHS))
    assert manifest.recipes["fp32"].metrics["against_keras"]["max_difference"] < 1e-4
    counted = census((tmp_path / "bundle" / "model.fp32.tflite").read_bytes())
    assert counted["flex_ops"] == []
    assert counted["dynamic_tensors"] == 0
    bundle = Bundle.open(tmp_path / "bundle")
    tokenizer, interpreter = bundle.tokenizer(), bundle.open_recipe("fp32")
    for text in TEXTS:
        ids = tokenizer.encode(text)[: LENGTHS[0]]
        answers = []
        for length in LENGTHS:
            input_ids, mask = pad([ids], length, tokenizer.pad_id)
            answers.append(interpreter.run(f"encode_{length}", {"input_ids": input_ids, "attention_mask": mask}))
        for name in answers[0]:
            np.testing.assert_allclose(answers[0][name], answers[1][name], atol=1e-4, err_msg=f"{text}: {name}")


def test_positions_are_counted_from_the_padding_id(tmp_path: Path) -> None:
    folder = str(hub_folder(tmp_path / "hub", "roberta"))
    pretrained_backbone(folder, max_length=LENGTHS[-1])
    with pytest.raises(UndertoneError, match=r"--max-length of at most 16 for .*; found 17"):
        pretrained_backbone(folder, max_length=LENGTHS[-1] + 1)


def test_a_tokenizer_that_pads_with_another_id_is_refused(tmp_path: Path) -> None:
    folder = hub_folder(tmp_path / "hub", "roberta")
    config = transformers.AutoConfig.from_pretrained(folder)
    config.pad_token_id = 2
    config.save_pretrained(folder)
    with pytest.raises(UndertoneError, match=r"the padding id 2 of the model in .*; found .* that pads with 1"):
        pretrained_backbone(str(folder), max_length=8)
