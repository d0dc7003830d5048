"""The report as types, and as the JSON of report format 1: what was not measured is absent, never zero."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from mobile_app.engine.phone_results import Device
from quantization.calibration import Calibration
from quantization.classification import LabelScore
from quantization.conditions import Machine
from quantization.detective import Culprit
from quantization.feature_error import Cosine, SquaredError
from quantization.latency import Latency
from quantization.layers import LayerError
from quantization.study import Study

FORMAT = 1
REFERENCE = "fp32"

RIGHT_TO_WRONG, WRONG_TO_RIGHT, WRONG_TO_WRONG = "right_to_wrong", "wrong_to_right", "wrong_to_wrong"
UNLABELLED = "unlabelled"


@dataclass(frozen=True)
class BundleInfo:
    """Which bundle was measured."""

    name: str
    version: str
    backbone: str
    manifest_sha256: str


@dataclass(frozen=True)
class DatasetInfo:
    """Which utterances were measured.

    :param n: how many utterances were compared, ``of`` how many in the split.
    :param sha256: hash over the whole split as it was read.
    """

    name: str
    split: str
    n: int
    of: int
    sha256: str
    licence: str


@dataclass(frozen=True)
class Difference:
    """A difference to the reference with its 95 % paired-bootstrap interval."""

    value: float
    ci95: tuple[float, float]


@dataclass(frozen=True)
class FlipCounts:
    """How many utterances changed their label, by what became of it."""

    right_to_wrong: int
    wrong_to_right: int
    wrong_to_wrong: int


@dataclass(frozen=True)
class TaskReport:
    """One recipe on one task.

    Fields about gold labels are None where the data does not label the task; fields about a difference are None for
    the reference.

    :param n: utterances compared, ``n_labelled`` of them with gold labels.
    :param n_undecided: utterances without a label because a probability is not finite.
    :param agreement: share of utterances with the label (or label set) of the reference.
    :param mean_confidence_drift: mean change of the highest probability, where both are finite.
    :param predicted: how many utterances got each label.
    """

    n: int
    n_labelled: int
    n_undecided: int
    predicted: dict[str, int]
    weighted_f1: float | None = None
    macro_f1: float | None = None
    accuracy: float | None = None
    per_label: dict[str, LabelScore] | None = None
    delta_weighted_f1: Difference | None = None
    agreement: float | None = None
    mean_confidence_drift: float | None = None
    flips: FlipCounts | None = None
    calibration: Calibration | None = None


@dataclass(frozen=True)
class Collapse:
    """What shows that a recipe has collapsed, and where it comes from.

    :param signs: a sentence each.
    :param culprit: the operator that most likely did it; None if no tensor stands out.
    """

    signs: list[str]
    culprit: Culprit | None = None


@dataclass(frozen=True)
class RecipeReport:
    """One recipe: what it costs and what it saves.

    :param bytes_ratio: bytes of the reference divided by bytes of this file.
    :param non_finite: features and probabilities that are NaN or infinite, over the whole split.
    :param xnnpack_share: share of the operators that run inside the XNNPACK delegate.
    :param dead_features: features that vary in the reference and are constant here.
    :param layers: error of each computed tensor along the network, on a few utterances.
    :param separator: what learning on the phone buys back.
    :param golden_flips: texts of the gate's golden list whose label changed; None where there is no list.
    """

    shown_as: str
    bytes: int
    bytes_ratio: float
    non_finite: int
    latency_ms: Latency
    tasks: dict[str, TaskReport]
    census: dict[str, Any]
    load_ms: float | None = None
    peak_rss_mb: float | None = None
    feature_squared_error: SquaredError | None = None
    feature_squared_error_by_length: dict[int, SquaredError] | None = None
    feature_squared_error_by_feature: list[float] | None = None
    cosine: Cosine | None = None
    xnnpack_share: float | None = None
    dead_features: list[int] | None = None
    collapse: Collapse | None = None
    layers: list[LayerError] | None = None
    separator: Study | None = None
    golden_flips: list[str] | None = None
    decision: str | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Flip:
    """An utterance whose label changed.

    :param index: its place in the split, from 0.
    :param gold: its labels; None where the data does not label the task.
    :param before: label to the reference's probability, for the labels of gold, before and after.
    :param damage: probability that the gold labels lost (without gold: the reference's labels), for sorting.
    """

    recipe: str
    task: str
    kind: str
    index: int
    text: str
    gold: tuple[str, ...] | None
    before_label: tuple[str, ...]
    after_label: tuple[str, ...]
    before: dict[str, float | None]
    after: dict[str, float | None]
    damage: float | None


@dataclass(frozen=True)
class Baseline:
    """A row without a neural network, from the training's own metrics."""

    name: str
    task: str
    weighted_f1: float
    conditions: str


@dataclass(frozen=True)
class GateRule:
    """One rule of the gate as it was applied; ``measured`` is None where there was nothing to measure."""

    rule: str
    recipe: str
    task: str | None
    limit: float
    measured: float | None
    passed: bool
    sentence: str


@dataclass(frozen=True)
class GateResult:
    """What the gate says."""

    file: str
    passed: bool
    rules: tuple[GateRule, ...]


@dataclass(frozen=True)
class LayerConditions:
    """What the view along the network was measured on: so many utterances in one length bucket."""

    utterances: int
    length: int


@dataclass(frozen=True)
class PhoneRecipe:
    """One recipe on a phone beside this machine, on the phone's texts.

    :param same_features: whether every feature is equal to the last bit.
    :param max_difference: largest absolute difference of a feature.
    :param min_cosine: smallest cosine between the features of a text; None if none is finite.
    :param equal_labels: share of texts with the same label, over all tasks.
    """

    latency_ms: Latency
    host_latency_ms: Latency
    same_features: bool
    max_difference: float | None
    min_cosine: float | None
    equal_labels: float
    non_finite: int
    load_ms: float


@dataclass(frozen=True)
class PhoneReport:
    """What one phone measured."""

    file: str
    measured_at: str
    device: Device
    n_texts: int
    recipes: dict[str, PhoneRecipe]


@dataclass(frozen=True)
class Change:
    """One figure that differs from the previous report's by more than its noise."""

    figure: str
    recipe: str
    task: str | None
    before: float
    after: float
    is_regression: bool
    sentence: str


@dataclass(frozen=True)
class Previous:
    """The comparison with a previous report of the same data.

    :param measured_at: of the previous report; ``bundle`` its bundle.
    """

    measured_at: str
    bundle: str
    changes: tuple[Change, ...]

    @property
    def regressions(self) -> list[Change]:
        """What became worse."""
        return [change for change in self.changes if change.is_regression]


@dataclass(frozen=True)
class Report:
    """Everything that ``report.json`` holds and ``report.html`` shows."""

    measured_at: str
    command: str
    bundle: BundleInfo
    dataset: DatasetInfo
    machine: Machine
    reference: str
    lengths: dict[int, int]
    truncated: int
    utterances_per_second: float
    bootstrap: dict[str, int]
    recipes: dict[str, RecipeReport]
    flips: tuple[Flip, ...]
    baselines: tuple[Baseline, ...] = ()
    gate: GateResult | None = None
    layer_conditions: LayerConditions | None = None
    phones: tuple[PhoneReport, ...] = ()
    previous: Previous | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, without what was not measured."""
        values = plain(self)
        for name in ("baselines", "phones"):
            if not values[name]:
                del values[name]
        return {"format": FORMAT, **values}

    def to_json(self) -> str:
        """Return the text of ``report.json``."""
        return _text(self.to_dict())


def to_json(reports: Sequence[Report]) -> str:
    """Return the text of ``report.json``: the report of one bundle, or ``bundles``, a list of them."""
    if len(reports) == 1:
        return reports[0].to_json()
    return _text({"format": FORMAT, "bundles": [report.to_dict() for report in reports]})


def _text(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def plain(value: Any) -> Any:
    """Return JSON values for dataclasses, mappings, sequences and numbers; a field or key that is None is left out.

    :raises ValueError: if a number is not finite: those are counted, not written.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return plain({field.name: getattr(value, field.name) for field in fields(value)})
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} cannot stand in a report")
    return value
