"""A .tflite file as a graph that passes can change: operators by name, constants as arrays."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from converter import flatbuffer
from mobile_app.engine.errors import UndertoneError

Array = NDArray[Any]

OPERATORS: dict[int, str] = {
    value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)
}
_CODES = {name: value for value, name in OPERATORS.items()}
TYPES: dict[int, str] = {
    value: name.lower() for name, value in vars(schema.TensorType).items() if isinstance(value, int)
}
_TYPE_CODES = {name: value for value, name in TYPES.items()}
_DTYPES = {"float32": np.float32, "float16": np.float16, "int32": np.int32, "int64": np.int64, "int8": np.int8}


class Model:
    """A whole file: one graph per signature, and what they share.

    :param content: the bytes of a .tflite file.
    """

    def __init__(self, content: bytes) -> None:
        self.tree = flatbuffer.read(content)
        self.graphs = [Graph(self, subgraph) for subgraph in self.tree.subgraphs]
        self._buffers: dict[object, int] = {}

    def write(self) -> bytes:
        """Return the bytes of the changed file; the model cannot be changed any more."""
        return flatbuffer.write(self.tree)

    def require_equal_graphs(self) -> None:
        """Refuse a file whose graphs are not the same operators in the same order: passes name operators by place.

        :raises UndertoneError: if they differ.
        """
        orders = [graph.names() for graph in self.graphs]
        if any(order != orders[0] for order in orders):
            raise UndertoneError(
                "length buckets with the same operators in the same order",
                "different graphs: " + ", ".join(str(len(order)) for order in orders) + " operators",
                "leave out the recipes that need calibration, or build a single length bucket",
            )

    def buffer(self, key: object, data: bytes) -> int:
        """Return the buffer of constant data; ``key`` names it, so that every graph gets the same one."""
        if key not in self._buffers:
            self._buffers[key] = len(self.tree.buffers)
            self.tree.buffers.append(schema.BufferT(data=np.frombuffer(data, np.uint8)))
        return self._buffers[key]

    def code(self, name: str, version: int) -> int:
        """Return the index of an operator of at least this version."""
        for index, code in enumerate(self.tree.operatorCodes):
            if operator_name(code) == name and code.version == version:
                return index
        value = _CODES[name]
        code = schema.OperatorCodeT(builtinCode=value, deprecatedBuiltinCode=min(value, 127), version=version)
        self.tree.operatorCodes.append(code)
        return len(self.tree.operatorCodes) - 1


class Graph:
    """One signature's operators and tensors."""

    def __init__(self, model: Model, subgraph: Any) -> None:
        self.model, self.subgraph = model, subgraph
        for operator in subgraph.operators:  # arrays of a file that was read are read-only
            operator.inputs, operator.outputs = list(map(int, operator.inputs)), list(map(int, operator.outputs))

    @property
    def operators(self) -> list[Any]:
        """The operators, in the order in which they run."""
        return list(self.subgraph.operators)

    @operators.setter
    def operators(self, operators: Sequence[Any]) -> None:
        self.subgraph.operators = list(operators)

    def name(self, operator: Any) -> str:
        """Return the kind of an operator, such as ``FULLY_CONNECTED``."""
        return operator_name(self.model.tree.operatorCodes[operator.opcodeIndex])

    def names(self) -> list[str]:
        """Return the kinds of all operators in order."""
        return [self.name(operator) for operator in self.subgraph.operators]

    def tensor(self, index: int) -> Any:
        """Return a tensor by its index."""
        return self.subgraph.tensors[index]

    def dtype(self, index: int) -> str:
        """Return the type of a tensor, such as ``float32``."""
        return TYPES[self.tensor(index).type]

    def shape(self, index: int) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        shape = self.tensor(index).shape
        return () if shape is None else tuple(int(size) for size in shape)

    def constant(self, index: int) -> Array | None:
        """Return the value of a constant, or None if the tensor is computed or absent."""
        if index < 0:
            return None
        data = self.model.tree.buffers[self.tensor(index).buffer].data
        dtype = _DTYPES.get(self.dtype(index))
        if data is None or not len(data) or dtype is None:
            return None
        return np.frombuffer(bytes(data), dtype).reshape(self.shape(index))

    def producers(self) -> dict[int, int]:
        """Return the position of the operator that computes each tensor."""
        return {int(out): at for at, operator in enumerate(self.subgraph.operators) for out in operator.outputs}

    def consumers(self) -> dict[int, list[int]]:
        """Return the positions of the operators that read each tensor."""
        readers: dict[int, list[int]] = defaultdict(list)
        for at, operator in enumerate(self.subgraph.operators):
            for tensor in map(int, operator.inputs):
                readers[tensor].append(at)
        return readers

    def add_tensor(
        self, name: str, shape: Sequence[int], dtype: str, *, buffer: int = 0, quantization: Any = None
    ) -> int:
        """Add a tensor and return its index; ``buffer`` 0 means that it is computed."""
        tensor = schema.TensorT(
            shape=list(shape), type=_TYPE_CODES[dtype], buffer=buffer, name=name, quantization=quantization
        )
        tensor.hasRank = True
        self.subgraph.tensors.append(tensor)
        return len(self.subgraph.tensors) - 1

    def add_constant(
        self, key: object, name: str, array: Array, *, dtype: str | None = None, quantization: Any = None,
        shape: Sequence[int] | None = None,
    ) -> int:  # fmt: skip
        """Add a constant tensor; graphs that use the same ``key`` share its buffer."""
        buffer = self.model.buffer(key, np.ascontiguousarray(array).tobytes())
        return self.add_tensor(
            name, array.shape if shape is None else shape, dtype or str(array.dtype), buffer=buffer,
            quantization=quantization,
        )  # fmt: skip

    def operator(
        self, name: str, version: int, inputs: Sequence[int], outputs: Sequence[int], options: Any = None
    ) -> Any:
        """Return a new operator; the caller puts it into its place."""
        operator = schema.OperatorT(
            opcodeIndex=self.model.code(name, version), inputs=list(inputs), outputs=list(outputs)
        )
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            operator.builtinOptions = options
        return operator

    def set_version(self, operator: Any, version: int) -> None:
        """Give an operator the version from which on its kernel takes these types."""
        code = self.model.tree.operatorCodes[operator.opcodeIndex]
        operator.opcodeIndex = self.model.code(operator_name(code), version)

    def outputs_by_name(self) -> Iterator[tuple[str, int]]:
        """Yield the names and tensors of the signature's outputs."""
        index = [graph is self for graph in self.model.graphs].index(True)
        for signature in self.model.tree.signatureDefs:
            if signature.subgraphIndex == index:
                yield from ((entry.name.decode(), int(entry.tensorIndex)) for entry in signature.outputs)


def operator_name(code: Any) -> str:
    """Return the kind of an operator code; files of the first schema keep it in the deprecated byte."""
    return OPERATORS.get(max(code.builtinCode, code.deprecatedBuiltinCode), "UNKNOWN")


def scales(scale: Array | float, zero_point: Array | int = 0, dimension: int = 0) -> Any:
    """Return quantization parameters: value = scale * (stored - zero_point), per tensor or along ``dimension``."""
    scale = np.atleast_1d(np.asarray(scale, np.float32))
    return schema.QuantizationParametersT(
        scale=scale,
        zeroPoint=np.broadcast_to(np.asarray(zero_point, np.int64), scale.shape).copy(),
        quantizedDimension=dimension,
    )
