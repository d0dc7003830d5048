"""A student as it begins: the teacher's embeddings, some of its layers, and its features on fewer axes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import UndertoneError
from training.backbone import Backbone, from_config, relative_name
from training.checkpoint import Run
from training.distill_config import DistillConfig
from training.student import StudentConfig
from training.trimming import TrimmedVocabulary

Floats = NDArray[np.float32]
_LAYER = "backbone/bert/encoder/layer_._{}/"
_WORDS = "backbone/bert/embeddings/word_embeddings/weight"
_POSITIONS = "backbone/bert/embeddings/position_embeddings/embeddings"
_TYPES = "backbone/bert/embeddings/token_type_embeddings/embeddings"
_NORM = "backbone/bert/embeddings/LayerNorm/"


@dataclass(frozen=True)
class Axes:
    """The principal axes of a teacher's features, on which a student's features are learned.

    :param matrix: ``[teacher's width, n]``, orthonormal columns, the most important first.
    """

    matrix: Floats

    @classmethod
    def of(cls, features: Floats, n: int) -> "Axes":
        """Return the ``n`` axes that keep most of the squared length of features of train."""
        _, vectors = np.linalg.eigh(features.T.astype(np.float64) @ features)
        return cls(vectors[:, ::-1][:, :n].astype(np.float32))

    def project(self, features: Floats) -> Floats:
        """Return features ``[m, n]``."""
        return features @ self.matrix


def initial_student(config: DistillConfig, teacher: Run, vocabulary: TrimmedVocabulary, axes: Axes) -> Backbone:
    """Build a student from its teacher.

    :raises UndertoneError: if the teacher has fewer layers, positions or features than the student asks for.
    """
    bert = teacher.model.backbone.config
    _require("--layers", max(config.layers), bert.num_hidden_layers)
    _require("--positions", config.positions, bert.max_position_embeddings)
    _require("--features", config.features, bert.hidden_size)
    _require("--embedding", config.embedding, bert.hidden_size)
    model = from_config(
        StudentConfig(
            vocab_size=len(vocabulary.sources),
            embedding_size=config.embedding or bert.hidden_size,
            width=bert.hidden_size,
            hidden_size=config.features,
            num_hidden_layers=len(config.layers),
            num_attention_heads=bert.num_attention_heads,
            intermediate_size=bert.intermediate_size,
            max_position_embeddings=config.positions,
            pad_token_id=vocabulary.tokenizer.wordpiece.pad_id,
        )
    )
    weights = {name: variable.numpy() for name, variable in teacher.model.named_weights().items()}
    _assign(model, _from_teacher(config, weights, vocabulary, axes))
    return Backbone(model, vocabulary.tokenizer, {"name": teacher.path.name, "kind": "distilled"})


def _from_teacher(
    config: DistillConfig, weights: Mapping[str, Floats], vocabulary: TrimmedVocabulary, axes: Axes
) -> dict[str, Floats]:
    """Return every weight of the student by its name."""
    words = vocabulary.embeddings(weights[_WORDS])
    initial = {
        "embeddings/positions": weights[_POSITIONS][: config.positions] + weights[_TYPES][0],
        "embeddings/LayerNorm/gamma": weights[f"{_NORM}gamma"],
        "embeddings/LayerNorm/beta": weights[f"{_NORM}beta"],
        "projection/kernel": axes.matrix,
        "projection/bias": np.zeros(config.features, np.float32),
    }
    if config.embedding in (0, words.shape[1]):
        initial["embeddings/words"] = words
    else:
        _, _, directions = np.linalg.svd(words, full_matrices=False)
        initial["embeddings/widen/kernel"] = directions[: config.embedding]
        initial["embeddings/words"] = words @ directions[: config.embedding].T
    for place, layer in enumerate(config.layers):
        prefix = _LAYER.format(layer - 1)
        for name, array in weights.items():
            if name.startswith(prefix):
                initial[f"encoder/layer_._{place}/{name.removeprefix(prefix)}"] = array
    return initial


def _assign(model: Any, initial: Mapping[str, Floats]) -> None:
    for variable in model.weights:
        variable.assign(initial[relative_name(variable)])


def _require(option: str, wanted: int, most: int) -> None:
    if wanted > most:
        raise UndertoneError(f"{option} of at most {most}, what the teacher has", str(wanted), "choose a smaller one")
