"""The vectors of utterances: computed once by a backbone that no longer learns, kept on the disk."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from tqdm import tqdm

from mobile_app.engine.command_line import note
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import write_file
from mobile_app.engine.tokenizer import Tokenizer
from training import checkpoint
from training.backbone import relative_name
from training.backbone_choice import choose_backbone
from training.batches import ordered_batches, padded
from training.context.config import ContextConfig
from training.context.sequences import Floats
from training.datasets import SPLITS, Dataset
from training.examples import tokenize
from training.kept import kept_arrays
from training.model import masked_mean
from training.tensorflow import tf

LAST_LAYERS = 4
_BATCH_SIZE = 64
_VERSION = 1  # of what is computed


@dataclass(frozen=True)
class Vectors:
    """Vectors of every split, and what made them.

    :param arrays: per split ``[n, d]``.
    :param sha256: of the weights that made them.
    """

    arrays: dict[str, Floats]
    sha256: str


def vectors_of(config: ContextConfig, dataset: Dataset, cache: Path) -> Vectors:
    """Return the vectors of a dataset, from the disk if they were asked for before.

    :param cache: the folder in which vectors are kept.
    :raises UndertoneError: if the backbone cannot be used, or does not give this kind of vectors.
    """
    source = _source(config)
    sha256 = weights_sha256(source.weights)
    what = f"{_VERSION} {sha256} {dataset.sha256} {config.max_length} {config.vectors}"
    path = cache / f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.safetensors"
    arrays = kept_arrays(path)
    if arrays is None:
        arrays = _compute(config, dataset, source)
        write_file(path, safetensors.numpy.save(arrays))
    else:
        note(f"vectors taken from {path.name}")
    return Vectors(arrays, sha256)


def weights_sha256(weights: Mapping[str, Any]) -> str:
    """Return a hash over named weights."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(weights[name].numpy()).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class _Source:
    """What makes vectors: token ids and mask in, features out.

    :param weights: all that the vectors depend on, by name.
    """

    backbone: Any
    tokenizer: Tokenizer
    features: Callable[[Any, Any], Any]
    weights: dict[str, Any]


def _source(config: ContextConfig) -> _Source:
    path = Path(config.run)
    if checkpoint.is_run(path):
        run = checkpoint.load_run(path)

        def of_run(input_ids: Any, mask: Any) -> Any:
            return run.model.infer(input_ids, mask)["features"]

        return _Source(run.model.backbone, run.tokenizer, of_run, run.model.named_weights())
    chosen = choose_backbone(config.run, (), (), max_length=config.max_length).backbone

    def mean(input_ids: Any, mask: Any) -> Any:
        states = chosen.model(input_ids=input_ids, attention_mask=mask, training=False).last_hidden_state
        return masked_mean(states, mask)

    weights = {relative_name(variable): variable for variable in chosen.model.weights}
    return _Source(chosen.model, chosen.tokenizer.engine, mean, weights)


def _compute(config: ContextConfig, dataset: Dataset, source: _Source) -> dict[str, Floats]:
    encode = tf.function(_encoder(config.vectors, source), input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
    arrays: dict[str, Floats] = {}
    for split in SPLITS:
        ids = tokenize([one.text for one in dataset.split(split)], source.tokenizer, config.max_length)
        with tqdm(desc=f"vectors {split}", total=len(ids), unit="utterance", disable=None, leave=False) as progress:
            for rows in ordered_batches(ids, _BATCH_SIZE):
                found = encode(*map(tf.constant, padded([ids[row] for row in rows], source.tokenizer.pad_id))).numpy()
                arrays.setdefault(split, np.zeros((len(ids), found.shape[1]), np.float32))[rows] = found
                progress.update(len(rows))
    return arrays


def _encoder(kind: str, source: _Source) -> Callable[[Any, Any], Any]:
    model = source.backbone
    layered = hasattr(model.config, "num_hidden_layers") and model.config.model_type != "undertone-student"
    if kind == "features":
        return source.features
    if not layered:
        raise UndertoneError(
            "--vectors features for this backbone",
            f"--vectors {kind}",
            "take features: this architecture does not give out the layers before its last",
        )

    def layers(input_ids: Any, mask: Any) -> Any:
        states = model(input_ids=input_ids, attention_mask=mask, output_hidden_states=True, training=False)
        return tf.concat([one[:, 0] for one in states.hidden_states[1:][-LAST_LAYERS:]], axis=1)

    def both(input_ids: Any, mask: Any) -> Any:
        return tf.concat([source.features(input_ids, mask), layers(input_ids, mask)], axis=1)

    return both if kind == "both" else layers
