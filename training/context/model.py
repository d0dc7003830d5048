"""The context model: vectors of a sequence of utterances in, logits per task out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from training.context.config import OPINIONS, ContextConfig
from training.context.opinions import OpinionNetwork
from training.context.residual import ResidualNetwork
from training.tensorflow import keras, tf

_VECTORS = tf.TensorSpec([None, None, None], tf.float32)
_PLACES = tf.TensorSpec([None, None], tf.float32)


class ContextModel(keras.Model):
    """Vectors of a sequence of utterances in, logits per task out.

    Takes ``{"vectors": [B, T, d], "mask": [B, T], "same_speaker": [B, T]}``, all float32, and returns the logits of
    every task: ``[B, n_labels]`` of the utterance in the last place if it is causal, else ``[B, T, n_labels]``.

    :param dimension: the width of the vectors.
    """

    def __init__(self, config: ContextConfig, tasks: Sequence[Task], dimension: int) -> None:
        super().__init__(name="context_model")
        self.config, self.dimension = config, dimension
        self.mean = self.add_weight("mean", [dimension], initializer="zeros", trainable=False)
        self.scale = self.add_weight("scale", [dimension], initializer="ones", trainable=False)
        self.network = (OpinionNetwork if config.layout == OPINIONS else ResidualNetwork)(config, tasks)
        n_places = config.window if config.causal else 4
        places = tf.ones([1, n_places])
        self({"vectors": tf.zeros([1, n_places, dimension]), "mask": places, "same_speaker": places})

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Return the logits of a batch."""
        vectors = (inputs["vectors"] - self.mean) * self.scale
        return self.network(vectors, inputs["mask"], inputs["same_speaker"], training=training)

    @tf.function(input_signature=[_VECTORS, _PLACES, _PLACES])
    def infer(self, vectors: Any, mask: Any, same_speaker: Any) -> dict[str, Any]:
        """Return what :meth:`call` does outside training, for any shape of batch."""
        if self.config.causal:  # layers of a known length are laid out step by step, which is faster than a loop
            size = self.config.window
            vectors = tf.ensure_shape(vectors, [None, size, self.dimension])
            mask, same_speaker = (tf.ensure_shape(one, [None, size]) for one in (mask, same_speaker))
        return self({"vectors": vectors, "mask": mask, "same_speaker": same_speaker}, training=False)

    def standardise(self, vectors: NDArray[np.float32]) -> None:
        """Make the vectors ``[n, d]`` of the train split have mean 0 and deviation 1 for the layers."""
        self.mean.assign(vectors.mean(axis=0))
        self.scale.assign(1.0 / np.maximum(vectors.std(axis=0), 1e-6))

    def named_weights(self) -> dict[str, Any]:
        """Return every weight by a name that depends on the architecture alone."""
        return {str(variable.name).split("/", 1)[-1].removesuffix(":0"): variable for variable in self.weights}

    def load_weights_by_name(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Assign arrays to all weights.

        :raises UndertoneError: if an array is missing or has another shape.
        """
        for name, variable in self.named_weights().items():
            found = arrays[name].shape if name in arrays else None
            if found != tuple(variable.shape):
                raise UndertoneError(
                    f"a weight {name} of shape {tuple(variable.shape)}",
                    "none" if found is None else f"shape {found}",
                    "take the weights that belong to this architecture",
                )
            variable.assign(arrays[name])
