"""The int8 recipe for old readers: weights stored as int8, restored to float32 before any operator sees them.

Interpreters of before mid-2023 misread per-channel int8 weights in a dense layer with float activations, without an
error. Restored weights they read right, and so does everyone else.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converter.graph import Array, Graph, Model, scales
from converter.rounding import symmetric
from converter.weights import weight

NAME = "weight_only_wi8_afp32"
# Weights whose first axis counts output channels: one scale each.
_CHANNELS = {("FULLY_CONNECTED", 1), ("CONV_2D", 1)}
_PER_TENSOR, _PER_CHANNEL = 2, 5  # versions of DEQUANTIZE


def to_weight_only(content: bytes) -> bytes:
    """Return a float32 .tflite file with its weights stored as int8."""
    model = Model(content)
    for graph in model.graphs:
        restored: dict[int, int] = {}
        operators: list[Any] = []
        for operator in graph.operators:
            kind = graph.name(operator)
            for slot, tensor in enumerate(map(int, operator.inputs)):
                array = weight(graph, tensor)
                if array is None:
                    continue
                if kind == "GATHER" and slot == 0:
                    operators += _gathered(graph, operator, array)
                    break
                if tensor not in restored:
                    per_channel = (kind, slot) in _CHANNELS
                    restored[tensor] = _restored(graph, tensor, array, operators, per_channel=per_channel)
                operator.inputs[slot] = restored[tensor]
            else:
                operators.append(operator)
        graph.operators = operators
    return model.write()


def _restored(graph: Graph, tensor: int, array: Array, before: list[Any], *, per_channel: bool) -> int:
    """Put a DEQUANTIZE in front and return the tensor that it computes."""
    rounded = symmetric(array, axis=0 if per_channel else None)
    name = graph.tensor(tensor).name
    stored = graph.add_constant(
        ("weight only", graph.tensor(tensor).buffer), name, rounded.values, quantization=scales(rounded.scale)
    )
    result = graph.add_tensor(f"restored{stored}", array.shape, "float32")
    version = _PER_CHANNEL if per_channel else _PER_TENSOR
    before.append(graph.operator("DEQUANTIZE", version, [stored], [result], schema.DequantizeOptionsT()))
    return result


def _gathered(graph: Graph, operator: Any, array: Array) -> list[Any]:
    """Gather rows as int8 and restore only these: a restored table would be four times the file in memory."""
    rounded = symmetric(array)
    tensor, out = graph.tensor(int(operator.inputs[0])), int(operator.outputs[0])
    quantization = scales(np.asarray(rounded.scale))
    operator.inputs[0] = graph.add_constant(
        ("weight only", tensor.buffer), tensor.name, rounded.values, quantization=quantization
    )
    rows = graph.add_tensor(f"rows{out}", graph.shape(out), "int8", quantization=quantization)
    operator.outputs[0] = rows
    graph.set_version(operator, _PER_TENSOR)
    return [operator, graph.operator("DEQUANTIZE", _PER_TENSOR, [rows], [out], schema.DequantizeOptionsT())]
