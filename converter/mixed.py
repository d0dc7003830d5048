"""Mixed precision: which weights have 4 bits, found by measuring what each costs; saved, and used again."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converter.weights import to_dynamic, weights_of
from mobile_app.engine.batch import bucket, pad, signature_name
from mobile_app.engine.errors import UndertoneError

FORMAT = 1
# What may be lost, as 1 - mean cosine to FP32 features on the calibration data.
LOSS = 0.01


@dataclass(frozen=True)
class Mixed:
    """The recipe ``mixed``: bits of each weight, the rest as INT8 (dynamic range).

    :param bits: weight to 4, 8 or 32 (float32); weights that are absent have 8.
    :param loss: 1 - mean cosine to FP32 features that was measured when it was found.
    :param allowed: what it was allowed to lose.
    :param about: the calibration data.
    """

    bits: Mapping[str, int]
    loss: float
    allowed: float
    about: Mapping[str, Any]

    def to_json(self) -> str:
        """Return the text of a recipe file."""
        values = {"format": FORMAT, "bits": dict(self.bits), "loss": self.loss, "allowed": self.allowed}
        return json.dumps({**values, "calibration": dict(self.about)}, indent=2) + "\n"

    @classmethod
    def from_file(cls, path: Path) -> "Mixed":
        """Read a recipe file.

        :raises UndertoneError: if it is none.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["format"] != FORMAT or not set(values["bits"].values()) <= {4, 8, 32}:
                raise ValueError(f"format {values['format']} with {sorted(set(values['bits'].values()))} bits")
            return cls(values["bits"], float(values["loss"]), float(values["allowed"]), values["calibration"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UndertoneError(
                f"a mixed recipe of format {FORMAT} in {path}", str(error), "find one with: python -m converter search"
            ) from None

    def apply(self, content: bytes) -> bytes:
        """Return the file of this recipe.

        :param content: the fp32 file.
        :raises UndertoneError: if the recipe was found for another architecture.
        """
        foreign = sorted(set(self.bits) - set(weights_of(content)))
        if foreign:
            raise UndertoneError(
                "a mixed recipe whose weights are this model's", ", ".join(foreign[:3]), "search again for this model"
            )
        return to_dynamic(content, self.bits)


@dataclass(frozen=True)
class Point:
    """One file that the search tried."""

    four_bit: tuple[str, ...]
    bytes: int
    loss: float


def search(
    content: bytes,
    batch: Sequence[Sequence[int]],
    lengths: Sequence[int],
    pad_id: int,
    *,
    allowed: float = LOSS,
    about: Mapping[str, Any] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> tuple[Mixed, list[Point]]:
    """Find the smallest file that loses no more than ``allowed``, by storing weights in 4 bits.

    Each weight is tried alone; then they are added in the order of loss per byte saved, and the longest such row that
    still keeps the limit is taken (by halving: a greedy search, not the best of all subsets).

    :param content: the fp32 file.
    :param batch: token ids of the calibration data.
    :param advance: called after each file tried; there are ``n_trials`` of them at most.
    :return: the recipe, and every file tried, the INT8 (dynamic range) file first.
    """
    wanted = features(content, batch, lengths, pad_id)
    points: list[Point] = []

    def trial(names: Sequence[str]) -> Point:
        built = to_dynamic(content, dict.fromkeys(names, 4))
        point = Point(tuple(names), len(built), _loss(wanted, features(built, batch, lengths, pad_id)))
        points.append(point)
        advance()
        return point

    sizes = weights_of(content)
    base = trial(())
    alone = {name: trial((name,)) for name in sizes}
    saved = {name: base.bytes - point.bytes for name, point in alone.items()}
    paying = [name for name in sizes if saved[name] > 0]
    order = sorted(paying, key=lambda name: (alone[name].loss - base.loss) / saved[name])
    kept, low, high = base, 0, len(order)
    while low < high:
        middle = (low + high + 1) // 2
        point = trial(order[:middle])
        low, high = (middle, high) if point.loss <= allowed else (low, middle - 1)
        kept = point if point.loss <= allowed else kept
    return Mixed(dict.fromkeys(kept.four_bit, 4), kept.loss, allowed, about or {}), points


def n_trials(content: bytes) -> int:
    """Return how many files a search tries at most."""
    n = len(weights_of(content))
    return 1 + n + n.bit_length()


def features(content: bytes, batch: Sequence[Sequence[int]], lengths: Sequence[int], pad_id: int) -> NDArray[Any]:
    """Run a file over token ids and return its features ``[n, d]``."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    rows = []
    for ids in batch:
        length = bucket(len(ids), lengths)
        input_ids, mask = pad([ids], length, pad_id)
        runner = interpreter.get_signature_runner(signature_name(length))
        rows.append(runner(input_ids=input_ids, attention_mask=mask)["features"][0])
    return np.stack(rows)


def _loss(wanted: NDArray[Any], found: NDArray[Any]) -> float:
    if not np.isfinite(found).all():
        return 2.0
    norms = np.linalg.norm(wanted, axis=1) * np.linalg.norm(found, axis=1)
    return float(1 - np.mean((wanted * found).sum(1) / np.maximum(norms, 1e-12)))
