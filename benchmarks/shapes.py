"""Models of several architectures with random weights, converted to fp32."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from converter.convert import convert
from converter.trace import save_traced
from mobile_app.engine.recipe import recipe_named
from mobile_app.engine.task import Task
from training.backbone import from_config
from training.model import MultitaskModel
from training.tensorflow import tf, transformers

VOCABULARY = 2000
N_UTTERANCES = 160
_TASKS = (Task("emotion", ("joy", "anger", "neutral"), "softmax"),)
# Of the size that is published, but for the vocabulary, or small enough for a trial.
_FULL: dict[str, tuple[str, dict[str, Any]]] = {
    "BERT-Tiny-shaped": ("Bert", {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2,
                                  "intermediate_size": 512}),
    "BERT-Medium-shaped": ("Bert", {"hidden_size": 512, "num_hidden_layers": 8, "num_attention_heads": 8,
                                    "intermediate_size": 2048}),
    "DistilBERT-shaped": ("DistilBert", {}),
    "MobileBERT-shaped": ("MobileBert", {}),
    "RoBERTa-shaped": ("Roberta", {"num_hidden_layers": 6, "pad_token_id": 0, "type_vocab_size": 1}),
}  # fmt: skip
_SMALL: dict[str, tuple[str, dict[str, Any]]] = {
    "BERT-Tiny-shaped": _FULL["BERT-Tiny-shaped"],
    "MobileBERT-shaped": ("MobileBert", {"num_hidden_layers": 2}),
}


def shapes(size: str, lengths: Sequence[int]) -> Iterator[tuple[str, bytes, list[list[int]]]]:
    """Yield name, fp32 file and token ids of seeded utterances for each architecture.

    :param size: ``full``, ``small`` or ``none``.
    """
    for name, (kind, options) in {"full": _FULL, "small": _SMALL, "none": {}}[size].items():
        tf.keras.utils.set_random_seed(1)
        config = getattr(transformers, f"{kind}Config")(vocab_size=VOCABULARY, **options)
        model = MultitaskModel(from_config(config), _TASKS)
        with tempfile.TemporaryDirectory() as scratch:
            signatures = save_traced(model, _TASKS, lengths, Path(scratch))
            converted = convert(Path(scratch), signatures, recipe_named("fp32"))
        random = np.random.default_rng(0)
        sizes = random.integers(4, lengths[-1] + 1, N_UTTERANCES)
        yield name, converted, [random.integers(4, VOCABULARY, n).tolist() for n in sizes]
