"""Backbones: a small BERT built in place, or a pretrained model of the BERT family, in TensorFlow."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError
from training import student  # noqa: F401 - makes its architecture known to transformers
from training.config import SHIPPED, TINY
from training.fast_tokenizer import from_fast_tokenizer
from training.tensorflow import transformers
from training.tokenizer import Tokenizer, train_wordpiece
from training.zoo import model as zoo  # noqa: F401 - makes its architectures known to transformers
from training.zoo.config import ZooConfig

# RoBERTa and its kin number the tokens from the id of padding + 1, and padding itself with that id.
COUNT_FROM_PADDING = ("roberta", "xlm-roberta")


@dataclass(frozen=True)
class Backbone:
    """A transformer encoder and the tokenizer that belongs to it.

    :param model: the transformers model, with its weights created.
    :param source: where it comes from: ``name`` and ``kind``, one of ``tiny``, ``zoo``, ``shipped``, ``pretrained``,
        ``run`` and ``distilled``.
    """

    model: Any
    tokenizer: Tokenizer
    source: dict[str, str]


def tiny_backbone(texts: Iterable[str]) -> Backbone:
    """Build a BERT of 2 layers, 128 wide, with fresh weights and a vocabulary trained on ``texts``."""
    tokenizer = train_wordpiece(texts)
    config = transformers.BertConfig(
        vocab_size=tokenizer.spec.vocabulary_size,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=512,
        max_position_embeddings=512,
        pad_token_id=tokenizer.wordpiece.pad_id,
    )
    return Backbone(from_config(config), tokenizer, {"name": TINY, "kind": "tiny"})


def zoo_backbone(architecture: str, texts: Iterable[str]) -> Backbone:
    """Build a backbone of the zoo with fresh weights and a vocabulary trained on ``texts``.

    :param architecture: one of ``training.zoo.ARCHITECTURES``.
    """
    tokenizer = train_wordpiece(texts)
    config = ZooConfig(
        architecture=architecture,
        vocab_size=tokenizer.spec.vocabulary_size,
        pad_token_id=tokenizer.wordpiece.pad_id,
    )
    return Backbone(from_config(config), tokenizer, {"name": architecture, "kind": "zoo"})


def pretrained_backbone(name: str, *, max_length: int) -> Backbone:
    """Load a backbone by its hub name or from a folder in the layout of a hub model.

    :raises UndertoneError: if there is none, it cannot be used from TensorFlow, or its tokenizer is of no known family.
    """
    try:
        fast = transformers.AutoTokenizer.from_pretrained(name, use_fast=True)
        tokenizer = from_fast_tokenizer(fast.backend_tokenizer.to_str(), name)
        model = transformers.TFAutoModel.from_pretrained(name)
    except (OSError, ValueError, AttributeError, ImportError) as error:
        raise UndertoneError(
            f"a backbone: {', '.join((TINY, *SHIPPED))}, a hub name, a folder of a pretrained model with safetensors "
            "or TensorFlow weights, or a run folder",
            f"{name}: {str(error).strip().splitlines()[0]}",
            "correct the name, or download the model and give its folder",
        ) from error
    longest = longest_input(model.config)
    if longest is not None and longest < max_length:
        raise UndertoneError(
            f"--max-length of at most {longest} for {name}", str(max_length), "choose a smaller length"
        )
    padding = model.config.pad_token_id
    if model.config.model_type in COUNT_FROM_PADDING and padding != tokenizer.engine.pad_id:
        raise UndertoneError(
            f"the padding id {padding} of the model in {name}, from which it counts its positions",
            f"a tokenizer that pads with {tokenizer.engine.pad_id}",
            "give the model and the tokenizer that belong together",
        )
    kind = "pretrained"
    return Backbone(model, tokenizer, {"name": Path(name).name if Path(name).is_dir() else name, "kind": kind})


def longest_input(config: Any) -> int | None:
    """Return the most tokens that the positions of an architecture allow, or None if it has none to run out of."""
    positions = getattr(config, "max_position_embeddings", None)
    if positions is not None and config.model_type in COUNT_FROM_PADDING:
        return int(positions) - config.pad_token_id - 1
    return positions


def from_config(config: Any) -> Any:
    """Return the transformers model of a configuration, with fresh weights."""
    model = transformers.TFAutoModel.from_config(config)
    model(model.dummy_inputs)  # creates the weights, under names that do not depend on who calls it
    return model


def save_config(model: Any, folder: Path) -> None:
    """Write the architecture of a backbone as ``config.json``."""
    values = {key: value for key, value in model.config.to_diff_dict().items() if key != "_name_or_path"}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def load_architecture(folder: Path) -> Any:
    """Return the model of the ``config.json`` that :func:`save_config` wrote, with fresh weights."""
    return from_config(transformers.AutoConfig.from_pretrained(folder))


def relative_name(variable: Any) -> str:
    """Return the name of a variable without the counter that Keras adds to the class of its model."""
    return str(variable.name).split("/", 1)[1].removesuffix(":0")
