"""The model of a run in PyTorch: the same weights, the layers of transformers."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import AutoConfig, AutoModel, BertConfig
from transformers.models.bert.modeling_bert import BertEncoder

_PADDING_SCORE = -30.0  # as training.student has it


class Student(nn.Module):  # type: ignore[misc]
    """What :mod:`training.student` describes, in PyTorch."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        width = config["width"]
        self.words = nn.Parameter(torch.empty(config["vocab_size"], config["embedding_size"]))
        self.positions = nn.Parameter(torch.empty(config["max_position_embeddings"], width))
        narrow = config["embedding_size"] != width
        self.widen = nn.Linear(config["embedding_size"], width, bias=False) if narrow else nn.Identity()
        self.norm = nn.LayerNorm(width, eps=1e-12)
        layers = BertConfig(
            hidden_size=width,
            num_hidden_layers=config["num_hidden_layers"],
            num_attention_heads=config["num_attention_heads"],
            intermediate_size=config["intermediate_size"],
        )
        layers._attn_implementation = "eager"
        self.encoder = BertEncoder(layers)
        self.projection = nn.Linear(width, config["hidden_size"])

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """Return the projected states ``[B, L, hidden_size]``."""
        places = (attention_mask.cumsum(1) - 1).clamp(min=0)
        states = self.norm(self.widen(self.words[input_ids]) + self.positions[places])
        padding = (1.0 - attention_mask[:, None, None, :].to(states.dtype)) * _PADDING_SCORE
        return self.projection(self.encoder(states, attention_mask=padding).last_hidden_state)


class Pretrained(nn.Module):  # type: ignore[misc]
    """A backbone that transformers has itself."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self.model = AutoModel.from_config(AutoConfig.for_model(**config), attn_implementation="eager")

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """Return the states ``[B, L, hidden_size]``."""
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


class TorchModel(nn.Module):  # type: ignore[misc]
    """Backbone, mean of the states, and a linear head per task; returns features and probabilities by name."""

    def __init__(self, backbone: Any, width: int, tasks: list[dict[str, Any]], pooling: str) -> None:
        super().__init__()
        self.backbone, self.pooling = backbone, pooling
        self.heads = nn.ModuleDict({task["name"]: nn.Linear(width, len(task["labels"])) for task in tasks})
        self.activations = {task["name"]: task["activation"] for task in tasks}

    def forward(self, input_ids: Any, attention_mask: Any) -> dict[str, Any]:
        """Return features ``[B, d]`` and probabilities ``[B, n_labels]`` of token ids ``[B, L]``."""
        states = self.backbone(input_ids, attention_mask)
        features = states[:, 0]
        if self.pooling == "mean":
            weights = attention_mask[:, :, None].to(states.dtype)
            features = (states * weights).sum(1) / weights.sum(1)
        outputs = {"features": features}
        for name, head in self.heads.items():
            logits = head(features)
            outputs[name] = logits.softmax(-1) if self.activations[name] == "softmax" else logits.sigmoid()
        return outputs


def read_model(run: Path) -> Any:
    """Return the model of a run folder, ready to run.

    :raises KeyError: if a weight of the model is not in the run.
    """
    config = json.loads((run / "backbone" / "config.json").read_text(encoding="utf-8"))
    values = json.loads((run / "config.json").read_text(encoding="utf-8"))
    backbone = Student(config) if config["model_type"] == "undertone-student" else Pretrained(config)
    model = TorchModel(backbone, config["hidden_size"], values["tasks"], values["fit"]["pooling"])
    arrays = {
        _torch_name(name): _oriented(name, array) for name, array in load_file(run / "weights.safetensors").items()
    }
    with torch.no_grad():
        for name, value in model.named_parameters():
            if ".pooler." not in name:  # no part of any output
                value.copy_(arrays[name])
    return model.eval()


def _oriented(name: str, array: Any) -> Any:
    return array.float().T if name.endswith("/kernel") else array.float()


# What TensorFlow calls a weight, and what PyTorch does; in this order.
_NAMES = (
    (r"^backbone/embeddings/(words|positions|widen)", r"backbone/\1"),
    (r"^backbone/embeddings/LayerNorm", "backbone/norm"),
    (r"^backbone/(bert|mobilebert)/", "backbone/model/"),
    (r"layer_\._(\d+)", r"layer/\1"),
    (r"/ffn\.(\d+)/", r"/ffn/\1/"),
    (r"/(kernel|gamma|embeddings)$", "/weight"),
    (r"/beta$", "/bias"),
)


def _torch_name(name: str) -> str:
    for pattern, replacement in _NAMES:
        name = re.sub(pattern, replacement, name)
    return name.replace("/", ".")
