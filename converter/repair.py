"""Changes to the fp32 graph before calibration that leave its answers as they are."""

import math

import numpy as np

from converter.graph import Graph, Model

# What attention adds to the scores of padding. e^-30 of a token's weight is nothing in float32, and the scores still
# share 8 bits with it; the original -10000 (or -1e30) would leave one integer step for all of them.
PADDING_SCORE = 30.0
_LARGEST_SCORE = 1000.0
# On the way from the sentinel to the softmax nothing but these may stand.
_ON_THE_WAY = ("ADD", "SUB", "MUL", "RESHAPE", "STRIDED_SLICE", "TRANSPOSE", "EXPAND_DIMS", "BROADCAST_TO", "SELECT_V2")


def bound_mask(content: bytes, score: float = PADDING_SCORE) -> bytes:
    """Replace the sentinel that attention adds to the scores of padding by a bounded one of the same sign.

    :param score: its magnitude, such as 30.
    """
    model = Model(content)
    for graph in model.graphs:
        for at, operator in enumerate(graph.operators):
            for slot, tensor in enumerate(operator.inputs):
                value = _sentinel(graph, tensor)
                if value is not None and _reaches_softmax(graph, at):
                    bounded = np.asarray(math.copysign(score, value), np.float32)
                    name = graph.tensor(tensor).name
                    operator.inputs[slot] = graph.add_constant(("mask", float(bounded)), name, bounded)
    return model.write()


def mask_scores(content: bytes) -> list[float]:
    """Return the sentinels of a file's attention masks, one per operator that uses one."""
    graph = Model(content).graphs[0]
    return [
        value
        for at, operator in enumerate(graph.operators)
        for tensor in operator.inputs
        if (value := _sentinel(graph, tensor)) is not None and _reaches_softmax(graph, at)
    ]


def _sentinel(graph: Graph, tensor: int) -> float | None:
    if tensor < 0 or graph.dtype(tensor) != "float32" or np.prod(graph.shape(tensor)) != 1:
        return None
    array = graph.constant(tensor)
    return float(array.reshape(())) if array is not None and abs(array).max() >= _LARGEST_SCORE else None


def _reaches_softmax(graph: Graph, at: int) -> bool:
    consumers, names, operators = graph.consumers(), graph.names(), graph.operators
    waiting, seen = [at], set()
    while waiting:
        position = waiting.pop()
        seen.add(position)
        if names[position] == "SOFTMAX":
            return True
        if names[position] in _ON_THE_WAY:
            readers = (reader for out in operators[position].outputs for reader in consumers[out])
            waiting += [reader for reader in readers if reader not in seen]
    return False
