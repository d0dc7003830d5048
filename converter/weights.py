"""Passes that store weights in fewer bits and leave activations in float32."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converter.census import WEIGHT_ELEMENTS
from converter.graph import Array, Graph, Model, scales
from converter.rounding import packed, symmetric

# A dense layer with per-channel int8 weights and float activations; older versions read such weights wrongly.
_DENSE_VERSION, _DENSE_4_BIT_VERSION = 12, 13
_CONTROL = ("WHILE", "IF", "CALL", "CALL_ONCE", "DEQUANTIZE", "EMBEDDING_LOOKUP")


def to_float16(content: bytes) -> bytes:
    """Store weights as float16; a DEQUANTIZE before each use restores float32, once, when the model is loaded."""
    model = Model(content)
    for graph in model.graphs:
        restore = _Restorer(graph)
        operators: list[Any] = []
        for operator in graph.operators:
            for slot, tensor in enumerate(operator.inputs):
                array = weight(graph, tensor)
                if array is not None and graph.name(operator) not in _CONTROL:
                    buffer = graph.tensor(tensor).buffer
                    half = (("float16", buffer), array.astype(np.float16), "float16", None, 3)
                    operator.inputs[slot] = restore(tensor, *half, before=operators)
            operators.append(operator)
        graph.operators = operators
    return model.write()


def to_dynamic(content: bytes, bits: Mapping[str, int] | None = None) -> bytes:
    """Store weights as int8, or 4-bit integers where asked; dense layers round their activations on the fly.

    Dense layers get one scale per output channel; tables are gathered as int8 and restored row by row; whatever else
    is a large constant is restored when the model is loaded.

    :param bits: weights by their names (:func:`weights_of`) that shall have another number of bits than 8: 4, or 32,
        which leaves them alone.
    """
    bits = bits or {}
    model = Model(content)
    names = _names(model.graphs[0])
    for graph in model.graphs:
        restore = _Restorer(graph)
        operators: list[Any] = []
        for operator in graph.operators:
            wanted = {
                slot: bits.get(names.get(graph.tensor(tensor).buffer, ""), 8)
                for slot, tensor in enumerate(operator.inputs)
                if weight(graph, tensor) is not None and graph.name(operator) not in _CONTROL
            }
            operators += _stored(graph, operator, {slot: n for slot, n in wanted.items() if n != 32}, restore)
        graph.operators = operators
    return model.write()


def _stored(graph: Graph, operator: Any, wanted: Mapping[int, int], restore: "_Restorer") -> list[Any]:
    """Return an operator and what goes with it once the weights at these inputs have so many bits."""
    kind, before = graph.name(operator), list[Any]()
    for slot, bits in wanted.items():
        tensor = operator.inputs[slot]
        array = weight(graph, tensor)
        assert array is not None
        if kind == "GATHER" and slot == 0 and array.ndim == 2:
            return _table(graph, operator, array, bits)
        if kind == "FULLY_CONNECTED" and slot == 1:
            _dense(graph, operator, array, bits)
        else:
            rounded = symmetric(array)
            key, quantization = ("int8", graph.tensor(tensor).buffer), scales(rounded.scale)
            operator.inputs[slot] = restore(tensor, key, rounded.values, "int8", quantization, 2, before=before)
    return [*before, operator]


def weight(graph: Graph, tensor: int) -> Array | None:
    """Return a constant that counts as a weight, or None."""
    if tensor < 0 or graph.dtype(tensor) != "float32" or int(np.prod(graph.shape(tensor))) < WEIGHT_ELEMENTS:
        return None
    return graph.constant(tensor)


def weights_of(content: bytes) -> dict[str, int]:
    """Return the weights that may have any number of bits, by name, with their numbers of elements.

    Names count dense layers and tables in the order in which they run: ``dense.0``, ``table.0``. They hold for every
    file of the same architecture, whatever its length buckets.
    """
    graph = Model(content).graphs[0]
    names = _names(graph)
    found = {}
    for operator in graph.operators:
        for tensor in operator.inputs:
            name = names.get(graph.tensor(tensor).buffer) if tensor >= 0 else None
            if name is not None:
                found[name] = int(np.prod(graph.shape(tensor)))
    return found


def _names(graph: Graph) -> dict[int, str]:
    """Return the names of dense weights and tables by their buffers, which all length buckets share."""
    names: dict[int, str] = {}
    counts = {"dense": 0, "table": 0}
    for operator in graph.operators:
        role, slot = {"FULLY_CONNECTED": ("dense", 1), "GATHER": ("table", 0)}.get(graph.name(operator), ("", -1))
        if not role:
            continue
        tensor = operator.inputs[slot]
        array = weight(graph, tensor)
        if array is not None and array.ndim == 2 and graph.tensor(tensor).buffer not in names:
            names[graph.tensor(tensor).buffer] = f"{role}.{counts[role]}"
            counts[role] += 1
    return names


def _dense(graph: Graph, operator: Any, array: Array, bits: int) -> None:
    tensor = graph.tensor(int(operator.inputs[1]))
    rounded = symmetric(array, bits=bits, axis=0)
    dtype = "int8" if bits == 8 else "int4"
    operator.inputs[1] = graph.add_constant(
        (dtype, tensor.buffer), tensor.name, rounded.values if bits == 8 else packed(rounded.values), dtype=dtype,
        quantization=scales(rounded.scale), shape=array.shape,
    )  # fmt: skip
    operator.builtinOptions.asymmetricQuantizeInputs = True
    graph.set_version(operator, _DENSE_VERSION if bits == 8 else _DENSE_4_BIT_VERSION)


def _table(graph: Graph, operator: Any, array: Array, bits: int) -> list[Any]:
    tensor = graph.tensor(int(operator.inputs[0]))
    out = int(operator.outputs[0])
    if bits == 4:
        return _looked_up(graph, operator, array)
    rounded = symmetric(array)
    quantization = scales(rounded.scale)
    operator.inputs[0] = graph.add_constant(
        ("int8", tensor.buffer), tensor.name, rounded.values, quantization=quantization
    )
    rows = graph.add_tensor(f"{graph.tensor(out).name!r} rows", graph.shape(out), "int8", quantization=quantization)
    operator.outputs[0] = rows
    graph.set_version(operator, 2)
    return [operator, graph.operator("DEQUANTIZE", 2, [rows], [out], schema.DequantizeOptionsT())]


def _looked_up(graph: Graph, operator: Any, array: Array) -> list[Any]:
    """Return operators that look rows up in a 4-bit table with one scale per row."""
    tensor, ids, out = graph.tensor(int(operator.inputs[0])), int(operator.inputs[1]), int(operator.outputs[0])
    rounded = symmetric(array, bits=4, axis=0)
    table = graph.add_constant(
        ("int4", tensor.buffer), tensor.name, packed(rounded.values), dtype="int4",
        quantization=scales(rounded.scale), shape=array.shape,
    )  # fmt: skip
    n = int(np.prod(graph.shape(ids)))
    flat = graph.add_tensor("row numbers", [n], graph.dtype(ids))
    rows = graph.add_tensor("rows", [n, array.shape[1]], "float32")
    return [
        graph.operator("RESHAPE", 1, [ids, _shape(graph, [n])], [flat], schema.ReshapeOptionsT(newShape=[n])),
        graph.operator("EMBEDDING_LOOKUP", 4, [flat, table], [rows]),
        graph.operator(
            "RESHAPE", 1, [rows, _shape(graph, graph.shape(out))], [out],
            schema.ReshapeOptionsT(newShape=list(graph.shape(out))),
        ),
    ]  # fmt: skip


def _shape(graph: Graph, shape: Any) -> int:
    array = np.asarray(shape, np.int32)
    return graph.add_constant(("shape", *map(int, array)), "shape", array)


class _Restorer:
    """Puts a DEQUANTIZE between a stored constant and those who read it, once per constant and graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._restored: dict[int, int] = {}

    def __call__(
        self, tensor: int, key: object, stored: Array, dtype: str, quantization: Any, version: int, *, before: list[Any]
    ) -> int:
        graph = self._graph
        if tensor not in self._restored:
            name = graph.tensor(tensor).name
            constant = graph.add_constant(key, name, stored, dtype=dtype, quantization=quantization)
            restored = graph.add_tensor(f"{name!r} restored", stored.shape, "float32")
            before.append(graph.operator("DEQUANTIZE", version, [constant], [restored], schema.DequantizeOptionsT()))
            self._restored[tensor] = restored
        return self._restored[tensor]
