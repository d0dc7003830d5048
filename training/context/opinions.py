"""A network that looks at what it thinks of the earlier utterances, instead of at their vectors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mobile_app.engine.task import SIGMOID, Task
from training.context.config import ContextConfig
from training.tensorflow import keras, tf

# The weight of the utterance before, and of each one before that against its successor, at the beginning.
_START, _FADING = 0.1, 0.7


class OpinionNetwork(keras.layers.Layer):  # type: ignore[misc]
    """A linear head per task on every vector; what its probabilities were before corrects the newest logits.

    A vector of hundreds of numbers for each earlier utterance is far more than ten thousand utterances can teach a
    model to use; what the heads make of it, a few probabilities, is not. The correction sees the probabilities of all
    places, those again with the sign of the speaker bit, and one weighted mean of the earlier vectors.
    """

    def __init__(self, config: ContextConfig, tasks: Sequence[Task]) -> None:
        super().__init__(name="opinion_network")
        self.speakers, self.tasks = config.speakers, tuple(tasks)
        self.vector_dropout = keras.layers.Dropout(config.vector_dropout)
        self.dropout = keras.layers.Dropout(config.dropout)
        self.heads = {task.name: keras.layers.Dense(len(task.labels), name=f"{task.name}_head") for task in tasks}
        self.hidden = keras.layers.Dense(config.units, activation="relu", name="hidden")
        # Zeros: training begins with the heads alone.
        self.corrections = {
            task.name: keras.layers.Dense(
                len(task.labels), kernel_initializer="zeros", use_bias=False, name=f"{task.name}_correction"
            )
            for task in tasks
        }

    def build(self, shapes: Any) -> None:
        """Create the weights of the places: an utterance counts less the longer it was ago."""
        ages = _START * _FADING ** np.arange(shapes[1] - 2, -2, -1, dtype=np.float32)
        initial = keras.initializers.Constant(ages[None, :])
        self.ages = self.add_weight("ages", [1, shapes[1]], initializer=initial) if shapes[1] > 1 else None
        super().build(shapes)

    def call(self, vectors: Any, mask: Any, same_speaker: Any, training: bool = False) -> dict[str, Any]:
        """Return logits ``[B, n_labels]`` of standardised vectors ``[B, T, d]``."""
        vectors = self.vector_dropout(vectors, training=training)
        logits = {name: head(vectors) for name, head in self.heads.items()}
        # The heads learn from labels alone, not from what would suit the correction.
        opinions = tf.stop_gradient(tf.concat([_activated(task, logits[task.name]) for task in self.tasks], axis=2))
        seen = [self._of_places(opinions, mask, same_speaker)]
        if self.ages is not None:
            earlier = (mask * self.ages)[:, :-1, None] * vectors[:, :-1]
            seen.append(self.dropout(tf.reduce_sum(earlier, axis=1), training=training))
        seen = tf.concat(seen, axis=1)
        hidden = self.dropout(self.hidden(seen), training=training)
        seen = tf.concat([seen, hidden], axis=1)
        return {name: logits[name][:, -1] + correct(seen) for name, correct in self.corrections.items()}

    def _of_places(self, opinions: Any, mask: Any, same_speaker: Any) -> Any:
        kept = mask[:, :, None]
        parts = [opinions * kept, kept]
        if self.speakers:
            signs = (same_speaker * mask)[:, :, None]
            parts += [opinions * signs, signs]
        of_places = tf.concat(parts, axis=2)
        return tf.reshape(of_places, [-1, of_places.shape[1] * of_places.shape[2]])


def _activated(task: Task, logits: Any) -> Any:
    return tf.sigmoid(logits) if task.activation == SIGMOID else tf.nn.softmax(logits)
