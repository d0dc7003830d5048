"""Where a collapsed recipe first goes wrong, what the likely cause is, and what helps.

A quantized tensor has 256 (int8) or 65,536 (int16) values at one distance, its step. Where something rides on a much
larger range, a step swallows it: an attention score of a few units disappears beside a mask of -10,000, whose step is
40. The error of such a tensor looks harmless, since the large part is right, and shows one operator later. So the
first bad tensor is where the search starts, and the cause is the first operator above it whose step swallows an input.

Several things can go wrong independently of each other: a network may have more than one first bad tensor. The one that
most of the network suffers from counts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from quantization.formats import tail
from quantization.graph import Graph, Operator
from quantization.layers import MOVERS, LayerError, LayerView

# Below this cosine or above this error (signal over error in dB) a tensor does not carry its meaning any more.
BAD_COSINE, BAD_SQNR = 0.9, 6.0
FLOAT16_MAX = 65504.0
# A step of more than this many standard deviations leaves less than two bits of a value.
SWALLOWED = 1.0
OUTLIERS = 40.0
# An operator whose output is as good as this does not suffer from its inputs.
HEALED_SQNR = 15.0
SUMS = ("ADD", "SUB", "SQUARED_DIFFERENCE")
# An input that is so much better than an output (in dB) did not bring the output's error.
BLAMELESS_DB = 40.0
# Values that lie outside of what a tensor can hold by this share of its range are lost, not rounded.
BEYOND = 0.25

MASK, RESIDUAL, LAYER_NORM, EMBEDDING, SOFTMAX, OVERFLOW, OUTLIER, SATURATED, UNKNOWN = (
    "mask_sentinel",
    "residual_add",
    "layer_norm",
    "embedding",
    "softmax",
    "overflow",
    "outliers",
    "saturated",
    "unknown",
)
REMEDIES = {
    MASK: "bound the additive attention mask (-20 instead of -10,000 leaves FP32 as it is), or keep the mask's "
    "addition in float or int16",
    RESIDUAL: "keep the residual additions in float or int16, or clip their ranges by percentile",
    LAYER_NORM: "keep LayerNorm in float or int16: its variance spans more than 256 steps hold",
    EMBEDDING: "give the embedding table a scale per row or channel, or keep it in float",
    SOFTMAX: "keep the scores and the softmax in float or int16",
    OVERFLOW: "keep this operator in float32, or scale its input down: float16 ends at 65,504",
    OUTLIER: "move the scale of the outlier channels into the weights after LayerNorm (exact in FP32), or take "
    "percentile ranges",
    SATURATED: "calibrate with utterances of every length and take the widest range, not a mean of ranges, or keep "
    "this operator in float",
    UNKNOWN: "keep this operator in float and measure again",
}


@dataclass(frozen=True)
class Culprit:
    """The operator that most likely broke a recipe.

    :param first_bad: the first tensor that does not resemble the reference any more.
    :param at: the tensor where the cause lies; often the same, often a few operators before.
    :param cause: a key of REMEDIES.
    """

    first_bad: LayerError
    at: LayerError
    cause: str
    because: str
    remedy: str


def find_culprit(view: LayerView) -> Culprit | None:
    """Find the bad tensor that spoils most others, and above it the cause; None if all resemble the reference."""
    roots = _bad_roots(view)
    if not roots:
        return None
    bad = max(roots, key=lambda root: roots[root])  # the first one of those that spoil equally much
    error = view.errors[bad]
    if error.non_finite:
        overflow = max(-error.low, error.high) > FLOAT16_MAX
        because = (
            f"{error.non_finite:,} of its values are NaN or infinite, where the reference lies between "
            f"{error.low:.4g} and {error.high:.4g}"
        )
        return _culprit(error, error, OVERFLOW if overflow else UNKNOWN, because)
    for tensor in _upstream(view, bad):
        found = _swallowed(view, tensor)
        if found:
            return replace(found, first_bad=error)
    at = _source(view, bad)
    cause, because = _by_place(view, at)
    return _culprit(error, view.errors[at], cause, because)


def _bad_roots(view: LayerView) -> dict[int, int]:
    """Return the bad tensors that come from no other bad one, with the number of bad tensors that come from each."""
    bad = [
        tensor
        for tensor, error in view.errors.items()
        if view.graph.operators[view.graph.producers[tensor]].kind not in MOVERS and _is_bad(error)
    ]
    roots: dict[int, int] = {}
    for tensor in bad:
        ancestors = view.graph.ancestors(tensor)
        above = [root for root in roots if root in ancestors]
        for root in above:
            roots[root] += 1
        if not above and (view.errors[tensor].non_finite or _matters(view, tensor)):
            roots[tensor] = 1
    return roots


def _is_bad(error: LayerError) -> bool:
    if error.non_finite:
        return True
    return error.std > 0 and (error.cosine < BAD_COSINE or error.sqnr_db < BAD_SQNR)


def _matters(view: LayerView, tensor: int) -> bool:
    """Return whether the error of a bad tensor reaches what follows.

    The mean that a LayerNorm subtracts is often next to nothing, and so is all of its error: what follows is good
    again, and its own rounding is larger than what the mean brought. Not so where an error is what the sum suffers
    from.
    """
    waiting, seen = [tensor], {tensor}
    while waiting:
        bad = waiting.pop()
        places = view.graph.consumers.get(bad, [])
        if not places:
            return True  # an output of the model
        for place in places:
            operator = view.graph.operators[place]
            for output in operator.outputs:
                after = view.errors.get(output)
                if output in seen or after is None:
                    continue
                if _is_bad(after) or operator.kind in MOVERS:
                    seen.add(output)
                    waiting.append(output)
                elif not _heals(view, operator, bad, after):
                    return True
    return False


def _heals(view: LayerView, operator: Operator, bad: int, after: LayerError) -> bool:
    """Return whether a good tensor is good because its bad input hardly counts."""
    if operator.kind not in SUMS:
        return after.sqnr_db > HEALED_SQNR
    largest = max(view.errors[one].energy for one in operator.inputs if one in view.errors)
    brought = view.errors[bad].mse
    return brought <= 0 or 10 * math.log10(max(largest, 1e-300) / brought) > after.sqnr_db + 3


def _upstream(view: LayerView, tensor: int) -> Iterator[int]:
    """Yield the computed tensors that ``tensor`` comes from, itself included, in the order they run."""
    ancestors = view.graph.ancestors(tensor)
    yield from (one for one in view.errors if one in ancestors)


def _swallowed(view: LayerView, tensor: int) -> Culprit | None:
    """Return a culprit if the step of a tensor is larger than what one of its inputs has to say."""
    error = view.errors[tensor]
    operator = view.graph.operators[view.graph.producers[tensor]]
    inputs = {one: view.errors[one] for one in operator.inputs if one in view.errors and view.errors[one].std > 0}
    if error.step is None or operator.kind not in ("ADD", "SUB") or len(inputs) < 2:
        return None
    small, large = sorted(inputs, key=lambda one: max(-inputs[one].low, inputs[one].high))[:2]
    if error.step <= SWALLOWED * inputs[small].std:
        return None
    because = (
        f"its range needs steps of {error.step:.3g}, while {tail(inputs[small].name)} varies by "
        f"{inputs[small].std:.3g}: rounding swallows it beside {tail(inputs[large].name)}, which reaches "
        f"from {inputs[large].low:.4g} to {inputs[large].high:.4g}"
    )
    is_mask = view.graph.comes_from(large, "attention_mask", without="input_ids")
    if is_mask:
        cause = MASK
    elif "LayerNorm" in error.layer:
        cause = LAYER_NORM
    else:
        cause = RESIDUAL
    return _culprit(error, error, cause, because)


def _source(view: LayerView, tensor: int) -> int:
    """Follow an error upstream, along the worst inputs, to the first tensor whose own rounding explains it."""
    while not _rounds_so_badly(error := view.errors[tensor]) and not _is_saturated(error):
        operator = view.graph.operators[view.graph.producers[tensor]]
        inputs = [one for one in operator.inputs if one in view.errors and view.errors[one].mse > 0]
        worst = min(inputs, key=lambda one: view.errors[one].sqnr_db, default=None)
        if worst is None or view.errors[worst].sqnr_db > error.sqnr_db + BLAMELESS_DB:
            break
        tensor = worst
    return tensor


def _rounds_so_badly(error: LayerError) -> bool:
    """Return whether rounding to the nearest step (mean square step^2 / 12) makes most of a tensor's error."""
    return error.step is not None and error.step**2 / 12 > error.mse / 4


def _is_saturated(error: LayerError) -> bool:
    """Return whether the reference has values far beyond what the recipe's tensor can hold."""
    if error.limits is None:
        return False
    least, most = error.limits
    return max(error.high - most, least - error.low) > BEYOND * (most - least)


def _by_place(view: LayerView, tensor: int) -> tuple[str, str]:
    """Name a cause by the operator and by how far the largest values lie from the others."""
    error, operator = view.errors[tensor], view.graph.operators[view.graph.producers[tensor]]
    followers = {view.graph.operators[place].kind for place in view.graph.consumers.get(tensor, [])}
    if "SOFTMAX" in followers and error.step is not None:
        factor = math.exp(min(error.step, 700.0))
        return SOFTMAX, f"one step of {error.step:.3g} in the scores of a softmax is a factor of {factor:.3g}"
    largest = max(-error.low, error.high)
    spread = f"values from {error.low:.4g} to {error.high:.4g}, standard deviation {error.std:.3g}"
    if error.limits is not None and _is_saturated(error):
        least, most = error.limits
        return SATURATED, f"its range was calibrated from {least:.4g} to {most:.4g}: {spread}"
    if operator.kind in ("GATHER", "EMBEDDING_LOOKUP") or error.layer == "embeddings":
        return EMBEDDING, f"the embeddings lose their meaning: {spread}"
    if operator.kind in ("SOFTMAX", "LOGISTIC"):
        return SOFTMAX, f"its probabilities do not fit the steps of its output: {spread}"
    if "LayerNorm" in error.layer or operator.kind in ("RSQRT", "SQUARED_DIFFERENCE"):
        return LAYER_NORM, f"statistics of LayerNorm need more than the steps there are: {spread}"
    if largest > OUTLIERS * max(error.std, 1e-12):
        return OUTLIER, f"a few outliers stretch the range for all: {spread}"
    if operator.kind == "ADD":
        return RESIDUAL, f"the sum loses its smaller part: {spread}"
    return UNKNOWN, f"its error grows to {error.sqnr_db:.0f} dB: {spread}"


def _culprit(bad: LayerError, at: LayerError, cause: str, because: str) -> Culprit:
    return Culprit(bad, at, cause, because, REMEDIES[cause])


def describe(culprit: Culprit, graph_name: str) -> str:
    """Return one sentence about a culprit."""
    at = culprit.at
    where = f"{at.layer}, {at.operator} {tail(at.name)}"
    return f"{graph_name} first goes wrong at {where}: {culprit.because}. Remedy: {culprit.remedy}."


def resembles(graph: Graph, view: LayerView) -> bool:
    """Return whether enough tensors could be aligned for a finding to mean something."""
    computed = sum(one.kind not in MOVERS for one in graph.operators)
    return len(view.computed()) >= 0.5 * computed
