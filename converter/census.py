"""Say truthfully what is inside a .tflite file: operators, types of weights and activations, dynamic tensors."""

from collections import Counter
from typing import Any

from ai_edge_litert import schema_py_generated as schema

# Constants below this many elements are biases, axes, shapes and the like; they do not make a file "int8".
WEIGHT_ELEMENTS = 1024


def census(content: bytes) -> dict[str, Any]:
    """Count what a .tflite file holds.

    :param content: the whole file.
    :return: ``ops`` (operator to count over all signatures), ``weight_dtypes`` (type to number of constants of at
        least 1,024 elements), ``weight_bytes`` (type to bytes, each shared buffer once), ``activation_dtypes`` (type
        to number of tensors computed at run time), ``flex_ops`` (names), ``dynamic_tensors`` (count).
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    ops: Counter[str] = Counter()
    activations: Counter[str] = Counter()
    flex: set[str] = set()
    weights: dict[int, tuple[str, int]] = {}
    dynamic = 0
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            ops[_operator_name(code)] += 1
            if code.customCode and bytes(code.customCode).startswith(b"Flex"):
                flex.add(bytes(code.customCode).decode())
        for tensor in subgraph.tensors:
            shape = [] if tensor.shape is None else [int(size) for size in tensor.shape]
            if _is_constant(model, tensor):
                elements = 1
                for size in shape:
                    elements *= size
                if elements >= WEIGHT_ELEMENTS:
                    weights[tensor.buffer] = (_TYPES[tensor.type], _buffer_bytes(model, tensor.buffer))
            else:
                activations[_TYPES[tensor.type]] += 1
                signature = [] if tensor.shapeSignature is None else [int(size) for size in tensor.shapeSignature]
                dynamic += any(size < 0 for size in [*shape, *signature])
    weight_bytes: Counter[str] = Counter()
    for dtype, size in weights.values():
        weight_bytes[dtype] += size
    return {
        "ops": dict(sorted(ops.items())),
        "weight_dtypes": dict(sorted(Counter(dtype for dtype, _ in weights.values()).items())),
        "weight_bytes": dict(sorted(weight_bytes.items())),
        "activation_dtypes": dict(sorted(activations.items())),
        "flex_ops": sorted(flex),
        "dynamic_tensors": dynamic,
    }


def _names_of(enumeration: type) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


_TYPES = {value: name.lower() for value, name in _names_of(schema.TensorType).items()}
_OPERATORS = _names_of(schema.BuiltinOperator)


def _operator_name(code: Any) -> str:
    # Files of the first schema keep the code in the deprecated byte.
    return _OPERATORS.get(max(code.builtinCode, code.deprecatedBuiltinCode), "UNKNOWN")


def _is_constant(model: Any, tensor: Any) -> bool:
    return tensor.buffer > 0 and _buffer_bytes(model, tensor.buffer) > 0


def _buffer_bytes(model: Any, index: int) -> int:
    buffer = model.buffers[index]
    # Large files keep buffers outside the flatbuffer, as an offset and a size.
    return int(buffer.size or (0 if buffer.data is None else len(buffer.data)))
