"""Trace the multitask model once, with one entry point per length bucket that shares its weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobile_app.engine.batch import signature_name
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import SIGMOID, Task
from training.tensorflow import tf


class PhoneModel:
    """The model as the phone calls it: token ids and mask in, features and probabilities out, batch of one.

    :param model: Keras model that maps ``input_ids`` and ``attention_mask`` to ``features`` and logits per task.
    :param tasks: its tasks; their activation becomes part of the graph.
    """

    def __init__(self, model: Any, tasks: Sequence[Task]) -> None:
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

    Only the signatures and the variables are written. Handing over the Keras model itself would make TensorFlow trace
    every layer again for a reload as Keras: more than half of the time of a build, for nothing.

    :param folder: where the SavedModel goes.
    :return: the signature keys.
    """
    phone_model = PhoneModel(model, tasks)
    signatures = {}
    for length in lengths:
        ids = tf.TensorSpec([1, length], tf.int32, name="input_ids")
        mask = tf.TensorSpec([1, length], tf.int32, name="attention_mask")
        signatures[signature_name(length)] = tf.function(phone_model.encode).get_concrete_function(ids, mask)
    holder = tf.Module()
    # Counters of random number generators are no weights, yet dropout's graph may hold them.
    holder.variables_of_graphs = [*model.variables]
    try:
        tf.saved_model.save(holder, str(folder), signatures=signatures)
    except (OSError, tf.errors.OpError) as error:
        raise UndertoneError(
            f"to write the traced model to {folder}",
            str(error).splitlines()[0],
            "free some space or set TMPDIR to a folder that has room",
        ) from error
    return list(signatures)
