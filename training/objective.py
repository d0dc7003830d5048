"""What training makes smaller, with the parts of it that change from epoch to epoch: class weights and gamma."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.class_weights import ADAPTIVE, NONE, adjusted, balanced, counts_of
from training.config import FitConfig
from training.examples import Examples
from training.losses import cross_entropy, focal_loss, masked_mean
from training.tensorflow import tf


class Objective:
    """The loss of each task: cross-entropy or focal loss, with or without class weights.

    Adaptive class weights follow the errors on the train split, as they were made during the epoch before; dev stays
    unseen, so that it can still choose the epoch. They are the only state, see :meth:`state`.

    :param examples: the train split, whose labels are counted.
    """

    def __init__(self, tasks: Sequence[Task], examples: Examples, config: FitConfig) -> None:
        self._tasks, self._config = tuple(tasks), config
        self._counts = {task.name: counts_of(task, examples) for task in tasks}
        ones = {name: np.ones_like(counts) for name, counts in self._counts.items()}
        start = ones if config.class_weights == NONE else {n: balanced(c) for n, c in self._counts.items()}
        self.weights = {name: tf.Variable(values, trainable=False) for name, values in start.items()}
        self._wrong = {name: tf.Variable(values * 0.0, trainable=False) for name, values in ones.items()}
        self._seen = {name: tf.Variable(values * 0.0, trainable=False) for name, values in ones.items()}
        self.gamma = tf.Variable(0.0, trainable=False)

    def __call__(
        self, outputs: Mapping[str, Any], targets: Mapping[str, Any], masks: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the loss of each task; where it is adaptive, count what is not recognised."""
        if self._config.class_weights == ADAPTIVE:
            for task in self._tasks:
                self._count(task, outputs[task.name], targets[task.name], masks[task.name])
        return {
            task.name: masked_mean(self._loss(task, outputs[task.name], targets[task.name]), masks[task.name])
            for task in self._tasks
        }

    def begin_epoch(self, epoch: int) -> None:
        """Set gamma for an epoch, counted from 1, and forget what was counted in the one before."""
        self.gamma.assign(gamma_of(self._config, epoch))
        for counted in (*self._wrong.values(), *self._seen.values()):
            counted.assign(tf.zeros_like(counted))

    def end_epoch(self) -> None:
        """Adjust the class weights, where they are adaptive."""
        if self._config.class_weights == ADAPTIVE:
            for name, weights in self.weights.items():
                weights.assign(adjusted(self._counts[name], self._wrong[name].numpy(), self._seen[name].numpy()))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return what the next epoch needs to know of those before."""
        if self._config.class_weights != ADAPTIVE:
            return {}
        return {f"class_weights.{name}": weights.numpy() for name, weights in self.weights.items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Continue from what :meth:`state` returned."""
        for name in self.state():
            self.weights[name.removeprefix("class_weights.")].assign(state[name])

    def _loss(self, task: Task, logits: Any, targets: Any) -> Any:
        config = self._config
        if not config.is_focal and config.class_weights == NONE:
            return cross_entropy(task, logits, targets)
        loss = focal_loss(task, logits, targets, weights=self.weights[task.name], gamma=self.gamma)
        if config.prototypical_loss:
            loss += config.prototypical_loss * cross_entropy(task, logits, targets)
        return loss

    def _count(self, task: Task, logits: Any, targets: Any, mask: Any) -> None:
        wrong, seen = misses(task, logits, targets, mask)
        self._wrong[task.name].assign_add(wrong)
        self._seen[task.name].assign_add(seen)


def gamma_of(config: FitConfig, epoch: int) -> float:
    """Return gamma of an epoch: from ``focal_gamma`` at the first to ``focal_gamma_end`` at the last, linearly."""
    if not config.is_focal:
        return 0.0
    first = config.gamma
    last = first if config.focal_gamma_end is None else config.focal_gamma_end
    return first + (last - first) * (epoch - 1) / max(1, config.epochs - 1)


def misses(task: Task, logits: Any, targets: Any, mask: Any) -> tuple[Any, Any]:
    """Return how many utterances of each class were not recognised, and out of how many.

    :return: twice ``[1, n_labels]`` for softmax; ``[2, n_labels]``, of presence and absence, for sigmoid.
    """
    labelled = targets * mask[:, None]
    if not task.is_multi_label:
        chosen = tf.one_hot(tf.argmax(logits, axis=1), len(task.labels))
        return tf.reduce_sum(labelled * (1.0 - chosen), axis=0)[None], tf.reduce_sum(labelled, axis=0)[None]
    chosen = tf.cast(logits > 0.0, tf.float32)
    absent = mask[:, None] - labelled
    return (
        tf.stack([tf.reduce_sum(labelled * (1.0 - chosen), axis=0), tf.reduce_sum(absent * chosen, axis=0)]),
        tf.stack([tf.reduce_sum(labelled, axis=0), tf.reduce_sum(absent, axis=0)]),
    )
