"""The loss of each task, masked where an utterance lacks the task's label."""

from collections.abc import Mapping, Sequence
from typing import Any

from mobile_app.engine.task import Task
from training.tensorflow import tf

# Below this, 1 - p has no gradient worth following, and a power of it below 1 has an infinite one.
_SMALLEST = 1e-6


def task_losses(
    tasks: Sequence[Task], logits: Mapping[str, Any], targets: Mapping[str, Any], masks: Mapping[str, Any]
) -> dict[str, Any]:
    """Return per task the mean cross-entropy over the utterances of the batch that carry the task's label.

    A task that no utterance of the batch is labelled for has loss 0. The loss of a sigmoid task is the mean over its
    labels, so that its scale does not grow with their number.

    :param logits: per task ``[B, n_labels]``.
    :param targets: per task ``[B, n_labels]``, one-hot or multi-hot.
    :param masks: per task ``[B]``, 1 where the utterance is labelled.
    """
    return {
        task.name: masked_mean(cross_entropy(task, logits[task.name], targets[task.name]), masks[task.name])
        for task in tasks
    }


def cross_entropy(task: Task, logits: Any, targets: Any) -> Any:
    """Return the cross-entropy ``[B]`` of each utterance; for a sigmoid task the mean over its labels."""
    if task.is_multi_label:
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits), axis=1)
    return tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits)


def focal_loss(task: Task, logits: Any, targets: Any, *, weights: Any, gamma: Any) -> Any:
    """Return ``alpha_t (1 - p_t)^gamma (-log p_t)`` ``[B]`` of each utterance (Lin et al. 2017, eq. 5).

    For a softmax task ``p_t`` is the probability of the true label. A sigmoid task has one such term per label, with
    ``p_t`` the probability of what is true of the label, its presence or its absence; the loss is their mean. With
    ``gamma`` 0 and weights 1 it is the cross-entropy.

    :param weights: ``alpha``, ``[1, n_labels]`` for softmax; ``[2, n_labels]``, of presence and absence, for sigmoid.
    """
    if not task.is_multi_label:
        terms = _focal(tf.nn.log_softmax(logits), gamma)
        return tf.reduce_sum(targets * weights[0] * terms, axis=1)
    present, absent = _focal(tf.math.log_sigmoid(logits), gamma), _focal(tf.math.log_sigmoid(-logits), gamma)
    return tf.reduce_mean(targets * weights[0] * present + (1.0 - targets) * weights[1] * absent, axis=1)


def masked_mean(values: Any, mask: Any) -> Any:
    """Return the mean of the values ``[B]`` whose mask is 1, or 0 if there are none."""
    return tf.reduce_sum(values * mask) / tf.maximum(tf.reduce_sum(mask), 1.0)


def _focal(log_p: Any, gamma: Any) -> Any:
    return -log_p * tf.pow(tf.clip_by_value(-tf.math.expm1(log_p), _SMALLEST, 1.0), gamma)
