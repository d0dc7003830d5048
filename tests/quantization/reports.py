"""A small report made by hand, to test what reads reports."""

from quantization.classification import LabelScore
from quantization.conditions import Machine
from quantization.feature_error import Cosine, SquaredError
from quantization.latency import Latency
from quantization.log_histogram import Bins
from quantization.report import (
    RIGHT_TO_WRONG,
    BundleInfo,
    DatasetInfo,
    Difference,
    Flip,
    FlipCounts,
    RecipeReport,
    Report,
    TaskReport,
)
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
