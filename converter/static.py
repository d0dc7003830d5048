"""The pass behind the recipes with calibrated activations: chosen operators run on integers, the rest on float32."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from converter.dense import Dense, Inputs, dense, inputs_of, output_factor, range_of
from converter.graph import Array, Graph, Model, scales
from converter.observe import Observed
from converter.rounding import Range
from converter.weights import weight

# They hand values on unchanged, in whatever type these come.
_HANDING_ON = {"RESHAPE": 1, "TRANSPOSE": 2, "STRIDED_SLICE": 2}
# Version of each operator that takes int8, or int16.
_VERSIONS = {
    8: {"FULLY_CONNECTED": 12, "BATCH_MATMUL": 2, "SOFTMAX": 2, "GELU": 2, "ADD": 2, "MUL": 2, "SUB": 2, "MEAN": 2,
        "SQUARED_DIFFERENCE": 2, "RSQRT": 2, "TANH": 2, "LOGISTIC": 2, "RELU": 2},
    16: {"FULLY_CONNECTED": 12, "BATCH_MATMUL": 3, "SOFTMAX": 3, "ADD": 5, "MUL": 5, "SUB": 5, "MEAN": 3},
}  # fmt: skip
# Ranges that the kernels demand.
_FIXED = {
    8: {"SOFTMAX": Range(1 / 256, -128), "LOGISTIC": Range(1 / 256, -128), "TANH": Range(1 / 128, 0)},
    16: {"SOFTMAX": Range(1 / 32768, 0), "LOGISTIC": Range(1 / 32768, 0), "TANH": Range(1 / 32768, 0)},
}
DENSE = frozenset({"FULLY_CONNECTED"})
# Activations inside a dense layer that dividing its outputs by positive numbers passes through.
_FUSED = (schema.ActivationFunctionType.NONE, schema.ActivationFunctionType.RELU)


@dataclass(frozen=True)
class StaticPlan:
    """What runs on integers, and how ranges are found.

    :param bits: of the activations, 8 or 16.
    :param integer: kinds of operators that run on integers; what hands values on between them follows.
    :param in_float: positions of operators that stay in float32 all the same.
    :param move_inputs: whether outliers of a dense layer's inputs move into its weights.
    :param move_outputs: whether outliers of its outputs do.
    :param by_error: ranges by least squared error instead of extremes.
    :param correct_bias: whether biases make up for the mean error of rounding.
    """

    bits: int = 8
    integer: frozenset[str] = DENSE
    in_float: frozenset[int] = frozenset()
    move_inputs: bool = True
    move_outputs: bool = True
    by_error: bool = True
    correct_bias: bool = True


def watched(content: bytes, plan: StaticPlan) -> tuple[set[int], set[int]]:
    """Return the positions of the operators whose outputs need watching: per channel, and as a whole."""
    graph = Model(content).graphs[0]
    producers = graph.producers()
    rows: set[int] = set()
    values: set[int] = set()
    for at in _integer(graph, plan):
        operator = graph.operators[at]
        of_inputs = {producers[tensor] for tensor in _activations(graph, operator) if tensor in producers}
        (rows if graph.name(operator) == "FULLY_CONNECTED" else values).update({at, *of_inputs})
    return rows, values - rows


def to_static(content: bytes, observed: Mapping[int, Observed], plan: StaticPlan) -> bytes:
    """Put the chosen operators of an fp32 file on integers, with quantization at the borders to float32.

    :param observed: what :func:`watched` asks for.
    """
    model = Model(content)
    model.require_equal_graphs()
    inputs: dict[int, Inputs] = {}  # what was chosen for one length bucket holds for all
    rounded: dict[int, Dense] = {}
    for graph in model.graphs:
        _GraphPass(graph, observed, plan, inputs, rounded).run()
    return model.write()


def _integer(graph: Graph, plan: StaticPlan) -> set[int]:
    """Return the positions of the operators that run on integers."""
    names, consumers, operators = graph.names(), graph.consumers(), graph.operators
    chosen = {
        at
        for at, operator in enumerate(operators)
        if names[at] in plan.integer and at not in plan.in_float and _is_possible(graph, operator)
    }
    outputs = set(map(int, graph.subgraph.outputs))
    for at in reversed(range(len(operators))):
        out = int(operators[at].outputs[0])
        readers = consumers[out]
        is_between = bool(readers) and out not in outputs and all(reader in chosen for reader in readers)
        if names[at] in _HANDING_ON and is_between and graph.dtype(out) == "float32":
            chosen.add(at)
    return chosen


def _is_possible(graph: Graph, operator: Any) -> bool:
    name, inputs = graph.name(operator), operator.inputs
    if graph.dtype(int(operator.outputs[0])) != "float32" or int(operator.outputs[0]) in map(
        int, graph.subgraph.outputs
    ):
        return False
    if name == "FULLY_CONNECTED":
        fused = operator.builtinOptions.fusedActivationFunction
        return weight(graph, inputs[1]) is not None and fused in _FUSED
    return all(graph.dtype(tensor) == "float32" for tensor in inputs[:2])


def _activations(graph: Graph, operator: Any) -> list[int]:
    """Return the computed float inputs of an operator."""
    return [
        tensor
        for tensor in operator.inputs
        if tensor >= 0 and graph.dtype(tensor) == "float32" and graph.constant(tensor) is None
    ]


class _GraphPass:
    """Rewrites one graph."""

    def __init__(
        self,
        graph: Graph,
        observed: Mapping[int, Observed],
        plan: StaticPlan,
        inputs: dict[int, Inputs],
        rounded: dict[int, Dense],
    ) -> None:
        self._graph, self._observed, self._plan = graph, observed, plan
        self._inputs, self._rounded = inputs, rounded
        self._integer = _integer(graph, plan)
        self._producers, self._consumers, self._names = graph.producers(), graph.consumers(), graph.names()
        self._before = graph.operators
        self._after: list[Any] = []
        self._stored: dict[int, tuple[int, Range]] = {}  # float tensor -> its integers and their range
        self._divided: dict[int, tuple[int, Range, Array | None]] = {}  # the same for inputs of dense layers
        self._type = "int8" if plan.bits == 8 else "int16"

    def run(self) -> None:
        """Rewrite the graph."""
        for at, operator in enumerate(self._before):
            if at not in self._integer:
                self._after.append(operator)
            elif self._names[at] == "FULLY_CONNECTED":
                self._dense(at, operator)
            else:
                self._other(at, operator)
        self._graph.operators = self._after

    # --- dense layers -------------------------------------------------------------------------------------------------

    def _dense(self, at: int, operator: Any) -> None:
        graph, out = self._graph, operator.outputs[0]
        source, inputs, divide = self._dense_input(operator.inputs[0])
        if at not in self._rounded:
            self._rounded[at] = self._round(at, operator, inputs, divide)
        layer = self._rounded[at]
        name = graph.tensor(out).name
        operator.inputs = [
            source,
            graph.add_constant(("dense", at), name, layer.weights.values, quantization=scales(layer.weights.scale)),
            graph.add_constant(
                ("bias", at), name, layer.bias, quantization=scales(layer.weights.scale * np.float32(inputs.scale))
            ),
        ]
        if self._plan.bits == 16:
            operator.builtinOptions.quantizedBiasType = schema.TensorType.INT64
        operator.builtinOptions.asymmetricQuantizeInputs = False
        graph.set_version(operator, _VERSIONS[self._plan.bits]["FULLY_CONNECTED"])
        self._finish(at, operator, layer.output, layer.multiply)

    def _dense_input(self, tensor: int) -> tuple[int, Range, Array | None]:
        """Return the integers that a dense layer reads, their range, and by what the float values were divided."""
        if self._producers.get(tensor) in self._integer:
            return (*self._stored[tensor], None)
        if tensor not in self._divided:
            at = self._producers[tensor]
            if at not in self._inputs:
                plan = self._plan
                self._inputs[at] = inputs_of(
                    self._observed[at], self._weights_of_readers(tensor), bits=plan.bits, move=plan.move_inputs,
                    by_error=plan.by_error,
                )  # fmt: skip
            chosen = self._inputs[at]
            source = tensor
            if chosen.divide is not None:
                source = self._scaled(tensor, 1 / chosen.divide, ("divide", at))
            self._divided[tensor] = (self._quantized(source, chosen.range), chosen.range, chosen.divide)
        return self._divided[tensor]

    def _weights_of_readers(self, tensor: int) -> Array:
        """Return the weights of all dense layers on integers that read a tensor, one above the other."""
        readers = [self._before[at] for at in self._consumers[tensor] if at in self._integer]
        found = [self._graph.constant(reader.inputs[1]) for reader in readers if self._is_dense(reader)]
        return np.concatenate([array for array in found if array is not None])

    def _is_dense(self, operator: Any) -> bool:
        return self._graph.name(operator) == "FULLY_CONNECTED"

    def _round(self, at: int, operator: Any, inputs: Range, divide: Array | None) -> Dense:
        graph, plan = self._graph, self._plan
        weights = graph.constant(operator.inputs[1])
        assert weights is not None
        seen = self._observed.get(self._producers.get(operator.inputs[0], -1))
        sample: Array = np.zeros((0, weights.shape[1]), np.float32)
        if seen is not None and seen.sample.shape[1] == weights.shape[1]:
            sample = seen.sample
        if divide is not None:
            weights, sample = weights * divide, sample / divide
        outputs = self._observed[at]
        readers = self._consumers[operator.outputs[0]]
        free = plan.move_outputs and plan.bits == 8 and not any(reader in self._integer for reader in readers)
        return dense(
            weights,
            graph.constant(operator.inputs[2]) if len(operator.inputs) > 2 else None,
            inputs,
            sample,
            outputs,
            multiply=output_factor(outputs) if free else None,
            bits=plan.bits,
            by_error=plan.by_error,
            correct_bias=plan.correct_bias,
        )

    # --- other operators ----------------------------------------------------------------------------------------------

    def _other(self, at: int, operator: Any) -> None:
        name = self._names[at]
        ranges = []
        for slot, tensor in enumerate(operator.inputs):
            if tensor >= 0 and self._graph.dtype(tensor) == "float32":
                operator.inputs[slot], found = self._integers(tensor)
                ranges.append(found)
        if name in _HANDING_ON:
            version, chosen = _HANDING_ON[name], ranges[0]
        else:
            version = _VERSIONS[self._plan.bits][name]
            chosen = _FIXED[self._plan.bits].get(name) or self._range(self._observed[at])
        self._graph.set_version(operator, version)
        self._finish(at, operator, chosen, None)

    def _integers(self, tensor: int) -> tuple[int, Range]:
        """Return the integers of a float tensor, rounding it here if no operator on integers computed it."""
        if tensor not in self._stored:
            array = self._graph.constant(tensor)
            if array is not None:
                chosen = Range.of(float(array.min()), float(array.max()), bits=self._plan.bits)
                kind = np.int8 if self._plan.bits == 8 else np.int16
                values = (np.rint(array / chosen.scale) + chosen.zero_point).astype(kind)
                stored = self._graph.add_constant(
                    ("value", self._graph.tensor(tensor).buffer), "value", values, quantization=_parameters(chosen)
                )
            else:
                chosen = self._range(self._observed[self._producers[tensor]])
                stored = self._quantized(tensor, chosen)
            self._stored[tensor] = (stored, chosen)
        return self._stored[tensor]

    # --- borders ------------------------------------------------------------------------------------------------------

    def _range(self, seen: Observed) -> Range:
        return range_of(seen.sample, *seen.extremes, bits=self._plan.bits, by_error=self._plan.by_error)

    def _quantized(self, tensor: int, chosen: Range) -> int:
        graph = self._graph
        out = graph.add_tensor("rounded", graph.shape(tensor), self._type, quantization=_parameters(chosen))
        version = 1 if self._plan.bits == 8 else 2
        self._after.append(graph.operator("QUANTIZE", version, [tensor], [out], schema.QuantizeOptionsT()))
        return out

    def _scaled(self, tensor: int, factor: Array, key: object, out: int | None = None) -> int:
        graph = self._graph
        constant = graph.add_constant(key, "scale", factor.astype(np.float32))
        if out is None:
            out = graph.add_tensor("scaled", graph.shape(tensor), "float32")
        self._after.append(graph.operator("MUL", 1, [tensor, constant], [out], schema.MulOptionsT()))
        return out

    def _finish(self, at: int, operator: Any, chosen: Range, multiply: Array | None) -> None:
        """Append an operator on integers, and what its readers in float32 need."""
        graph, out = self._graph, operator.outputs[0]
        stored = graph.add_tensor("integers", graph.shape(out), self._type, quantization=_parameters(chosen))
        operator.outputs[0] = stored
        self._after.append(operator)
        self._stored[out] = (stored, chosen)
        if not all(reader in self._integer for reader in self._consumers[out]):
            version = 2 if self._plan.bits == 8 else 3
            restored = out if multiply is None else graph.add_tensor("restored", graph.shape(out), "float32")
            self._after.append(graph.operator("DEQUANTIZE", version, [stored], [restored], schema.DequantizeOptionsT()))
            if multiply is not None:
                self._scaled(restored, multiply, ("multiply", at), out)


def _parameters(chosen: Range) -> Any:
    return scales(chosen.scale, chosen.zero_point)


def integer_kinds(content: bytes) -> Iterable[str]:
    """Return the kinds of operators of a file that could run on int8."""
    return sorted(set(Model(content).graphs[0].names()) & set(_VERSIONS[8]))
