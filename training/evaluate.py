"""Predicting with a fine-tuned run: texts in, no labels; each utterance by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mobile_app.engine.separators.activations import activate
from mobile_app.engine.task import Task
from training.batches import ordered_batches, padded
from training.checkpoint import Run
from training.examples import tokenize
from training.model import MultitaskModel

Floats = NDArray[np.float32]
BATCH_SIZE = 64


@dataclass(frozen=True)
class Outputs:
    """What a model gives for utterances.

    :param features: ``[n, d]``.
    :param probabilities: per task ``[n, n_labels]``.
    """

    features: Floats
    probabilities: dict[str, Floats]


def predict_features(run: Run, texts: Sequence[str], batch_size: int = BATCH_SIZE) -> Floats:
    """Return the features ``[n, d]`` of texts."""
    return predict(run, texts, batch_size).features


def predict_proba(run: Run, texts: Sequence[str], batch_size: int = BATCH_SIZE) -> dict[str, Floats]:
    """Return per task the probabilities ``[n, n_labels]`` of texts."""
    return predict(run, texts, batch_size).probabilities


def predict(run: Run, texts: Sequence[str], batch_size: int = BATCH_SIZE) -> Outputs:
    """Return features and probabilities of texts, in their order."""
    ids = tokenize(texts, run.tokenizer, run.config.max_length)
    return predict_ids(run.model, run.tasks, ids, run.tokenizer.pad_id, batch_size)


def predict_ids(
    model: MultitaskModel,
    tasks: Sequence[Task],
    ids: Sequence[Sequence[int]],
    pad_id: int,
    batch_size: int = BATCH_SIZE,
) -> Outputs:
    """Return features and probabilities of tokenized utterances, in their order."""
    features = np.zeros((len(ids), model.feature_dimension), np.float32)
    logits = {task.name: np.zeros((len(ids), len(task.labels)), np.float32) for task in tasks}
    with tqdm(desc="predict", total=len(ids), unit="utterance", disable=None, leave=False) as progress:
        for rows in ordered_batches(ids, batch_size):
            outputs = model.infer(*padded([ids[row] for row in rows], pad_id))
            features[rows] = outputs["features"].numpy()
            for task in tasks:
                logits[task.name][rows] = outputs[task.name].numpy()
            progress.update(len(rows))
    probabilities = {
        task.name: activate(logits[task.name].astype(np.float64), task.activation).astype(np.float32) for task in tasks
    }
    return Outputs(features, probabilities)
