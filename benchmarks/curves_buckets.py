"""Why length buckets gain what they gain: memory of each entry point, and what changing between them costs.

``python -m benchmarks.curves_buckets BUNDLE`` writes ``results/bucket_causes.json``. Three suspects, each with its
measurement: weights that are packed once for every entry point (memory that opening and first runs add, in bytes of the
file), caches that the others emptied (the same run repeated, and in turns with the others), and work that does not
depend on the length (a straight line through the times).
"""

import argparse
import gc
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import Figure, record
from mobile_app.engine.batch import Padded
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.interpreter import Interpreter

RUNS, WARM_UP = 300, 20
# Low, since what other programs do beside it only ever adds.
QUANTILE = 0.2


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curves_buckets", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", metavar="BUNDLE", type=Path)
    parser.add_argument("--recipes", help="with commas (default all of the bundle)")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each entry point and order (default %(default)s)")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    bundle = Bundle.open(arguments.bundle)
    recipes = arguments.recipes.split(",") if arguments.recipes else list(bundle.manifest.recipes)
    rows = [row for recipe in recipes for row in causes(bundle, recipe, arguments.runs)]
    for row in rows:
        say("  ".join(f"{name} {value}" for name, value in row.items()))
    figures: dict[str, Figure] = {}
    for recipe in recipes:
        own = [row for row in rows if row["recipe"] == recipe]
        lengths, repeated = ([row[name] for row in own] for name in ("length", "ms_repeated"))
        slope, fixed = np.polyfit(lengths, repeated, 1)
        turns = float(np.mean([row["ms_in_turns"] / row["ms_repeated"] for row in own]))
        note = f"{recipe}; {arguments.runs} runs each, quantile {QUANTILE}"
        size = bundle.manifest.files[bundle.recipe_entry(recipe).file].bytes
        figures |= {
            f"private_memory_over_file_{recipe}": Figure(
                1e6 * sum(row["private_mb"] for row in own) / size,
                n=len(own),
                note=f"{recipe}; private memory that first runs add, over the file; {len(own)} entry points",
            ),
            f"in_turns_over_repeated_{recipe}": Figure(turns, n=len(own), note=note),
            f"ms_fixed_{recipe}": Figure(float(fixed), n=len(own), note=f"{note}; intercept of ms over tokens"),
            f"ms_per_token_{recipe}": Figure(float(slope), n=len(own), note=f"{note}; slope of ms over tokens"),
        }
    data = {
        "bundle": bundle.manifest.name,
        "model_sha256": {recipe: bundle.model_hash(recipe) for recipe in recipes},
        "bytes": {recipe: bundle.manifest.files[bundle.recipe_entry(recipe).file].bytes for recipe in recipes},
    }
    say(str(record("bucket_causes", figures, data=data, rows=rows)))
    return 0


def causes(bundle: Bundle, recipe: str, runs: int) -> list[dict[str, Any]]:
    """Return one row per length bucket."""
    with closing(bundle.open_recipe(recipe)) as interpreter:
        padded = [_full(length) for length in bundle.manifest.lengths]
        grown = [_growth(interpreter, one) for one in padded]
        repeated = [_ms(interpreter, [one], runs)[0] for one in padded]
        in_turns = _ms(interpreter, padded, runs)
    return [
        {
            "recipe": recipe,
            "length": length,
            "private_mb": round(mb, 2),
            "ms_repeated": round(alone, 4),
            "ms_in_turns": round(among, 4),
        }
        for length, mb, alone, among in zip(bundle.manifest.lengths, grown, repeated, in_turns, strict=True)
    ]


def _full(length: int) -> Padded:
    padded = Padded(length, 0)
    padded.fill([5 + place % 50 for place in range(length)])
    return padded


def _growth(interpreter: Interpreter, padded: Padded) -> float:
    """Return by how many MB private memory grows in the first run; pages of the mapped file are not counted."""
    gc.collect()
    before = _private()
    interpreter.run(padded.signature, padded.inputs)
    return (_private() - before) / 1e6


def _ms(interpreter: Interpreter, padded: Sequence[Padded], runs: int) -> list[float]:
    """Return the milliseconds of each, run in turns."""
    seconds = np.empty((runs + WARM_UP, len(padded)))
    for number in range(runs + WARM_UP):
        for place, one in enumerate(padded):
            start = time.perf_counter()
            interpreter.run(one.signature, one.inputs)
            seconds[number, place] = time.perf_counter() - start
    values: list[float] = (1e3 * np.quantile(seconds[WARM_UP:], QUANTILE, axis=0)).tolist()
    return values


def _private() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    sys.exit(main())
