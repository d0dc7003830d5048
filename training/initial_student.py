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
_NEURONS = ("intermediate/dense/kernel", "intermediate/dense/bias", "output/dense/kernel")


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

    What has the teacher's form starts from the teacher; a student of another width has layers, positions and a
    projection that begin at random, and words on the teacher's principal directions.

    :raises UndertoneError: if the teacher has fewer layers, positions, features or neurons than the student asks for,
        or if its heads do not fit the student's width.
    """
    bert = teacher.model.backbone.config
    width = config.width or bert.hidden_size
    head = bert.hidden_size // bert.num_attention_heads
    if width % head:
        raise UndertoneError(f"--width a multiple of {head}, the width of a head", str(width), "choose another")
    _require("--layers", max(config.layers), bert.num_hidden_layers)
    _require("--positions", config.positions, bert.max_position_embeddings)
    _require("--features", config.features, bert.hidden_size)
    _require("--embedding", config.embedding, bert.hidden_size)
    _require("--width", width, bert.hidden_size)
    _require("--intermediate", config.intermediate, bert.intermediate_size)
    model = from_config(
        StudentConfig(
            vocab_size=len(vocabulary.sources),
            embedding_size=config.embedding or width,
            width=width,
            hidden_size=config.features,
            num_hidden_layers=len(config.layers),
            num_attention_heads=width // head,
            intermediate_size=config.intermediate or bert.intermediate_size,
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
    """Return the weights that a student takes over, by their names in the student."""
    words = vocabulary.embeddings(weights[_WORDS])
    teacher_width = words.shape[1]
    width = config.width or teacher_width
    size = config.embedding or width
    directions = np.eye(teacher_width, dtype=np.float32)
    if size < teacher_width:
        directions = np.linalg.svd(words, full_matrices=False)[2][:size]
    initial = {"embeddings/words": words @ directions.T}
    if width != teacher_width:
        return initial
    initial |= {
        "embeddings/positions": weights[_POSITIONS][: config.positions] + weights[_TYPES][0],
        "embeddings/widen/kernel": directions,
        "embeddings/LayerNorm/gamma": weights[f"{_NORM}gamma"],
        "embeddings/LayerNorm/beta": weights[f"{_NORM}beta"],
        "projection/kernel": axes.matrix,
        "projection/bias": np.zeros(config.features, np.float32),
    }
    for place, layer in enumerate(config.layers):
        prefix = _LAYER.format(layer - 1)
        taken = {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}
        for name, array in _narrowed(taken, config.intermediate).items():
            initial[f"encoder/layer_._{place}/{name}"] = array
    return initial


def _narrowed(layer: dict[str, Floats], neurons: int) -> dict[str, Floats]:
    """Keep the neurons between a layer's dense layers whose weights, in times out, are largest; all of them if 0."""
    inner, bias, outer = (layer[name] for name in _NEURONS)
    if not neurons:
        return layer
    strength = np.linalg.norm(inner, axis=0) * np.linalg.norm(outer, axis=1)
    kept = np.sort(np.argsort(strength)[-neurons:])
    return layer | dict(zip(_NEURONS, (inner[:, kept], bias[kept], outer[kept]), strict=True))


def _assign(model: Any, initial: Mapping[str, Floats]) -> None:
    for variable in model.weights:
        name = relative_name(variable)
        if name in initial:
            variable.assign(initial[name])


def _require(option: str, wanted: int, most: int) -> None:
    if wanted > most:
        raise UndertoneError(f"{option} of at most {most}, what the teacher has", str(wanted), "choose a smaller one")
