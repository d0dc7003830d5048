"""Where the time of an utterance goes, operator by operator, beside ONNX Runtime's optimised graph.

``python -m benchmarks.operators`` writes ``results/operators.json`` and the table of docs/performance.md. The Python
package of LiteRT has no profiler: the graph is cut behind each operator in turn, and XNNPACK runs what that one needs.
An operator costs what the graph takes longer when it ends with it than when it ends with its slowest input; where
branches meet, that holds the other branches, which belong to the same part of the network. Each cut is a model of its
own, whose place in memory changes its time: with large models that is more than a small operator costs. ONNX Runtime
profiles itself.
"""

import argparse
import copy
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import Figure, record
from benchmarks.speed.environments import PEERS, python_of, set_up
from benchmarks.speed.page import table, write_part
from benchmarks.speed.preparation import Prepared, prepare
from benchmarks.speed.runs import POCKET, SHAPES
from converter.graph import Model
from mobile_app.engine.batch import signature_name
from mobile_app.engine.command_line import note, run, say
from quantization.graph import Graph, layer_of
from quantization.tensor_trace import quiet

RECIPE = "dynamic_wi8_afp32"
ROUNDS, RUNS = 5, 60
# What an operator belongs to, in the order of the network.
EMBEDDINGS, ATTENTION, DENSE, NORM, GELU, REST = (
    "embeddings with their norm",
    "attention with its three projections",
    "other dense layers",
    "residual sums and norms",
    "GELU",
    "masks, positions, pooling, heads",
)
_PEER_GROUPS = {
    "QEmbedLayerNormalization": EMBEDDINGS,
    "EmbedLayerNormalization": EMBEDDINGS,
    "QAttention": ATTENTION,
    "SkipLayerNormalization": NORM,
    "LayerNormalization": NORM,
    "BiasGelu": GELU,
    "DynamicQuantizeLinear": DENSE,
    "MatMulInteger": DENSE,
    "MatMulIntegerToFloat": DENSE,
    "DynamicQuantizeMatMul": DENSE,
    "Add": DENSE,
    "Mul": DENSE,
    "Cast": DENSE,
}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.operators", description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=16, help="one of the length buckets (default %(default)s)")
    parser.add_argument("--models", default=POCKET, help=f"{POCKET} or of {', '.join(SHAPES)}")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    set_up(PEERS)
    rows: list[dict[str, Any]] = []
    figures: dict[str, Figure] = {}
    for name in arguments.models.split(","):
        note(name)
        prepared = prepare(name, None, peers=True)
        ours, whole = _ours(prepared, arguments.tokens)
        theirs, whole_theirs = _theirs(prepared, arguments.tokens)
        for group in (EMBEDDINGS, ATTENTION, DENSE, NORM, GELU, REST):
            rows.append(
                {"model": name, "part": group, **_row("ours", ours, group), **_row("onnxruntime", theirs, group)}
            )
            say("  ".join(str(value) for value in rows[-1].values()))
        said = f"{arguments.tokens} tokens, one thread, the whole graph in one go, without tokenizer"
        figures[f"{name}_ours_us"] = Figure(round(whole, 1), n=ROUNDS * RUNS, note=f"INT8 (dynamic range); {said}")
        figures[f"{name}_onnxruntime_us"] = Figure(
            round(whole_theirs, 1), n=ROUNDS * RUNS, note=f"fused, dynamic INT8; {said}, profiler on"
        )
    path = record("operators", figures, data={"tokens": arguments.tokens, "recipe": RECIPE}, rows=rows)
    say(str(path))
    write_part("operators", _text(json.loads(path.read_text(encoding="utf-8"))))
    return 0


def _row(side: str, costs: Mapping[str, tuple[float, int]], group: str) -> dict[str, Any]:
    microseconds, operators = costs.get(group, (0.0, 0))
    return {f"{side} operators": operators, f"{side} µs": round(microseconds, 1)}


def _ours(prepared: Prepared, tokens: int) -> tuple[dict[str, tuple[float, int]], float]:
    """Return per group the microseconds and the number of operators, and the microseconds of the whole graph."""
    content = (prepared.bundle / f"model.{RECIPE}.tflite").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "whole.tflite")
        path.write_bytes(content)
        graph = Graph.read(path, signature_name(tokens))
        ends = range(1, len(graph.operators) + 1)
        timers = [_timer(_cut(content, tokens, end), Path(folder, f"{end}.tflite"), tokens) for end in ends]
        timers.append(_timer(_cut(content, tokens, len(ends), keep=True), path, tokens))
        took = np.median([[timer() for timer in timers] for _ in range(ROUNDS)], axis=0)
    costs: dict[str, tuple[float, int]] = {}
    for place, operator in enumerate(graph.operators):
        before = max((took[graph.producers[one]] for one in operator.inputs if one in graph.producers), default=0.0)
        group = _group(operator.kind, graph.names[operator.outputs[0]])
        microseconds, operators = costs.get(group, (0.0, 0))
        costs[group] = (microseconds + float(took[place] - before), operators + 1)
    return costs, float(took[-1])


def _cut(content: bytes, tokens: int, end: int, *, keep: bool = False) -> bytes:
    """Return the file with one length bucket, which ends with its operator ``end``, counted from 1.

    :param keep: whether the outputs stay as they are.
    """
    model = Model(content)
    tree, wanted = model.tree, signature_name(tokens).encode()
    signature = next(one for one in tree.signatureDefs if one.signatureKey == wanted)
    subgraph = tree.subgraphs[signature.subgraphIndex]
    subgraph.operators = subgraph.operators[:end]
    if not keep:
        output = int(subgraph.operators[-1].outputs[0])
        subgraph.outputs = [output]
        entry = copy.copy(signature.outputs[0])
        entry.name, entry.tensorIndex = b"cut", output
        signature.outputs = [entry]
    signature.subgraphIndex = 0
    tree.subgraphs, tree.signatureDefs = [subgraph], [signature]
    return model.write()


def _timer(content: bytes, path: Path, tokens: int) -> Callable[[], float]:
    """Return a function that gives the median microseconds of a run."""
    from ai_edge_litert.interpreter import Interpreter

    path.write_bytes(content)
    with quiet():
        model = Interpreter(model_path=str(path), num_threads=1)
        model.allocate_tensors()
    for one in model.get_input_details():
        model.set_tensor(one["index"], np.ones((1, tokens), one["dtype"]))

    def median() -> float:
        model.invoke()
        took = []
        for _ in range(RUNS):
            start = time.perf_counter()
            model.invoke()
            took.append(time.perf_counter() - start)
        return 1e6 * float(np.median(took))

    return median


def _group(kind: str, name: str) -> str:
    layer = layer_of(name)
    if "embeddings" in layer or kind == "GATHER":
        return EMBEDDINGS
    if "LayerNorm" in layer or (kind == "ADD" and "output" in layer):
        return NORM
    if kind == "GELU":
        return GELU
    if layer.endswith("attention"):
        return ATTENTION
    return DENSE if kind == "FULLY_CONNECTED" and layer.startswith("layer") else REST


_CHILD = """
import json, sys, numpy, onnxruntime
path, tokens, runs, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads = settings.inter_op_num_threads = 1
settings.enable_profiling, settings.profile_file_prefix = True, folder + "/profile"
session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
ones = numpy.ones((1, tokens), numpy.int64)
for _ in range(runs):
    session.run(None, {"input_ids": ones, "attention_mask": ones})
print(session.end_profiling())
"""


def _theirs(prepared: Prepared, tokens: int) -> tuple[dict[str, tuple[float, int]], float]:
    """Return the same of ONNX Runtime, from its own profile; the first fifth of the runs is left out."""
    n = ROUNDS * RUNS
    assert prepared.onnx is not None  # the peers' environment is there
    with tempfile.TemporaryDirectory() as folder:
        words = [str(prepared.onnx / "fused_int8.onnx"), str(tokens), str(n), folder]
        done = subprocess.run([str(python_of(PEERS)), "-c", _CHILD, *words], check=True, capture_output=True, text=True)
        events = json.loads(Path(done.stdout.strip().splitlines()[-1]).read_text(encoding="utf-8"))
    took: dict[str, list[float]] = {}
    kinds: dict[str, str] = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            took.setdefault(event["name"], []).append(event["dur"])
            kinds[event["name"]] = event["args"]["op_name"]
    found: dict[str, tuple[float, int]] = {}
    for name, values in took.items():
        group = _PEER_GROUPS.get(kinds[name], REST)
        microseconds, operators = found.get(group, (0.0, 0))
        found[group] = (microseconds + float(np.mean(values[n // 5 :])), operators + 1)  # whole µs: a mean, no median
    runs = [event["dur"] for event in events if event["name"] == "model_run"]
    return found, float(np.median(runs[n // 5 :]))


def _text(values: Mapping[str, Any]) -> str:
    machine, data = values["machine"], values["data"]
    lines = [f"Measured {values['measured_at'][:10]} on {machine['cpu']}, {data['tokens']} tokens, one thread."]
    for model in dict.fromkeys(row["model"] for row in values["rows"]):
        cells = [
            [
                row["part"],
                *(f"{row[f'{side} {what}']}" for side in ("ours", "onnxruntime") for what in ("operators", "µs")),
            ]
            for row in values["rows"]
            if row["model"] == model
        ]
        sums = [values["figures"][f"{model}_{side}_us"]["value"] for side in ("ours", "onnxruntime")]
        cells.append(["the whole graph in one go", "", f"{sums[0]}", "", f"{sums[1]}"])
        head = ["part", "operators, LiteRT", "µs", "operators, ONNX Runtime, fused", "µs"]
        lines += [f"**{model}**", table(head, cells)]
    return "\n\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
