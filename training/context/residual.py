"""The network of the CNN-LSTM paper around a layout: the utterance's own vector goes past the context."""

from collections.abc import Sequence
from typing import Any

from mobile_app.engine.task import Task
from training.context.config import ContextConfig
from training.context.layouts import BODIES
from training.tensorflow import keras, tf


class ResidualNetwork(keras.layers.Layer):  # type: ignore[misc]
    """Vectors -> a fully connected layer -> the layout -> joined with the utterance's own vector -> a head per task.

    The own vector comes through two fully connected layers (the paper's residual connection).
    """

    def __init__(self, config: ContextConfig, tasks: Sequence[Task]) -> None:
        super().__init__(name="residual_network")
        self.causal = config.causal
        width = config.width
        self.entry = keras.layers.Dense(width, activation="relu", name="entry")
        self.speaker = keras.layers.Dense(width, use_bias=False, name="speaker") if config.speakers else None
        self.body: Any = BODIES[config.layout](config.units, config.dropout)
        self.merge = keras.layers.Dense(width, name="merge")
        self.own = [keras.layers.Dense(width, activation=kind, name=f"own_{kind}") for kind in ("relu", "linear")]
        self.joined = keras.layers.Dense(width, activation="relu", name="joined")
        self.dropout = keras.layers.Dropout(config.dropout)
        self.vector_dropout = keras.layers.Dropout(config.vector_dropout)
        self.heads = {task.name: keras.layers.Dense(len(task.labels), name=f"{task.name}_head") for task in tasks}

    def call(self, vectors: Any, mask: Any, same_speaker: Any, training: bool = False) -> dict[str, Any]:
        """Return logits of standardised vectors ``[B, T, d]``."""
        vectors = self.vector_dropout(vectors, training=training)
        states = self.entry(vectors)
        if self.speaker is not None:
            states += self.speaker(same_speaker[:, :, None])
        seen = self.body(self.dropout(states, training=training), mask, training=training)
        if self.causal:
            vectors, seen = vectors[:, -1], seen[:, -1]
        own = self.own[1](self.dropout(self.own[0](vectors), training=training))
        hidden = tf.nn.relu(self.merge(seen) + own)
        hidden = self.joined(self.dropout(hidden, training=training))
        hidden = self.dropout(hidden, training=training)
        return {name: head(hidden) for name, head in self.heads.items()}
