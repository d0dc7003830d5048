"""What a .tflite file really is: the arithmetic of its multiplications, memory, and what the XNNPACK delegate takes."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from converter.graph import Graph, Model

_MULTIPLYING = ("FULLY_CONNECTED", "BATCH_MATMUL", "CONV_2D")
_BYTES = {"float32": 4, "float16": 2, "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1}
_ALIGNMENT = 64


@dataclass(frozen=True)
class Anatomy:
    """A file taken apart; shares and memory are those of the longest length bucket.

    :param arithmetic: share of the multiplications by the types of what is multiplied, such as ``int8 x int8``.
    :param kind: ``float32``, ``float16``, ``dynamic-range``, ``int8 activations`` or ``int16 activations``.
    :param ram_bytes: weights, restored weights and activations; what a delegate packs for itself comes on top.
    """

    arithmetic: dict[str, float]
    kind: str
    ram_bytes: int

    @property
    def integer_share(self) -> float:
        """The share of the multiplications whose activations are stored as integers."""
        return sum(share for types, share in self.arithmetic.items() if types.split(" x ")[0] in ("int8", "int16"))

    def sentence(self) -> str:
        """Say what the file is."""
        parts = ", ".join(f"{share:.1%} {types}" for types, share in self.arithmetic.items())
        if self.kind.endswith("activations"):
            what = f"{self.kind} in {self.integer_share:.1%} of the multiplications, float32 elsewhere"
        else:
            what = f"this file is {self.kind}" + (", not full integer" if self.kind == "dynamic-range" else "")
        return f"{what}; multiplications: {parts}"


def anatomy(content: bytes) -> Anatomy:
    """Take a .tflite file apart."""
    graph = max(Model(content).graphs, key=_size)
    counts = _multiplications(graph)
    total = sum(counts.values()) or 1
    arithmetic = {types: n / total for types, n in counts.most_common()}
    return Anatomy(arithmetic, _kind(arithmetic), len(content) + _restored_bytes(graph) + _activation_bytes(graph))


def xnnpack_share(content: bytes) -> float:
    """Return which share of the operators of the first graph the XNNPACK delegate of this machine's LiteRT takes."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    details = interpreter._get_ops_details()
    parts = [part for part in details if "DELEGATE" in part["op_name"].upper()]
    nodes = [part for part in details if part not in parts]
    by_output = {int(out): index for index, node in enumerate(nodes) for out in node["outputs"]}
    taken: set[int] = set()
    for part in parts:
        borders, waiting = set(map(int, part["inputs"])), list(map(int, part["outputs"]))
        while waiting:
            tensor = waiting.pop()
            index = by_output.get(tensor)
            if tensor not in borders and index is not None and index not in taken:
                taken.add(index)
                waiting += [int(one) for one in nodes[index]["inputs"] if one >= 0]
    return len(taken) / max(len(nodes), 1)


def _multiplications(graph: Graph) -> Counter[str]:
    restored = {one.outputs[0]: graph.dtype(one.inputs[0]) for one in _restoring(graph)}
    counts: Counter[str] = Counter()
    for operator in graph.operators:
        if graph.name(operator) in _MULTIPLYING:
            left, right, out = operator.inputs[0], operator.inputs[1], operator.outputs[0]
            n = int(np.prod(graph.shape(out))) * graph.shape(left)[-1]
            counts[f"{graph.dtype(left)} x {restored.get(right, graph.dtype(right))}"] += n
    return counts


def _kind(arithmetic: dict[str, float]) -> str:
    left: dict[str, float] = defaultdict(float)
    right: dict[str, float] = defaultdict(float)
    for types, share in arithmetic.items():
        one, other = types.split(" x ")
        left[one] += share
        right[other] += share
    for dtype in ("int8", "int16"):
        if left[dtype] >= 0.5:
            return f"{dtype} activations"
    if right["int8"] + right["int4"] >= 0.5:
        return "dynamic-range"
    return "float16" if right["float16"] >= 0.5 else "float32"


def _restored_bytes(graph: Graph) -> int:
    """Return the bytes of constants that are restored to float32 when the model is loaded, and stay."""
    return sum(4 * int(np.prod(graph.shape(operator.outputs[0]))) for operator in _restoring(graph))


def _restoring(graph: Graph) -> list[Any]:
    """Return the operators that restore a constant to float32."""
    buffers = graph.model.tree.buffers
    return [
        operator
        for operator in graph.operators
        if graph.name(operator) == "DEQUANTIZE" and buffers[graph.tensor(operator.inputs[0]).buffer].data is not None
    ]


def _activation_bytes(graph: Graph) -> int:
    """Return the largest sum of activations that are alive at the same time."""
    last: dict[int, int] = {}
    for at, operator in enumerate(graph.operators):
        last.update(dict.fromkeys(operator.inputs, at))
    last.update(dict.fromkeys(map(int, graph.subgraph.outputs), len(graph.operators)))
    alive: dict[int, int] = {}
    peak = 0
    for at, operator in enumerate(graph.operators):
        for tensor in operator.outputs:
            size = int(np.prod(graph.shape(tensor))) * _BYTES.get(graph.dtype(tensor), 4)
            alive[tensor] = -(-size // _ALIGNMENT) * _ALIGNMENT
        peak = max(peak, sum(alive.values()))
        alive = {tensor: size for tensor, size in alive.items() if last.get(tensor, -1) > at}
    return peak


def _size(graph: Graph) -> int:
    return sum(int(np.prod(graph.shape(operator.outputs[0]))) for operator in graph.operators)
