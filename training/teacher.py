"""What a teacher says about texts: computed once, kept on the disk by the hash of teacher and texts."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy
from safetensors import SafetensorError

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import sha256_of, write_file
from training import checkpoint
from training.evaluate import Outputs, predict

_FEATURES = "features"


class Teacher:
    """A fine-tuned BERT whose answers a student learns.

    :param path: its run folder.
    :param cache: the folder in which answers are kept.
    :raises UndertoneError: if it is no run, or no BERT with mean pooling, whose layers a student could start from.
    """

    def __init__(self, path: Path, cache: Path) -> None:
        self.run = checkpoint.load_run(path)
        self.sha256 = sha256_of(path / checkpoint.WEIGHTS_FILE)
        self._cache = cache
        found = f"{self.run.model.backbone.config.model_type} with {self.run.config.pooling} pooling"
        if found != "bert with mean pooling":
            raise UndertoneError("a teacher that is a bert with mean pooling", found, "choose another run")

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
