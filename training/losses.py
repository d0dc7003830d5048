"""The loss of each task, masked where an utterance lacks the task's label."""

from collections.abc import Mapping, Sequence
from typing import Any

from mobile_app.engine.task import Task
from training.tensorflow import tf


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
        task.name: _masked_mean(_cross_entropy(task, logits[task.name], targets[task.name]), masks[task.name])
        for task in tasks
    }


def _cross_entropy(task: Task, logits: Any, targets: Any) -> Any:
    if task.is_multi_label:
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits), axis=1)
    return tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits)


def _masked_mean(values: Any, mask: Any) -> Any:
    return tf.reduce_sum(values * mask) / tf.maximum(tf.reduce_sum(mask), 1.0)
