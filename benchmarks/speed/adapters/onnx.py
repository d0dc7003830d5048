"""ONNX Runtime with the same weights and the fast tokenizer, every utterance at its true length."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from benchmarks.speed.adapters.fast_tokenizer import fast_tokenizer


class Adapter:
    """Runs an exported model.

    :param options: ``model``, ``tokenizer``, ``longest``, ``threads``.
    """

    packages = ("numpy", "onnxruntime", "tokenizers", "protobuf", "flatbuffers")

    def __init__(self, options: dict[str, Any]) -> None:
        self._tokenizer = fast_tokenizer(Path(options["tokenizer"]), options["longest"])
        settings = ort.SessionOptions()
        settings.intra_op_num_threads, settings.inter_op_num_threads = options["threads"], 1
        self._session = ort.InferenceSession(options["model"], settings, providers=["CPUExecutionProvider"])
        self._names = [output.name for output in self._session.get_outputs()]

    def run(self, text: str) -> dict[str, Any]:
        """Return features and probabilities of one utterance."""
        encoded = self._tokenizer.encode(text)
        inputs = {
            "input_ids": np.array([encoded.ids], np.int64),
            "attention_mask": np.array([encoded.attention_mask], np.int64),
        }
        outputs = self._session.run(None, inputs)
        return {name: row[0] for name, row in zip(self._names, outputs, strict=True)}
