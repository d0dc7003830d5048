"""MediaPipe's TextClassifier on a file of one task: its own tokenizer, fixed length, no choice of threads."""

from typing import Any

import numpy as np
from mediapipe.tasks.python.core.base_options import BaseOptions
from mediapipe.tasks.python.text.text_classifier import TextClassifier, TextClassifierOptions


class Adapter:
    """Runs a single-task file.

    :param options: ``model``, ``task``, ``tasks``.
    """

    packages = ("numpy", "mediapipe")
    notes = "one task only; no features; chooses its own threads"

    def __init__(self, options: dict[str, Any]) -> None:
        self._task = options["task"]
        labels = next(task["labels"] for task in options["tasks"] if task["name"] == self._task)
        self._places = {label: place for place, label in enumerate(labels)}
        settings = TextClassifierOptions(base_options=BaseOptions(model_asset_path=options["model"]))
        self._classifier = TextClassifier.create_from_options(settings)

    def run(self, text: str) -> dict[str, Any]:
        """Return the probabilities of the one task."""
        row = np.zeros(len(self._places), np.float32)
        for category in self._classifier.classify(text).classifications[0].categories:
            row[self._places[category.category_name]] = category.score
        return {self._task: row}
