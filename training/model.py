"""The multitask model: one backbone, one pooling, and for each task a branch and a head."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task
from training.architecture import DENSE, LEAKY, PLAIN, PROTOTYPES, Architecture
from training.backbone import relative_name
from training.heads import PrototypeHead
from training.tensorflow import keras, tf
from training.token_block import TokenBlock

_TOKENS = tf.TensorSpec([None, None], tf.int32)
_ACTIVATIONS = {DENSE: "tanh", LEAKY: tf.nn.leaky_relu}


class MultitaskModel(keras.Model):
    """Backbone -> token-level block -> pooling -> dropout -> a branch and a head per task.

    Takes ``{"input_ids", "attention_mask"}`` (int32 ``[B, L]``) and returns ``features`` (float32 ``[B, d]``, before
    the dropout and before anything that belongs to one task) and the logits ``[B, n_labels]`` of every task under its
    name. A task with prototypes also gives what is compared with them, ``[B, units]``, under :func:`embedding_of`.

    :param backbone: a transformers model whose weights exist.
    :param tasks: one head each.
    :param pooling: ``mean`` (of the token states under the mask) or ``cls`` (the first token's state).
    :param dropout: share of the features, and of the outputs of a branch, dropped in training.
    :param architecture: what stands between backbone and probabilities.
    """

    def __init__(
        self,
        backbone: Any,
        tasks: Sequence[Task],
        *,
        pooling: str = "mean",
        dropout: float = 0.1,
        architecture: Architecture = PLAIN,
    ) -> None:
        super().__init__(name="multitask_model")
        self.backbone, self.pooling, self.architecture = backbone, pooling, architecture
        names = [task.name for task in tasks]
        self.block = _token_block(names, self.feature_dimension, architecture)
        self.dropout = keras.layers.Dropout(dropout)
        units = architecture.units(self.feature_dimension)
        activation = _ACTIVATIONS.get(architecture.branch)
        self.branches = {
            name: keras.layers.Dense(units, activation, name=f"{name}_branch") for name in names if activation
        }
        self.branch_dropout: Any = keras.layers.Dropout(dropout) if self.branches else None
        self.heads = {task.name: _head(task, units, architecture) for task in tasks}
        self(_smallest_batch())  # creates the weights

    @property
    def feature_dimension(self) -> int:
        """The width of ``features``."""
        return int(self.backbone.config.hidden_size)

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Return the features and logits of a batch."""
        mask = inputs["attention_mask"]
        # token_type_ids are left to the backbone: zeros in BERT, none at all in DistilBERT.
        tokens = _without_padding(self.backbone, inputs["input_ids"], mask)
        states = self.backbone(
            **tokens, attention_mask=mask, training=training and self.backbone.trainable
        ).last_hidden_state
        of_task: dict[str, Any] = {}
        if self.block is not None:
            states, of_task = self.block(states, mask, training=training)
        features = self._pooled(states, mask)
        outputs = {"features": features}
        dropped = self.dropout(features, training=training)
        for name, head in self.heads.items():
            own = of_task.get(name, states)
            inner = dropped if own is states else self.dropout(self._pooled(own, mask), training=training)
            if name in self.branches:
                inner = self.branch_dropout(self.branches[name](inner), training=training)
            outputs[name] = head(inner)
            if isinstance(head, PrototypeHead):
                outputs[embedding_of(name)] = head.embed(inner)
        return outputs

    @tf.function(input_signature=[_TOKENS, _TOKENS])
    def infer(self, input_ids: Any, attention_mask: Any) -> dict[str, Any]:
        """Return what :meth:`call` does outside training, for any shape of batch."""
        return self({"input_ids": input_ids, "attention_mask": attention_mask}, training=False)

    @property
    def trained_variables(self) -> list[Any]:
        """The variables that training changes; BERT's pooler is no part of any output."""
        return [variable for variable in self.trainable_variables if "/pooler/" not in variable.name]

    @property
    def prototype_heads(self) -> dict[str, PrototypeHead]:
        """The heads that compare with prototypes, by task."""
        return {name: head for name, head in self.heads.items() if isinstance(head, PrototypeHead)}

    def linear_heads(self) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Return kernel ``[d, n_labels]`` and bias of each head that is linear in ``features``."""
        if self.branches or (self.block is not None and self.block.own):
            return {}
        return {
            name: (head.kernel.numpy(), head.bias.numpy())
            for name, head in self.heads.items()
            if not isinstance(head, PrototypeHead)
        }

    def named_weights(self) -> dict[str, Any]:
        """Return every weight by a name that depends on the architecture alone."""
        weights = {f"backbone/{relative_name(variable)}": variable for variable in self.backbone.weights}
        if self.block is not None:
            weights |= {f"block/{name}": variable for name, variable in self.block.named_weights().items()}
        for task, branch in self.branches.items():
            weights |= {f"branches/{task}/kernel": branch.kernel, f"branches/{task}/bias": branch.bias}
        for task, head in self.heads.items():
            kinds = ("prototypes", "counts") if isinstance(head, PrototypeHead) else ("kernel", "bias")
            weights |= {f"heads/{task}/{kind}": getattr(head, kind) for kind in kinds}
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

    def load_fitting_weights(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Assign those arrays that have the name and shape of a weight, and leave the other weights as they are."""
        for name, variable in self.named_weights().items():
            if name in arrays and arrays[name].shape == tuple(variable.shape):
                variable.assign(arrays[name])

    def _pooled(self, states: Any, mask: Any) -> Any:
        return masked_mean(states, mask) if self.pooling == "mean" else states[:, 0]


def _without_padding(backbone: Any, input_ids: Any, mask: Any) -> dict[str, Any]:
    """Return the tokens as the backbone shall get them: what stands in the padding must not matter.

    MobileBERT embeds each token together with both its neighbours (Sun et al. 2020, section 3.1), so that the last one
    would see padding in one length bucket and nothing in another. Zeros are what it sees at the end of a full bucket.
    """
    if backbone.config.model_type != "mobilebert":
        return {"input_ids": input_ids}
    table = backbone.mobilebert.embeddings.weight
    embedded = tf.gather(table, input_ids) * tf.cast(mask, table.dtype)[:, :, None]
    return {"input_ids": None, "inputs_embeds": embedded}  # Keras wants the first argument named


def embedding_of(task: str) -> str:
    """Return the name of the output that is compared with the prototypes of a task."""
    return f"{task}.embedding"


def masked_mean(states: Any, mask: Any) -> Any:
    """Return the mean of the states ``[B, L, d]`` of the tokens that the mask ``[B, L]`` keeps."""
    weights = tf.cast(mask, states.dtype)[:, :, None]
    return tf.reduce_sum(states * weights, axis=1) / tf.reduce_sum(weights, axis=1)


def _token_block(tasks: Sequence[str], width: int, architecture: Architecture) -> TokenBlock | None:
    parts = {"self_attention": architecture.self_attention, "cross_attention": architecture.cross_attention}
    return TokenBlock(tasks, width, **parts, name="token_block") if any(parts.values()) else None


def _head(task: Task, width: int, architecture: Architecture) -> Any:
    name = f"{task.name}_head"
    if architecture.head != PROTOTYPES:
        return keras.layers.Dense(len(task.labels), name=name)
    return PrototypeHead(task, width, distance=architecture.distance, temperature=architecture.temperature, name=name)


def _smallest_batch() -> dict[str, Any]:
    return {name: tf.constant(np.ones((1, 4), np.int32)) for name in ("input_ids", "attention_mask")}
