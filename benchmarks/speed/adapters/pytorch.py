"""PyTorch with transformers, as its guides show: fast tokenizer, ``torch.inference_mode``, eager or compiled."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import BertTokenizerFast

from benchmarks.speed.torch_model import read_model


class Adapter:
    """Runs the weights of a run.

    :param options: ``run``, ``tokenizer``, ``longest``, ``threads``, ``compiled``.
    """

    packages = ("numpy", "torch", "transformers", "tokenizers", "safetensors", "huggingface-hub", "sympy", "regex")

    def __init__(self, options: dict[str, Any]) -> None:
        torch.set_num_threads(options["threads"])
        folder = Path(options["tokenizer"])
        spec = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        self._tokenizer = BertTokenizerFast(
            str(folder / spec["vocabulary"]),
            do_lower_case=spec["lowercase"],
            strip_accents=spec["strip_accents"],
            tokenize_chinese_chars=spec["split_chinese"],
        )
        self._longest = options["longest"]
        self._model: Any = read_model(Path(options["run"]))
        if options["compiled"]:
            self._model = torch.compile(self._model, dynamic=True)

    def run(self, text: str) -> dict[str, Any]:
        """Return features and probabilities of one utterance."""
        encoded = self._tokenizer(text, truncation=True, max_length=self._longest, return_tensors="pt")
        with torch.inference_mode():
            outputs = self._model(encoded["input_ids"], encoded["attention_mask"])
        return {name: row[0].numpy() for name, row in outputs.items()}
