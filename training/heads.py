"""The head that compares an utterance with a prototype of every label."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.architecture import EUCLIDEAN
from training.tensorflow import keras, tf

# Vectors of length 1 and their means are at most 2 apart, so that no distance gives a logit below -4 / temperature.
_NEVER = -8.0


class PrototypeHead(keras.layers.Layer):  # type: ignore[misc]
    """Logits from the distances to frozen prototypes, which are weights that no gradient changes.

    The input is brought to length 1; the logit of a label is minus the (squared) Euclidean distance to the mean of its
    utterances over the temperature (Snell et al. 2017, eq. 2). For sigmoid tasks every label has a second prototype, of
    the utterances without it, and the logit is the difference of the two distances. A label that no utterance of the
    train split carries is never chosen.

    :param task: whose labels are compared.
    :param width: of the input.
    :param distance: ``squared`` or ``euclidean``.
    :param temperature: that the distances are divided by.
    """

    def __init__(self, task: Task, width: int, *, distance: str, temperature: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width, self.distance, self.temperature = width, distance, temperature
        self.sides = 2 if task.is_multi_label else 1
        shape = [self.sides, len(task.labels)]
        self.prototypes = self.add_weight("prototypes", [*shape, width], initializer="zeros", trainable=False)
        self.counts = self.add_weight("counts", shape, initializer="zeros", trainable=False)

    def call(self, inputs: Any) -> Any:
        """Return the logits ``[B, n_labels]`` of inputs ``[B, width]``."""
        points = self.embed(inputs)
        # |x - p|^2 = 1 + |p|^2 - 2 x p, as a matrix product.
        squares = [
            1.0 + tf.reduce_sum(tf.square(means), axis=1) - 2.0 * tf.matmul(points, means, transpose_b=True)
            for means in tf.unstack(self.prototypes)
        ]
        seen = [counts > 0.5 for counts in tf.unstack(self.counts)]
        return self.logits(squares, seen)

    def embed(self, inputs: Any) -> Any:
        """Return inputs ``[B, width]`` at length 1."""
        return tf.math.l2_normalize(inputs, axis=1)

    def logits(self, squares: list[Any], seen: list[Any]) -> Any:
        """Return logits of squared distances to the prototypes of one or both sides, and of whether there are any.

        :param squares: per side ``[B, n_labels]``.
        :param seen: per side true where there is a prototype, in a shape that broadcasts to that of ``squares``.
        """
        near = [-self._distance(one) / self.temperature for one in squares]
        never = tf.constant(_NEVER / self.temperature)
        if self.sides == 1:
            return tf.where(seen[0], near[0], never)
        return tf.where(seen[0], tf.where(seen[1], near[0] - near[1], -never), never)

    def freeze(self, prototypes: NDArray[Any], counts: NDArray[Any]) -> None:
        """Set the prototypes ``[sides, n_labels, width]`` and how many utterances each stands for."""
        self.prototypes.assign(np.asarray(prototypes, np.float32))
        self.counts.assign(np.asarray(counts, np.float32))

    def _distance(self, squares: Any) -> Any:
        return tf.sqrt(tf.maximum(squares, 1e-12)) if self.distance == EUCLIDEAN else squares
