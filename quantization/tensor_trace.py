"""Every tensor that a model computes for an utterance, by the reference kernels: no delegate hides what is between."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantization.graph import Graph

Values = NDArray[np.float64]


class TensorTrace:
    """Runs one signature and keeps all tensors.

    XNNPACK is off, since it computes whole parts of the graph in one go: values are those of LiteRT's own kernels,
    which round like it but not always the same way.

    :param path: the model file.
    :param signature: the entry point to run.
    """

    def __init__(self, path: Path, signature: str, *, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self.graph = Graph.read(path, signature)
        with quiet():
            self._model: Any = Interpreter(
                model_path=str(path),
                num_threads=threads,
                experimental_preserve_all_tensors=True,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._run = self._model.get_signature_runner(signature)
        details = self._model.get_tensor_details(self.graph.subgraph)
        self._parameters = {one["index"]: one["quantization_parameters"] for one in details}
        self._dtypes = {one["index"]: one["dtype"] for one in details}

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[int, Values]:
        """Return the value of every computed tensor, dequantized, by its place in the subgraph."""
        self._run(**inputs)
        found = {}
        for operator in self.graph.operators:
            for tensor in operator.outputs:
                try:
                    value = self._model.get_tensor(tensor, self.graph.subgraph)
                except ValueError:  # computed once at loading, and its memory given back
                    continue
                if value.dtype.kind in "fiu":
                    found[tensor] = self._real(tensor, value)
        return found

    def step(self, tensor: int) -> float | None:
        """Return the distance between two neighbouring quantized values; None for a float tensor."""
        scales = self._parameters.get(tensor, {}).get("scales", ())
        return float(scales[0]) if len(scales) else None

    def limits(self, tensor: int) -> tuple[float, float] | None:
        """Return the smallest and the largest value that a quantized tensor can hold; None for a float tensor."""
        step = self.step(tensor)
        if step is None:
            return None
        zero, stored = float(self._parameters[tensor]["zero_points"][0]), np.iinfo(self._dtypes[tensor])
        return (stored.min - zero) * step, (stored.max - zero) * step

    def close(self) -> None:
        """Release the model."""
        self._run = self._model = None

    def _real(self, tensor: int, value: NDArray[Any]) -> Values:
        scale = self.step(tensor)
        real = value.astype(np.float64)
        if scale is None or value.dtype.kind == "f":
            return real
        zero = float(self._parameters[tensor]["zero_points"][0])
        return (real - zero) * scale


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what native code says on opening a model off the screen."""
    with tempfile.TemporaryFile() as held:
        kept = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
