"""Watch the fp32 model at work on calibration data: what values pass between its operators."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.graph import Model
from mobile_app.engine.batch import bucket, pad, signature_name

# Kept of each utterance for choosing ranges; the extremes are taken over everything.
_ROWS, _VALUES = 12, 256


@dataclass
class Observed:
    """What an operator put out over the calibration data, padding left out where a tensor has one row per token.

    :param low: smallest value per channel, or of the tensor (one element).
    :param high: largest likewise.
    :param sample: rows ``[n, channels]``, or values ``[n, 1]``, drawn from every utterance.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    sample: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 1), np.float32))

    @property
    def largest(self) -> NDArray[np.float32]:
        """The largest magnitude per channel."""
        result: NDArray[np.float32] = np.maximum(np.abs(self.low), np.abs(self.high))
        return result

    def divided(self, factor: NDArray[Any]) -> "Observed":
        """Return the same with every channel divided by its factor."""
        by: NDArray[np.float32] = factor.astype(np.float32)
        return Observed(self.low / by, self.high / by, self.sample / by)

    @property
    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return float(self.low.min()), float(self.high.max())


def observe(
    content: bytes,
    batch: Sequence[Sequence[int]],
    lengths: Sequence[int],
    pad_id: int,
    *,
    rows: Collection[int],
    values: Collection[int],
    seed: int = 0,
    advance: Callable[[], None] = lambda: None,
) -> dict[int, Observed]:
    """Run the calibration data through an fp32 file.

    :param batch: token ids, each run in the smallest length bucket that holds it, as on the phone.
    :param rows: positions of the operators whose outputs are watched per channel.
    :param values: positions of those whose outputs are watched as a whole.
    :param advance: called after each utterance.
    :return: by position of the operator in any of the graphs, which must be equal.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    model = Model(content)
    graphs = {signature.signatureKey.decode(): signature.subgraphIndex for signature in model.tree.signatureDefs}
    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    random = np.random.default_rng(seed)
    seen: dict[int, list[Any]] = {at: [] for at in {*rows, *values}}
    for ids in batch:
        length = bucket(len(ids), lengths)
        key = signature_name(length)
        input_ids, mask = pad([ids], length, pad_id)
        interpreter.get_signature_runner(key)(input_ids=input_ids, attention_mask=mask)
        operators = model.graphs[graphs[key]].operators
        for at, kept in seen.items():
            array = interpreter.get_tensor(operators[at].outputs[0], graphs[key])
            kept.append(_of_one(array, length, len(ids), at in rows, random))
        advance()
    return {at: _merged(kept) for at, kept in seen.items()}


def _of_one(array: NDArray[Any], length: int, n_tokens: int, by_row: bool, random: np.random.Generator) -> Observed:
    table = array.reshape(-1, array.shape[-1] if by_row else 1)
    if by_row and len(table) == length:
        table = table[:n_tokens]
    limit = _ROWS if by_row else _VALUES
    some = table if len(table) <= limit else table[np.sort(random.choice(len(table), limit, replace=False))]
    return Observed(table.min(axis=0), table.max(axis=0), some.copy())


def _merged(kept: Sequence[Observed]) -> Observed:
    return Observed(
        np.min([one.low for one in kept], axis=0),
        np.max([one.high for one in kept], axis=0),
        np.concatenate([one.sample for one in kept]),
    )
