"""The error of a recipe tensor by tensor along the network, against the reference on the same utterances."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantization.graph import Graph, layer_of
from quantization.tensor_trace import TensorTrace, Values

# These move values or change their type and compute nothing.
_MOVERS = "RESHAPE TRANSPOSE DEQUANTIZE QUANTIZE CAST PACK UNPACK SHAPE STRIDED_SLICE SLICE EXPAND_DIMS SQUEEZE"
MOVERS = frozenset(f"{_MOVERS} CONCATENATION BROADCAST_TO TILE SPLIT".split())
# What is written for a tensor without any error, and for one without any signal.
HIGHEST_SQNR, LOWEST_SQNR = 200.0, -50.0

Inputs = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class LayerError:
    """One tensor of the reference beside the recipe's.

    :param sqnr_db: 10 log10 of the signal's energy over the error's, clipped to -50 to 200 dB.
    :param low: smallest value in the reference, ``high`` the largest.
    :param std: standard deviation in the reference.
    :param step: distance between neighbouring quantized values in the recipe; None where it is a float tensor.
    :param non_finite: values that are NaN or infinite in the recipe.
    :param limits: smallest and largest value that the recipe's tensor can hold; None where it is a float tensor.
    """

    name: str
    layer: str
    operator: str
    sqnr_db: float
    cosine: float
    mse: float
    low: float
    high: float
    std: float
    step: float | None = None
    non_finite: int = 0
    limits: tuple[float, float] | None = None

    @property
    def energy(self) -> float:
        """Mean square of the reference's values."""
        return self.mse * float(10 ** (self.sqnr_db / 10))


@dataclass
class _Sums:
    """What is summed about one pair of tensors."""

    n: int = 0
    non_finite: int = 0
    one: float = 0.0
    one_squared: float = 0.0
    other_squared: float = 0.0
    product: float = 0.0
    error: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, one: Values, other: Values) -> None:
        usable = np.isfinite(one) & np.isfinite(other)
        self.non_finite += int((~np.isfinite(other)).sum())
        one, other = one[usable], other[usable]
        if not one.size:
            return
        self.n += one.size
        self.one += float(one.sum())
        self.one_squared += float(one @ one)
        self.other_squared += float(other @ other)
        self.product += float(one @ other)
        self.error += float(np.square(one - other).sum())
        self.low, self.high = min(self.low, float(one.min())), max(self.high, float(one.max()))


@dataclass
class LayerView:
    """The reference's graph, and per computed tensor the error of one recipe.

    :param graph: of the reference.
    :param errors: by tensor of the reference, in the order they are computed.
    :param partners: tensor of the recipe by tensor of the reference.
    """

    graph: Graph
    errors: dict[int, LayerError] = field(default_factory=dict)
    partners: dict[int, int] = field(default_factory=dict)

    def computed(self) -> list[LayerError]:
        """Return the errors of what is computed, without what only moves values."""
        producers = self.graph.producers
        return [
            error for tensor, error in self.errors.items() if self.graph.operators[producers[tensor]].kind not in MOVERS
        ]


def view_layers(reference: TensorTrace, target: TensorTrace, utterances: Sequence[Inputs]) -> LayerView:
    """Compare all tensors of two models of the same network.

    :param utterances: inputs by name, in the shape of the traced signature.
    """
    partners = align(reference.graph, target.graph)
    sums: dict[int, _Sums] = {}
    for inputs in utterances:
        one, other = reference.run(inputs), target.run(inputs)
        for tensor, partner in partners.items():
            if tensor in one and partner in other and one[tensor].size == other[partner].size:
                sums.setdefault(tensor, _Sums()).add(one[tensor].ravel(), other[partner].ravel())
    view = LayerView(reference.graph, partners=partners)
    for tensor, place in sorted(reference.graph.producers.items(), key=lambda item: item[1]):
        if tensor in sums and (sums[tensor].n or sums[tensor].non_finite):
            kind, name = reference.graph.operators[place].kind, reference.graph.names[tensor]
            partner = partners[tensor]
            view.errors[tensor] = _error(name, kind, sums[tensor], target.step(partner), target.limits(partner))
    return view


def align(one: Graph, other: Graph) -> dict[int, int]:
    """Return the tensor of ``other`` for each computed tensor of ``one``.

    By name where both have it; else by position, the k-th operator of a kind with the k-th, if both have equally many.
    """
    named = {other.names[tensor]: tensor for tensor in other.producers}
    found = {tensor: named[one.names[tensor]] for tensor in one.producers if one.names[tensor] in named}
    for kind in {operator.kind for operator in one.operators} - MOVERS:
        sides = [[operator for operator in graph.operators if operator.kind == kind] for graph in (one, other)]
        if len(sides[0]) == len(sides[1]):
            for mine, theirs in zip(*sides, strict=True):
                for tensor, partner in zip(mine.outputs, theirs.outputs, strict=False):
                    found.setdefault(tensor, partner)
    return found


def _error(name: str, kind: str, sums: _Sums, step: float | None, limits: tuple[float, float] | None) -> LayerError:
    n = max(sums.n, 1)
    norms = math.sqrt(sums.one_squared * sums.other_squared)
    mean = sums.one / n
    return LayerError(
        name=name,
        layer=layer_of(name),
        operator=kind,
        sqnr_db=_decibel(sums.one_squared, sums.error),
        # Two tensors of zeros point the same way.
        cosine=sums.product / norms if norms else float(sums.one_squared == sums.other_squared),
        mse=sums.error / n,
        low=sums.low if sums.n else 0.0,
        high=sums.high if sums.n else 0.0,
        std=math.sqrt(max(sums.one_squared / n - mean * mean, 0.0)),
        step=step,
        non_finite=sums.non_finite,
        limits=limits,
    )


def _decibel(signal: float, error: float) -> float:
    if error <= 0:
        return HIGHEST_SQNR
    if signal <= 0:
        return LOWEST_SQNR
    return float(np.clip(10 * math.log10(signal / error), LOWEST_SQNR, HIGHEST_SQNR))
