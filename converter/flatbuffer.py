"""Read and write .tflite files: nothing unused, large buffers aligned, equal parts stored once."""

import hashlib
from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

_IDENTIFIER = b"TFL3"
# The schema's force_align of a buffer; the generated Python code knows only the size of an element.
_ALIGNMENT = 16


def read(content: bytes) -> Any:
    """Return the tree of a .tflite file; arrays are views of ``content``."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))


def write(model: Any) -> bytes:
    """Return the file of a tree.

    Tensors that no operator and no signature uses are left out, and so are buffers. Buffers of equal content, and
    quantization parameters of equal content, are written once and referred to by every tensor: each length bucket has
    tensors of its own, and the parameters of 20,000 output channels would otherwise cost 0.37 MB a bucket.
    """
    for index, subgraph in enumerate(model.subgraphs):
        _drop_unused_tensors(model, index, subgraph)
    _drop_unused_codes(model)
    _share_buffers(model)
    _share_quantization(model)
    builder = flatbuffers.Builder(1024 + sum(len(buffer.data) + 64 for buffer in model.buffers))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _drop_unused_tensors(model: Any, index: int, subgraph: Any) -> None:
    used = {*map(int, subgraph.inputs), *map(int, subgraph.outputs)}
    for operator in subgraph.operators:
        for indices in (operator.inputs, operator.outputs, operator.intermediates):
            used.update(map(int, [] if indices is None else indices))
    used.discard(-1)
    place = {old: new for new, old in enumerate(sorted(used))} | {-1: -1}
    subgraph.tensors = [subgraph.tensors[old] for old in sorted(used)]
    subgraph.inputs = [place[int(old)] for old in subgraph.inputs]
    subgraph.outputs = [place[int(old)] for old in subgraph.outputs]
    for operator in subgraph.operators:
        operator.inputs = [place[int(old)] for old in operator.inputs]
        operator.outputs = [place[int(old)] for old in operator.outputs]
        if operator.intermediates is not None:
            operator.intermediates = [place[int(old)] for old in operator.intermediates]
    for signature in model.signatureDefs or []:
        if signature.subgraphIndex == index:
            for entry in [*signature.inputs, *signature.outputs]:
                entry.tensorIndex = place[int(entry.tensorIndex)]


def _drop_unused_codes(model: Any) -> None:
    operators = [operator for subgraph in model.subgraphs for operator in subgraph.operators]
    used = sorted({operator.opcodeIndex for operator in operators})
    place = {old: new for new, old in enumerate(used)}
    model.operatorCodes = [model.operatorCodes[old] for old in used]
    for operator in operators:
        operator.opcodeIndex = place[operator.opcodeIndex]


def _share_buffers(model: Any) -> None:
    """Keep each content once; buffer 0 is empty and means that a tensor is computed."""
    kept: list[_Buffer] = [_Buffer(b"")]
    place: dict[bytes, int] = {}

    def of(index: int) -> int:
        data = model.buffers[index].data
        if data is None or not len(data):
            return 0
        array = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else np.asarray(data, np.uint8)
        key = hashlib.sha256(array.data).digest()
        if key not in place:
            place[key] = len(kept)
            kept.append(_Buffer(array))
        return place[key]

    known: dict[int, int] = {}
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            if tensor.buffer not in known:
                known[tensor.buffer] = of(tensor.buffer)
            tensor.buffer = known[tensor.buffer]
    for entry in model.metadata or []:
        entry.buffer = of(entry.buffer)
    model.metadataBuffer = None
    model.buffers = kept


def _share_quantization(model: Any) -> None:
    place: dict[bytes, _Quantization] = {}
    vectors: dict[bytes, int] = {}
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            if tensor.quantization is not None:
                tensor.quantization = _shared(tensor.quantization, place, vectors)


def _shared(
    quantization: Any, place: dict[bytes, "_Quantization"], vectors: dict[bytes, int]
) -> "_Quantization | None":
    # The recorded minimum and maximum serve no interpreter.
    if quantization.scale is None or not len(quantization.scale):
        return None
    scale, zero = np.asarray(quantization.scale, np.float32), np.asarray(quantization.zeroPoint, np.int64)
    key = scale.tobytes() + zero.tobytes() + bytes([quantization.quantizedDimension])
    return place.setdefault(key, _Quantization(scale, zero, quantization.quantizedDimension, vectors))


class _Buffer:
    """A buffer that packs itself aligned."""

    def __init__(self, data: bytes | NDArray[np.uint8]) -> None:
        self.data = data

    def Pack(self, builder: Any) -> int:  # noqa: N802 - the generated code's name
        offset = self._data(builder) if len(self.data) else None
        schema.BufferStart(builder)
        if offset is not None:
            schema.BufferAddData(builder, offset)
        return int(schema.BufferEnd(builder))

    def _data(self, builder: Any) -> int:
        builder.StartVector(1, len(self.data), _ALIGNMENT)
        builder.head -= len(self.data)
        builder.Bytes[builder.head : builder.head + len(self.data)] = bytes(self.data)
        return int(builder.EndVector())


class _Quantization:
    """Quantization parameters that pack themselves once, however many tensors have them.

    :param vectors: where the zero points lie that were written so far: most are the same row of zeros.
    """

    def __init__(
        self, scale: NDArray[np.float32], zero_point: NDArray[np.int64], dimension: int, vectors: dict[bytes, int]
    ) -> None:
        self.scale, self.zero_point, self.dimension, self._vectors = scale, zero_point, dimension, vectors
        self._offset: int | None = None

    def Pack(self, builder: Any) -> int:  # noqa: N802 - the generated code's name
        if self._offset is None:
            scale = builder.CreateNumpyVector(self.scale)
            key = self.zero_point.tobytes()
            if key not in self._vectors:
                self._vectors[key] = builder.CreateNumpyVector(self.zero_point)
            zero_point = self._vectors[key]
            schema.QuantizationParametersStart(builder)
            schema.QuantizationParametersAddScale(builder, scale)
            schema.QuantizationParametersAddZeroPoint(builder, zero_point)
            schema.QuantizationParametersAddQuantizedDimension(builder, self.dimension)
            self._offset = int(schema.QuantizationParametersEnd(builder))
        return self._offset
