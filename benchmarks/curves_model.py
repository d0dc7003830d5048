"""Latency of the model against tokens, width, depth and recipe."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from benchmarks.speed.preparation import Prepared, prepare
from mobile_app.engine.batch import Padded
from mobile_app.engine.bundle import Bundle

# Layers and width: each varied while the other stands still.
SHAPES = ("d1w384", "d2w384", "d4w384", "d8w384", "d2w128", "d2w256", "d2w512")
RECIPES = ("fp32", "dynamic_wi8_afp32")
RUNS, WARM_UP = 100, 10
_BYTES_PER_WEIGHT = {"fp32": 4, "dynamic_wi8_afp32": 1}


def latency_rows(names: Sequence[str] = SHAPES, runs: int = RUNS) -> list[dict[str, Any]]:
    """Return a row per shape, recipe and length bucket; models are built now unless they were before."""
    rows = []
    for name in names:
        prepared = prepare(name, None, peers=False, library=False)
        for recipe in RECIPES:
            rows += _of_recipe(prepared, recipe, runs)
    return rows


def _of_recipe(prepared: Prepared, recipe: str, runs: int) -> list[dict[str, Any]]:
    bundle = Bundle.open(prepared.bundle)
    config = json.loads((prepared.run / "backbone" / "config.json").read_text(encoding="utf-8"))
    rows = []
    with closing(bundle.open_recipe(recipe)) as interpreter:
        for length in bundle.manifest.lengths:
            padded, seconds = Padded(length, 0), []
            padded.fill([5 + place % 50 for place in range(length)])
            for _ in range(WARM_UP + runs):
                start = time.perf_counter()
                interpreter.run(padded.signature, padded.inputs)
                seconds.append(time.perf_counter() - start)
            lower, median, upper = np.percentile(seconds[WARM_UP:], [25, 50, 75]) * 1e3
            rows.append(
                {
                    "model": prepared.name,
                    "layers": config["num_hidden_layers"],
                    "width": config.get("width", config["hidden_size"]),
                    "recipe": recipe,
                    "tokens": length,
                    "ms": round(float(median), 4),
                    "ms_quartiles": [round(float(lower), 4), round(float(upper), 4)],
                    **_work(config, recipe, length),
                }
            )
    return rows


def _work(config: Mapping[str, Any], recipe: str, length: int) -> dict[str, int]:
    """Return bytes of weights that every run reads, and multiply-adds; of the encoder layers, which are nearly all."""
    width, inner, layers = config.get("width", config["hidden_size"]), config["intermediate_size"], "num_hidden_layers"
    weights = config[layers] * (4 * width**2 + 2 * width * inner)
    attention = config[layers] * 2 * length**2 * width
    return {"weight_bytes": weights * _BYTES_PER_WEIGHT[recipe], "multiply_adds": weights * length + attention}


def fit_latency(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Fit per recipe milliseconds as a sum, with no term below 0: fixed, per layer, per MB, per multiply-add."""
    from scipy.optimize import nnls

    fits = {}
    for recipe in dict.fromkeys(row["recipe"] for row in rows):
        own = [row for row in rows if row["recipe"] == recipe]
        terms = np.array([[1, row["layers"], row["weight_bytes"] / 1e6, row["multiply_adds"] / 1e6] for row in own])
        took = np.array([row["ms"] for row in own])
        # Relative errors count: a small model's tenth of a millisecond matters as much as a large one's.
        found, _ = nnls(terms / took[:, None], np.ones(len(own)))
        error = float(np.median(np.abs(terms @ found / took - 1)))
        names = ("fixed_ms", "ms_per_layer", "ms_per_mb", "ms_per_million_multiply_adds")
        fits[recipe] = {**dict(zip(names, map(float, found), strict=True)), "median_relative_error": error}
    return fits
