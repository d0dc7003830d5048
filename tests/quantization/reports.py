"""A small report made by hand, to test what reads reports."""

from mobile_app.engine.phone_results import Device
from quantization.classification import LabelScore
from quantization.conditions import Machine
from quantization.detective import MASK, REMEDIES, Culprit
from quantization.feature_error import Cosine, SquaredError
from quantization.latency import Latency
from quantization.layers import LayerError
from quantization.log_histogram import Bins
from quantization.report import (
    RIGHT_TO_WRONG,
    BundleInfo,
    Change,
    Collapse,
    DatasetInfo,
    Difference,
    Flip,
    FlipCounts,
    GateResult,
    GateRule,
    LayerConditions,
    PhoneRecipe,
    PhoneReport,
    Previous,
    RecipeReport,
    Report,
    TaskReport,
)
from quantization.study import MeanScore, Study, StudyRow
from quantization.verdict import with_verdicts

EVIL = "<script>alert('x')</script> & \"quotes\""


def task_report(**changes):
    values = {
        "n": 1000,
        "n_labelled": 1000,
        "n_undecided": 0,
        "predicted": {"joy": 600, "anger": 400},
        "weighted_f1": 0.8,
        "macro_f1": 0.7,
        "accuracy": 0.8,
        "per_label": {"joy": LabelScore(0.8, 0.8, 0.8, 600), "anger": LabelScore(0.8, 0.8, 0.8, 400)},
        "agreement": 0.99,
        "mean_confidence_drift": -0.01,
        "delta_weighted_f1": Difference(-0.001, (-0.004, 0.002)),
        "flips": FlipCounts(4, 3, 3),
    }
    return TaskReport(**(values | changes))


def reference_task():
    return task_report(agreement=None, mean_confidence_drift=None, delta_weighted_f1=None, flips=None)


def recipe_report(**changes):
    values = {
        "shown_as": "INT8 (dynamic range)",
        "bytes": 25,
        "bytes_ratio": 4.0,
        "non_finite": 0,
        "latency_ms": Latency(2.0, 3.0, 2.1, 0.3, 300, 1),
        "tasks": {"emotion": task_report()},
        "census": {"ops": {"FULLY_CONNECTED": 12}, "weight_bytes": {"int8": 20}},
        "feature_squared_error": SquaredError(1e-4, 1e-5, 1e-3, 1e-2, 0.1, Bins((0.0, 1e-6, 1e-5, 1e-4), (0, 5, 2))),
        "cosine": Cosine(0.999, 0.99),
    }
    return RecipeReport(**(values | changes))


def reference_recipe(**changes):
    latency = Latency(8.0, 9.0, 8.1, 0.3, 300, 1)
    values = {
        "shown_as": "FP32",
        "bytes": 100,
        "bytes_ratio": 1.0,
        "latency_ms": latency,
        "tasks": {"emotion": reference_task()},
    }
    return recipe_report(**(values | {"feature_squared_error": None, "cosine": None} | changes))


def report(target=None, **changes):
    recipes = {"fp32": reference_recipe(), "dynamic_wi8_afp32": target or recipe_report()}
    flip = Flip(
        "dynamic_wi8_afp32",
        "emotion",
        RIGHT_TO_WRONG,
        3,
        EVIL,
        ("joy",),
        ("joy",),
        ("anger",),
        {"joy": 0.9, "anger": 0.1},
        {"joy": 0.4, "anger": 0.6},
        0.5,
    )
    values = {
        "measured_at": "2026-11-20T12:00:00+00:00",
        "command": "python -m quantization compare",
        "bundle": BundleInfo("tiny", "1", "tiny-bert", "0" * 64),
        "dataset": DatasetInfo("own.csv", "test", 1000, 1000, "1" * 64, "the owner's"),
        "machine": Machine("a processor", 2, 1, "Linux", {"python": "3.11"}),
        "reference": "fp32",
        "lengths": {8: 600, 16: 400},
        "truncated": 0,
        "utterances_per_second": 100.0,
        "bootstrap": {"resamples": 2000, "seed": 0},
        "recipes": with_verdicts(recipes, "fp32"),
        "flips": (flip,),
    }
    return Report(**(values | changes))


def layers(loss=0.0):
    """Return a network of two layers that gets worse by ``loss`` dB at each tensor."""
    return [
        LayerError(
            f"bert/encoder/layer_._{place // 10}/attention/self/op{place}",
            f"layer {place // 10 + 1} attention",
            "ADD",
            sqnr_db=60.0 - loss * place,
            cosine=1 - 1e-4 * (loss * place + 1),
            mse=1e-6 * 10 ** (loss * place / 10),
            low=-10000.0,
            high=3.6,
            std=4800.0,
            step=39.2,
        )
        for place in range(20)
    ]


def full_report(**changes):
    """Return a report with everything that a page can show."""
    rows = [
        StudyRow(kind, size, 100, MeanScore(0.7, 0.02, 3), MeanScore(0.3, 0.05, 3), MeanScore(0.65, 0.02, 3))
        for kind in ("softmax", "prototypes")
        for size in (5, 20, None)
    ]
    culprit = Culprit(layers()[12], layers()[11], MASK, "rounding swallows it", REMEDIES[MASK])
    whole = recipe_report(separator=Study.of({"emotion": rows}, 2000, 1000), layers=layers(0.5), xnnpack_share=0.95)
    static = recipe_report(
        shown_as="INT8 (full integer)",
        bytes=22,
        bytes_ratio=4.5,
        cosine=Cosine(0.27, -0.1),
        layers=layers(3.0),
        separator=whole.separator,
        collapse=Collapse(["features point elsewhere: mean cosine 0.270"], culprit),
        feature_squared_error=SquaredError(0.3, 0.1, 1.0, 3.0, 9.0, Bins((0.0, 0.01, 0.1, 1.0, 10.0), (0, 50, 90, 20))),
    )
    recipes = {"fp32": reference_recipe(), "dynamic_wi8_afp32": whole, "static_wi8_ai8": static}
    latency = Latency(20.0, 31.0, 21.5, 3.2, 240, 1)
    on_phone = PhoneRecipe(latency, Latency(2.0, 3.1, 2.2, 0.4, 240, 1), False, 0.07, 0.9951, 0.995, 0, 120.0)
    device = Device("Maker One", "Chip 8 Gen 1", "Android 14", {"litert": "1.4.1"})
    rule = GateRule("max_bytes", "static_wi8_ai8", None, 10, 22, False, "size (bytes) is 22, at most 10")
    change = Change("size", "static_wi8_ai8", None, 20, 22, True, "size of static_wi8_ai8: 20 -> 22 bytes")
    values = {
        "recipes": with_verdicts(recipes, "fp32"),
        "layer_conditions": LayerConditions(8, 16),
        "phones": (PhoneReport("phone.json", "2026-11-20", device, 24, {"dynamic_wi8_afp32": on_phone}),),
        "gate": GateResult("gate.toml", False, (rule,)),
        "previous": Previous("2026-11-01", "tiny 1", (change,)),
    }
    return report(**(values | changes))
