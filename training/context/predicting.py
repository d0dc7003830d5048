"""What a context model says about the utterances of a split."""

from collections.abc import Sequence

import numpy as np

from mobile_app.engine.separators.activations import activate
from mobile_app.engine.task import Task
from training.context.batches import ContextExamples, batches
from training.context.model import ContextModel
from training.context.sequences import NOBODY
from training.evaluate import Outputs

BATCH_SIZE = 64


def predict_examples(
    model: ContextModel, tasks: Sequence[Task], examples: ContextExamples, batch_size: int = BATCH_SIZE
) -> Outputs:
    """Return per task the probabilities ``[n, n_labels]`` of the utterances of a split, in their order.

    ``features`` are the vectors that went in.
    """
    logits = {task.name: np.zeros((len(examples.vectors), len(task.labels)), np.float64) for task in tasks}
    for batch in batches(examples, np.arange(len(examples)), batch_size):
        answers = model.infer(*(batch.inputs[name] for name in ("vectors", "mask", "same_speaker")))
        there = batch.asked != NOBODY
        for task in tasks:
            values = answers[task.name].numpy().reshape(-1, len(task.labels))
            logits[task.name][batch.asked[there]] = values[there]
    probabilities = {task.name: activate(logits[task.name], task.activation).astype(np.float32) for task in tasks}
    return Outputs(examples.vectors, probabilities)
