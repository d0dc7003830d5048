"""The multitask model: one backbone, one pooling, one linear head per task."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from training.backbone import relative_name
from training.tensorflow import keras, tf

_TOKENS = tf.TensorSpec([None, None], tf.int32)


class MultitaskModel(keras.Model):
    """Backbone -> pooling -> dropout -> a linear head per task.

    Takes ``{"input_ids", "attention_mask"}`` (int32 ``[B, L]``) and returns ``features`` (float32 ``[B, d]``, before
    the dropout) and the logits ``[B, n_labels]`` of every task under its name.

    :param backbone: a transformers model whose weights exist.
    :param tasks: one head each.
    :param pooling: ``mean`` (of the token states under the mask) or ``cls`` (the first token's state).
    :param dropout: share of the features dropped in training.
    """

    def __init__(self, backbone: Any, tasks: Sequence[Task], *, pooling: str = "mean", dropout: float = 0.1) -> None:
        super().__init__(name="multitask_model")
        self.backbone, self.pooling = backbone, pooling
        self.dropout = keras.layers.Dropout(dropout)
        self.heads = {task.name: keras.layers.Dense(len(task.labels), name=f"{task.name}_head") for task in tasks}
        self(_smallest_batch())  # creates the heads

    @property
    def feature_dimension(self) -> int:
        """The width of ``features``."""
        return int(self.backbone.config.hidden_size)

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Return the features and logits of a batch."""
        mask = inputs["attention_mask"]
        # token_type_ids are left to the backbone: zeros in BERT, none at all in DistilBERT.
        states = self.backbone(
            input_ids=inputs["input_ids"], attention_mask=mask, training=training and self.backbone.trainable
        ).last_hidden_state
        features = masked_mean(states, mask) if self.pooling == "mean" else states[:, 0]
        dropped = self.dropout(features, training=training)
        return {"features": features} | {name: head(dropped) for name, head in self.heads.items()}

    @tf.function(input_signature=[_TOKENS, _TOKENS])
    def infer(self, input_ids: Any, attention_mask: Any) -> dict[str, Any]:
        """Return what :meth:`call` does outside training, for any shape of batch."""
        return self({"input_ids": input_ids, "attention_mask": attention_mask}, training=False)

    @property
    def trained_variables(self) -> list[Any]:
        """The variables that training changes; BERT's pooler is no part of any output."""
        return [variable for variable in self.trainable_variables if "/pooler/" not in variable.name]

    def named_weights(self) -> dict[str, Any]:
        """Return every weight by a name that depends on the architecture alone."""
        weights = {f"backbone/{relative_name(variable)}": variable for variable in self.backbone.weights}
        for task, head in self.heads.items():
            weights |= {f"heads/{task}/kernel": head.kernel, f"heads/{task}/bias": head.bias}
        return weights

    def load_weights_by_name(self, arrays: Mapping[str, NDArray[Any]], *, prefix: str = "") -> None:
        """Assign arrays to the weights whose names begin with ``prefix``.

        :raises UndertoneError: if an array is missing or has another shape.
        """
        for name, variable in self.named_weights().items():
            if name.startswith(prefix):
                found = arrays[name].shape if name in arrays else None
                if found != tuple(variable.shape):
                    raise UndertoneError(
                        f"a weight {name} of shape {tuple(variable.shape)}",
                        "none" if found is None else f"shape {found}",
                        "take the weights that belong to this architecture",
                    )
                variable.assign(arrays[name])


def masked_mean(states: Any, mask: Any) -> Any:
    """Return the mean of the states ``[B, L, d]`` of the tokens that the mask ``[B, L]`` keeps."""
    weights = tf.cast(mask, states.dtype)[:, :, None]
    return tf.reduce_sum(states * weights, axis=1) / tf.reduce_sum(weights, axis=1)


def _smallest_batch() -> dict[str, Any]:
    return {name: tf.constant(np.ones((1, 4), np.int32)) for name in ("input_ids", "attention_mask")}
