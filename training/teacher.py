"""What a teacher says about texts: computed once, kept on the disk by the hash of teacher and texts."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy
from safetensors import SafetensorError

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import sha256_of, write_file
from mobile_app.engine.task import Task
from training import checkpoint
from training.evaluate import Outputs, predict

_FEATURES = "features"


class Teacher:
    """A fine-tuned model whose answers others learn.

    :param path: its run folder.
    :param cache: the folder in which answers are kept.
    :raises UndertoneError: if it is no run.
    """

    def __init__(self, path: Path, cache: Path) -> None:
        self.path = path
        self.run = checkpoint.load_run(path)
        self.sha256 = sha256_of(path / checkpoint.WEIGHTS_FILE)
        self._cache = cache

    def require_layers(self) -> None:
        """Refuse a teacher whose layers no student could start from.

        :raises UndertoneError: if it is no BERT with mean pooling.
        """
        found = f"{self.run.model.backbone.config.model_type} with {self.run.config.pooling} pooling"
        if found != "bert with mean pooling":
            raise UndertoneError("a teacher that is a bert with mean pooling", found, "choose another run")

    def knows(self, task: Task) -> bool:
        """Return whether it answers for a task, whatever its thresholds."""
        return any(replace(task, thresholds=None) == replace(one, thresholds=None) for one in self.run.tasks)

    @property
    def about(self) -> dict[str, Any]:
        """Where the teacher comes from, as plain JSON values."""
        return {**self.run.provenance, "backbone": self.run.backbone_source}

    def answers(self, texts: Sequence[str]) -> Outputs:
        """Return features and probabilities of texts, from the disk if they were asked for before."""
        what = json.dumps([self.sha256, self.run.config.max_length, list(texts)]).encode()
        path = self._cache / f"{hashlib.sha256(what).hexdigest()[:32]}.safetensors"
        if path.is_file():
            try:
                arrays = dict(safetensors.numpy.load_file(path))
                return Outputs(arrays.pop(_FEATURES), arrays)
            except (SafetensorError, KeyError):
                path.unlink()  # damaged: compute it again
        outputs = predict(self.run, texts)
        write_file(path, safetensors.numpy.save({_FEATURES: outputs.features, **outputs.probabilities}))
        return outputs
