"""The reference's way: one TFLite file without buckets, every utterance padded or cut to 32 tokens.

As the guides show it, with LiteRT's signature runner; with our tokenizer, which is faster than the one of that study.
"""

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from mobile_app.engine.bundle import Bundle

LENGTH = 32


class Adapter:
    """Runs a recipe of a bundle at its one length.

    :param options: ``bundle``, ``recipe``, ``threads``.
    """

    packages = ("numpy", "ai-edge-litert")

    def __init__(self, options: dict[str, Any]) -> None:
        bundle = Bundle.open(Path(options["bundle"]))
        path = bundle.path / bundle.recipe_entry(options["recipe"]).file
        self._tokenizer = bundle.tokenizer()
        self._interpreter = Interpreter(model_path=str(path), num_threads=options["threads"])
        self._runner = self._interpreter.get_signature_runner(f"encode_{LENGTH}")

    def run(self, text: str) -> dict[str, Any]:
        """Return features and probabilities of one utterance."""
        ids = self._tokenizer.encode(text)
        if len(ids) > LENGTH:
            ids = [*ids[: LENGTH - 1], self._tokenizer.sep_id]
        input_ids = np.full((1, LENGTH), self._tokenizer.pad_id, np.int32)
        attention_mask = np.zeros((1, LENGTH), np.int32)
        input_ids[0, : len(ids)] = ids
        attention_mask[0, : len(ids)] = 1
        outputs = self._runner(input_ids=input_ids, attention_mask=attention_mask)
        return {name: row[0] for name, row in outputs.items()}
