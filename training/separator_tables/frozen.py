"""Frozen features of a dataset: computed once for a backbone, kept on the disk by the hash of both."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from tqdm import tqdm

from mobile_app.engine.command_line import note
from mobile_app.engine.files import write_file
from training.backbone import Backbone, relative_name
from training.batches import ordered_batches, padded
from training.datasets import SPLITS, Dataset
from training.examples import tokenize
from training.kept import kept_arrays
from training.model import masked_mean
from training.separator_tables.labelled import Floats
from training.tensorflow import tf

BATCH_SIZE = 64
LAST_LAYERS = 4
_VERSION = 1  # of what is computed
# What is taken of the token states. "mean" is what the phone computes.
MEAN, MAX, FIRST, LAYERS = "mean", "max", "first", "layers"


class FrozenFeatures:
    """Features of every split, by the way in which token states become a vector.

    ``mean``, ``max`` and ``first`` are of the last layer; ``layers`` is the means of the layers before it (three at
    most), side by side, where a backbone gives them.

    :param cache: the folder in which features are kept.
    """

    def __init__(self, backbone: Backbone, max_length: int, cache: Path) -> None:
        self._backbone, self._max_length, self._cache = backbone, max_length, cache
        self._encode = tf.function(self._states, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)

    def of(self, dataset: Dataset) -> dict[str, dict[str, Floats]]:
        """Return per split and way the features ``[n, d]`` of all its utterances."""
        path = self._cache / f"{self.name(dataset)}.safetensors"
        kept = kept_arrays(path)
        if kept is None:
            kept = {
                f"{split}/{way}": array for split in SPLITS for way, array in self._features(dataset, split).items()
            }
            write_file(path, safetensors.numpy.save(kept))
        else:
            note(f"features of {self._backbone.source['name']} taken from {path.name}")
        return {
            split: {key.split("/")[1]: array for key, array in kept.items() if key.split("/")[0] == split}
            for split in SPLITS
        }

    def name(self, dataset: Dataset) -> str:
        """Return a hash of all that the features depend on."""
        backbone = f"{weights_sha256(self._backbone.model)} {self._backbone.tokenizer.spec.vocabulary_sha256}"
        return hashlib.sha256(f"{_VERSION} {backbone} {dataset.sha256} {self._max_length}".encode()).hexdigest()[:32]

    def _features(self, dataset: Dataset, split: str) -> dict[str, Floats]:
        tokenizer = self._backbone.tokenizer.engine
        ids = tokenize([one.text for one in dataset.split(split)], tokenizer, self._max_length)
        found: dict[str, Floats] = {}
        with tqdm(desc=f"features {split}", total=len(ids), unit="utterance", disable=None, leave=False) as progress:
            for rows in ordered_batches(ids, BATCH_SIZE):
                states = self._encode(*map(tf.constant, padded([ids[row] for row in rows], tokenizer.pad_id)))
                for way, values in states.items():
                    array = values.numpy()
                    found.setdefault(way, np.zeros((len(ids), array.shape[1]), np.float32))[rows] = array
                progress.update(len(rows))
        return found

    def _states(self, input_ids: Any, mask: Any) -> dict[str, Any]:
        model = self._backbone.model
        deep = hasattr(model.config, "num_hidden_layers") and model.config.model_type != "undertone-student"
        options = {"output_hidden_states": True} if deep else {}
        outputs = model(input_ids=input_ids, attention_mask=mask, training=False, **options)
        last = outputs.last_hidden_state
        hidden = tf.cast(mask, last.dtype)[:, :, None]
        found = {
            MEAN: masked_mean(last, mask),
            MAX: tf.reduce_max(last * hidden - 1e4 * (1.0 - hidden), axis=1),
            FIRST: last[:, 0],
        }
        before = outputs.hidden_states[1:-1][-(LAST_LAYERS - 1) :] if deep else ()
        if before:
            found[LAYERS] = tf.concat([masked_mean(states, mask) for states in before], axis=1)
        return found


def wide(features: dict[str, Floats]) -> Floats:
    """Return everything that was taken of the states, side by side: still frozen features."""
    return np.concatenate([features[way] for way in (MEAN, MAX, FIRST, LAYERS) if way in features], axis=1)


def weights_sha256(model: Any) -> str:
    """Return a hash over the weights of a backbone."""
    digest = hashlib.sha256()
    for variable in sorted(model.weights, key=relative_name):
        digest.update(relative_name(variable).encode())
        digest.update(np.ascontiguousarray(variable.numpy()).tobytes())
    return digest.hexdigest()
