"""TensorFlow with the run as it was trained: ``model.predict``, or the graph of a ``tf.function``."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.adapters.fast_tokenizer import fast_tokenizer


class Adapter:
    """Runs a run.

    :param options: ``run``, ``tokenizer``, ``longest``, ``threads``, ``graph`` (true: a tf.function).
    """

    packages = ("numpy", "tensorflow", "tf-keras", "transformers", "tokenizers", "safetensors")

    def __init__(self, options: dict[str, Any]) -> None:
        from training.tensorflow import tf

        tf.config.threading.set_intra_op_parallelism_threads(options["threads"])
        tf.config.threading.set_inter_op_parallelism_threads(1)
        from converter.trace import PhoneModel
        from training.checkpoint import load_run

        loaded = load_run(Path(options["run"]))
        self._tasks = loaded.tasks
        self._tokenizer = fast_tokenizer(Path(options["tokenizer"]), options["longest"])
        self._graph = options["graph"]
        self._run: Any = loaded.model.predict
        if self._graph:
            spec = tf.TensorSpec([1, None], tf.int32)
            self._run = tf.function(PhoneModel(loaded.model, loaded.tasks).encode, input_signature=[spec, spec])

    def run(self, text: str) -> dict[str, Any]:
        """Return features and probabilities of one utterance."""
        encoded = self._tokenizer.encode(text)
        ids, mask = np.array([encoded.ids], np.int32), np.array([encoded.attention_mask], np.int32)
        if self._graph:
            return {name: row.numpy()[0] for name, row in self._run(ids, mask).items()}
        outputs = self._run({"input_ids": ids, "attention_mask": mask}, verbose=0)
        rows = {task.name: _probabilities(outputs[task.name][0], task.activation) for task in self._tasks}
        return {"features": outputs["features"][0], **rows}


def _probabilities(logits: Any, activation: str) -> Any:
    if activation == "softmax":
        powers = np.exp(logits - logits.max())
        return powers / powers.sum()
    return 1.0 / (1.0 + np.exp(-logits))
