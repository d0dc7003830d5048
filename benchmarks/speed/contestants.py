"""Who runs: ours in every recipe, the reference's way, and what one would use instead."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.speed.environments import HERE, MEDIAPIPE, PEERS
from benchmarks.speed.preparation import RECIPES, Prepared, task_of
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.recipe import RECIPES as KNOWN

# What every ratio is taken against, and what answers must agree with.
OURS, EXACT = "ours_int8", "ours_fp32"
_SHORT = {"fp32": "fp32", "fp16": "fp16", "dynamic_wi8_afp32": "int8"}


@dataclass(frozen=True, eq=False)
class Contestant:
    """One way to run the model.

    :param name: in results.
    :param shown_as: in tables.
    :param environment: one of :mod:`benchmarks.speed.environments`.
    :param adapter: module in :mod:`benchmarks.speed.adapters`.
    :param options: for the adapter.
    :param files: what it needs on disk beside its packages.
    :param every: it takes part in every n-th block, since a slow one would take the time of all.
    :param starts_cold: whether its first label after a start is measured.
    """

    name: str
    shown_as: str
    environment: str
    adapter: str
    options: Mapping[str, Any]
    files: tuple[Path, ...] = field(default=())
    every: int = 1
    starts_cold: bool = False

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(path.stat().st_size for path in self.files)


def contestants(prepared: Prepared, threads: int) -> list[Contestant]:
    """Return everyone who can run this model."""
    tasks = json.loads((prepared.run / "config.json").read_text(encoding="utf-8"))["tasks"]
    common = {"threads": threads, "tasks": tasks}
    groups = (_tflite, _onnx, _frameworks, _media)
    return [one for group in groups for one in group(prepared, common)]


def _tflite(prepared: Prepared, common: Mapping[str, Any]) -> list[Contestant]:
    bundle = Bundle.open(prepared.bundle)
    vocabulary = prepared.bundle / bundle.manifest.tokenizer.vocabulary
    found = []
    for way, adapter, words in (
        ("ours", "engine", "Undertone"),
        ("reference", "reference_way", "one file, fixed 32 tokens"),
    ):
        for recipe in RECIPES:
            path = prepared.bundle / bundle.recipe_entry(recipe).file
            name = f"{way}_{_SHORT[recipe]}"
            options = {**common, "bundle": str(prepared.bundle), "recipe": recipe}
            shown = f"{words}, {KNOWN[recipe].shown_as}"
            cold = name in (OURS, "reference_int8")
            every = 1 if recipe == "dynamic_wi8_afp32" else 2
            found.append(Contestant(name, shown, HERE, adapter, options, (path, vocabulary), every, cold))
    return found


def _peer_options(prepared: Prepared, common: Mapping[str, Any]) -> dict[str, Any]:
    longest = Bundle.open(prepared.bundle, verify_models=False).manifest.lengths[-1]
    return {**common, "run": str(prepared.run), "tokenizer": str(prepared.run / "tokenizer"), "longest": longest}


def _onnx(prepared: Prepared, common: Mapping[str, Any]) -> list[Contestant]:
    if prepared.onnx is None:
        return []
    found = []
    for name, file, words in (
        ("onnxruntime_fp32", "fp32.onnx", "ONNX Runtime, FP32"),
        ("onnxruntime_int8", "int8.onnx", "ONNX Runtime, dynamic INT8"),
        ("onnxruntime_fused_fp32", "fused_fp32.onnx", "ONNX Runtime, fused, FP32"),
        ("onnxruntime_fused_int8", "fused_int8.onnx", "ONNX Runtime, fused, dynamic INT8"),
    ):
        path = prepared.onnx / file
        options = {**_peer_options(prepared, common), "model": str(path)}
        files = (path, prepared.run / "tokenizer" / "vocab.txt")
        cold = name == "onnxruntime_int8"
        every = 1 if "int8" in name else 2
        found.append(Contestant(name, words, PEERS, "onnx", options, files, every, cold))
    return found


def _frameworks(prepared: Prepared, common: Mapping[str, Any]) -> list[Contestant]:
    options = _peer_options(prepared, common)
    files = (prepared.run / "weights.safetensors", prepared.run / "tokenizer" / "vocab.txt")
    eager, compiled = ({**options, "compiled": value} for value in (False, True))
    call, graph = ({**options, "graph": value} for value in (False, True))
    torch = [
        Contestant("pytorch_eager", "transformers, PyTorch eager", PEERS, "pytorch", eager, files, 2, True),
        Contestant("pytorch_compiled", "transformers, torch.compile", PEERS, "pytorch", compiled, files, 4),
    ]
    keras = [
        Contestant("keras_predict", "TensorFlow, Keras predict", HERE, "keras", call, files, 16),
        Contestant("keras_graph", "TensorFlow, tf.function", HERE, "keras", graph, files, 4, True),
    ]
    if common["threads"] > 1:
        torch.pop()  # compiling takes half a minute, and one thread shows what it gains
    return [*(torch if prepared.onnx is not None else []), *keras]


def _media(prepared: Prepared, common: Mapping[str, Any]) -> list[Contestant]:
    if prepared.task_library is None:
        return []
    found, task = [], task_of(prepared.run)
    for path in sorted(prepared.task_library.glob(f"{task}.*.tflite")):
        recipe = path.name.removeprefix(f"{task}.").removesuffix(".tflite")
        name = f"mediapipe_{'int8' if 'wi8' in recipe else recipe}"
        options = {**common, "model": str(path), "task": task}
        shown = f"MediaPipe TextClassifier, {'INT8 weights' if 'wi8' in recipe else recipe.upper()}"
        cold = "wi8" in recipe
        found.append(Contestant(name, shown, MEDIAPIPE, "mediapipe", options, (path,), 4, cold))
    return found
