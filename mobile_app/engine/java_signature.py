"""One entry point of a model behind LiteRT's Java API, with the buffers that carry its tensors."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import Array, Signature, TensorSpec
from mobile_app.engine.java import java_class
from mobile_app.engine.java_tensors import JavaTensors


class JavaSignature:
    """Runs one entry point; its buffers are allocated once and used by every run.

    :param model: an ``org.tensorflow.lite.Interpreter``.
    :param key: the entry point.
    :raises InterpreterError: if a tensor has no fixed shape, or a type that numpy does not have.
    """

    def __init__(self, model: Any, key: str) -> None:
        self._model, self._key = model, key
        self.signature = Signature(
            {name: _spec(name, model.getInputTensorFromSignature(name, key)) for name in model.getSignatureInputs(key)},
            {
                name: _spec(name, model.getOutputTensorFromSignature(name, key))
                for name in model.getSignatureOutputs(key)
            },
        )
        byte_buffer = java_class("java.nio.ByteBuffer")
        # LiteRT reads a direct buffer in one go, and writes to any kind. pyjnius takes the array behind a heap buffer
        # over as a block, but the content of a direct one byte by byte: 2 against 55 microseconds for 384 floats.
        self._inputs = JavaTensors(self.signature.inputs, byte_buffer.allocateDirect)
        self._outputs = JavaTensors(self.signature.outputs, byte_buffer.allocate)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Run the entry point on inputs that were checked.

        :raises JavaException: if the model fails.
        """
        self._inputs.write(inputs)
        self._outputs.rewind()
        self._model.runSignature(self._inputs.by_name, self._outputs.by_name, self._key)
        return self._outputs.read()


def _spec(name: str, tensor: Any) -> TensorSpec:
    shape = tuple(int(size) for size in tensor.shapeSignature())
    kind = str(tensor.dataType().toString()).lower()
    if min(shape, default=1) < 1 or kind == "string":
        raise InterpreterError(
            f"the tensor {name} to have numbers and a fixed shape",
            f"{kind} {list(shape)}",
            "convert the model with one signature for every length",
        )
    return TensorSpec(shape, np.dtype(kind))
