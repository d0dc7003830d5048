"""The operators of one signature of a .tflite file, in the order they run."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from mobile_app.engine.errors import InterpreterError


@dataclass(frozen=True)
class Operator:
    """One operator.

    :param kind: as the TFLite schema names it, e.g. ``FULLY_CONNECTED``.
    :param inputs: places of its input tensors in the subgraph; constants are among them, absent ones are not.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """One signature's subgraph.

    :param subgraph: its place in the file.
    :param names: of its tensors.
    :param operators: in the order they run.
    :param inputs: names of the signature's inputs, by tensor.
    """

    subgraph: int
    names: tuple[str, ...]
    operators: tuple[Operator, ...]
    inputs: dict[int, str]

    @classmethod
    def read(cls, path: Path, signature: str) -> "Graph":
        """Read the graph of a signature.

        :raises InterpreterError: if the file has no such signature.
        """
        model = schema.Model.GetRootAs(path.read_bytes(), 0)
        for place in range(model.SignatureDefsLength()):
            entry = model.SignatureDefs(place)
            if entry.SignatureKey().decode() == signature:
                inputs = (entry.Inputs(i) for i in range(entry.InputsLength()))
                by_tensor = {int(one.TensorIndex()): one.Name().decode() for one in inputs}
                return cls._of(model, entry.SubgraphIndex(), by_tensor)
        raise InterpreterError(f"a signature {signature} in {path}", "none of that name", "build the bundle again")

    @classmethod
    def _of(cls, model: Any, place: int, inputs: dict[int, str]) -> "Graph":
        subgraph = model.Subgraphs(place)
        names = tuple(subgraph.Tensors(i).Name().decode() for i in range(subgraph.TensorsLength()))
        operators = []
        for i in range(subgraph.OperatorsLength()):
            one = subgraph.Operators(i)
            code = model.OperatorCodes(one.OpcodeIndex())
            kind = _KINDS.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()), "UNKNOWN")
            sides = [
                tuple(int(side(k)) for k in range(length()) if side(k) >= 0)
                for side, length in ((one.Inputs, one.InputsLength), (one.Outputs, one.OutputsLength))
            ]
            operators.append(Operator(kind, *sides))
        return cls(place, names, tuple(operators), inputs)

    @cached_property
    def producers(self) -> dict[int, int]:
        """The place of the operator that computes a tensor, by tensor."""
        return {tensor: place for place, one in enumerate(self.operators) for tensor in one.outputs}

    @cached_property
    def consumers(self) -> dict[int, list[int]]:
        """The places of the operators that take a tensor, by tensor."""
        found: dict[int, list[int]] = {}
        for place, one in enumerate(self.operators):
            for tensor in one.inputs:
                found.setdefault(tensor, []).append(place)
        return found

    def ancestors(self, tensor: int) -> set[int]:
        """Return all tensors that a tensor is computed from, itself included, constants excluded."""
        found: set[int] = set()
        waiting = [tensor]
        while waiting:
            one = waiting.pop()
            if one not in found and (one in self.producers or one in self.inputs):
                found.add(one)
                waiting += self.operators[self.producers[one]].inputs if one in self.producers else ()
        return found

    def comes_from(self, tensor: int, name: str, *, without: str | None = None) -> bool:
        """Return whether a tensor is computed from the input ``name``, and not from the input ``without``."""
        roots = {self.inputs[one] for one in self.ancestors(tensor) if one in self.inputs}
        return name in roots and without not in roots


def layer_of(name: str) -> str:
    """Return where in the network a tensor is, in words: ``layer 1 attention`` from a long TensorFlow name."""
    last = name.rpartition(";")[2]
    words = []
    layer = re.search(r"layer_?\.?_?(\d+)", last) or re.search(r"/(?:block|layer)s?_?(\d+)/", last)
    if layer:
        words.append(f"layer {int(layer[1]) + 1}")
    lower = last.lower()
    for sign, word in _PLACES:
        if sign in lower:
            words.append(word)
            break
    if "layernorm" in lower or "layer_norm" in lower:
        words.append("LayerNorm")
    return " ".join(words) or "outside the layers"


_PLACES = (
    ("attention/self", "attention"),
    ("attention/output", "attention output"),
    ("attention", "attention"),
    ("intermediate", "feed-forward"),
    ("output", "feed-forward output"),
    ("embeddings", "embeddings"),
    ("projection", "projection"),
    ("pool", "pooling"),
    ("head", "head"),
)
_KINDS = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
