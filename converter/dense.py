"""One dense layer in integers: outlier channels moved into the weights, ranges chosen, bias corrected."""

from dataclasses import dataclass

import numpy as np

from converter.graph import Array
from converter.observe import Observed
from converter.rounding import Range, Rounded, symmetric

_SMALLEST = 1e-6
# Candidate ranges as shares of the extremes; the one with the smallest squared error on the sample is taken.
_SHARES = np.linspace(0.3, 1.0, 29)
_INPUT_SHARES = (1.0, 0.7)
# Strengths with which outliers move, and how many rows judge them.
_STRENGTHS = (0.0, 0.6, 0.8)
_SAMPLE = 256
# Other texts than the calibration's reach further.
_HEADROOM = 1.1


@dataclass(frozen=True)
class Dense:
    """A dense layer whose inputs are divided by ``divide`` before and whose outputs are multiplied by ``multiply``.

    :param weights: ``[out, in]``, one scale per output.
    :param bias: integers of scale ``input scale * weight scale``.
    :param input: the range of the divided inputs.
    :param output: the range of the outputs before the multiplication.
    """

    weights: Rounded
    bias: Array
    input: Range
    output: Range
    multiply: Array | None


@dataclass(frozen=True)
class Inputs:
    """How the inputs of dense layers are rounded: divided channel by channel, then by one range.

    :param divide: the divisors; None: not divided.
    """

    divide: Array | None
    range: Range


def inputs_of(observed: Observed, weights: Array, *, bits: int, move: bool, by_error: bool) -> Inputs:
    """Choose how the inputs of dense layers are rounded, by the error of these layers' outputs on the sample.

    Outliers of the inputs are moved into the weights with each of several strengths; what the weights lose by that
    counts as well.

    :param observed: the inputs.
    :param weights: ``[out, in]`` of all layers that read them, one above the other.
    :param move: whether outliers may move.
    :param by_error: whether the range may be narrower than the extremes.
    """
    if bits == 16:
        return Inputs(None, Range.of(float(observed.low.min()), float(observed.high.max()), bits=bits))
    sample = observed.sample[:_SAMPLE]
    wanted = sample @ weights.T
    best: tuple[float, Inputs] | None = None
    for strength in _STRENGTHS if move else (0.0,):
        divide = migration(observed.largest, weights, strength) if strength else np.ones(1, np.float32)
        stored = symmetric(weights * divide, axis=0).restored().T
        low, high = float((observed.low / divide).min()), float((observed.high / divide).max())
        for share in _INPUT_SHARES if by_error else (1.0,):
            candidate = Range.of(low * share, high * share)
            error = float(np.square(candidate.rounded(sample / divide) @ stored - wanted).mean(dtype=np.float64))
            if best is None or error < best[0]:
                best = error, Inputs(divide if strength else None, candidate)
    assert best is not None
    return best[1]


def migration(largest: Array, weights: Array, strength: float) -> Array:
    """Return by what each input channel is divided so that its outliers become the weights'.

    SmoothQuant (Xiao et al. 2023, eq. 4): ``s_j = max|x_j|^a / max|w_j|^(1 - a)``; exact, since the weights of the
    channel are multiplied by the same number.

    :param largest: largest magnitude of each input channel.
    :param weights: ``[out, in]`` of the layers that read these inputs.
    :param strength: ``a``; 0 leaves all outliers in the activations, 1 moves them into the weights.
    """
    of_weights = np.maximum(np.abs(weights).max(axis=0), _SMALLEST)
    factor = np.maximum(largest, _SMALLEST) ** strength / of_weights ** (1 - strength)
    # Only ratios between channels matter; multiplying by powers of two is exact in float32.
    result: Array = np.exp2(np.rint(np.log2(factor / np.exp(np.log(factor).mean())))).astype(np.float32)
    return result


def range_of(sample: Array, low: float, high: float, *, bits: int, by_error: bool) -> Range:
    """Return the range of an activation: its extremes, or the share of them with the least squared error."""
    if bits == 16 or not by_error:
        return Range.of(low, high, bits=bits)
    candidates = [Range.of(float(low * share), float(high * share)) for share in _SHARES]
    return min(candidates, key=lambda candidate: candidate.error(sample))


def output_factor(observed: Observed) -> Array:
    """Return by what each output channel is multiplied afterwards, so that all fill one range."""
    return np.maximum(observed.largest * _HEADROOM, _SMALLEST).astype(np.float32)


def dense(
    weights: Array,
    bias: Array | None,
    inputs: Range,
    sample: Array,
    outputs: Observed,
    *,
    multiply: Array | None,
    bits: int,
    by_error: bool,
    correct_bias: bool,
) -> Dense:
    """Round a dense layer.

    :param weights: ``[out, in]``, already multiplied by what its inputs were divided by.
    :param inputs: the range of the divided inputs.
    :param sample: rows of the divided inputs ``[n, in]``; empty where there are none.
    :param outputs: what the float layer put out.
    :param correct_bias: add to the bias what rounding takes off the mean output (Nagel et al. 2019, section 4.2).
    """
    full = np.zeros(len(weights), np.float32) if bias is None else bias
    if multiply is not None:
        weights, full = weights / multiply[:, None], full / multiply
        outputs = outputs.divided(multiply)
    # The bias is a 32-bit multiple of the product of both scales; tiny weights must not make it overflow.
    floor = np.abs(full) / (2**30 * inputs.scale)
    rounded = symmetric(weights, axis=0, floor=floor)
    if correct_bias and len(sample):
        full = full + _lost_mean(weights, rounded, sample, inputs, bits)
    return Dense(
        weights=rounded,
        bias=np.rint(full / (rounded.scale.astype(np.float64) * inputs.scale)).astype(
            np.int32 if bits == 8 else np.int64
        ),
        input=inputs,
        # Channels that were brought to one range have their extremes there on purpose: nothing is cut off.
        output=range_of(outputs.sample, *outputs.extremes, bits=bits, by_error=by_error and multiply is None),
        multiply=multiply,
    )


def _lost_mean(weights: Array, rounded: Rounded, sample: Array, inputs: Range, bits: int) -> Array:
    restored = inputs.rounded(sample, bits=bits)
    result: Array = weights @ sample.mean(axis=0) - rounded.restored() @ restored.mean(axis=0)
    return result
