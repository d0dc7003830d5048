"""Trace the multitask model once, with one entry point per length bucket that shares its weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobile_app.engine.batch import signature_name
from mobile_app.engine.task import SIGMOID, Task
from training.tensorflow import tf


class PhoneModel(tf.Module):
    """The model as the phone calls it: token ids and mask in, features and probabilities out, batch of one.

    :param model: Keras model that maps ``input_ids`` and ``attention_mask`` to ``features`` and logits per task.
    :param tasks: its tasks; their activation becomes part of the graph.
    """

    def __init__(self, model: Any, tasks: Sequence[Task]) -> None:
        super().__init__()
        self.model = model
        self.tasks = tuple(tasks)

    def encode(self, input_ids: Any, attention_mask: Any) -> dict[str, Any]:
        """Return features ``[1, d]`` and per task probabilities ``[1, n_labels]``, all float32."""
        outputs = self.model({"input_ids": input_ids, "attention_mask": attention_mask}, training=False)
        result = {"features": tf.cast(outputs["features"], tf.float32)}
        for task in self.tasks:
            logits = tf.cast(outputs[task.name], tf.float32)
            result[task.name] = tf.sigmoid(logits) if task.activation == SIGMOID else tf.nn.softmax(logits)
        return result


def save_traced(model: Any, tasks: Sequence[Task], lengths: Sequence[int], folder: Path) -> list[str]:
    """Trace ``model`` at each length and write one SavedModel.

    :param folder: where the SavedModel goes.
    :return: the signature keys.
    """
    phone_model = PhoneModel(model, tasks)
    signatures = {}
    for length in lengths:
        ids = tf.TensorSpec([1, length], tf.int32, name="input_ids")
        mask = tf.TensorSpec([1, length], tf.int32, name="attention_mask")
        signatures[signature_name(length)] = tf.function(phone_model.encode).get_concrete_function(ids, mask)
    tf.saved_model.save(phone_model, str(folder), signatures=signatures)
    return list(signatures)
