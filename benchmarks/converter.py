"""What converting costs, and what each recipe keeps of the model.

``python -m benchmarks.converter --run RUN`` builds all five recipes of a MiniLM run (time, peak memory), runs them over
the test split (size, cosine, errors, weighted F1, latency), measures each step of the static recipe, and repeats size
and cosine for the shapes of other architectures with random weights. ``--data`` names another dataset than MELD.
``--limit`` and ``--shapes small`` make a trial run, which is not recorded. Times mean something on a machine that does
nothing else.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import Figure, record
from benchmarks.shapes import shapes
from converter.calibration import Calibration, CalibrationChoice, curate
from converter.mixed import features
from converter.observe import observe
from converter.recipes import FIVE, RecipeMaker
from converter.static import DENSE, StaticPlan, integer_kinds, to_static, watched
from converter.weights import to_dynamic
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.recipe import recipe_named
from mobile_app.engine.wordpiece import truncate
from training.datasets import Dataset
from training.datasets.arguments import add_data_arguments, load_from
from training.examples import targets_of
from training.metrics import task_metrics
from training.thresholds import decide

LENGTHS = (8, 16, 32, 64)
LOSS = " wF1 loss"
_OFF: dict[str, Any] = {"move_inputs": False, "move_outputs": False, "by_error": False, "correct_bias": False}
# What each fix adds to the one before; the last three put more than dense layers on integers.
STEPS: dict[str, dict[str, Any]] = {
    "dense layers, extremes as ranges": _OFF,
    "+ ranges by squared error": {**_OFF, "by_error": True},
    "+ output outliers into weights": {**_OFF, "by_error": True, "move_outputs": True},
    "+ input outliers into weights": {"correct_bias": False},
    "+ bias correction (the recipe)": {},
    "the recipe, GELU too": {"integer": DENSE | {"GELU"}},
    "the recipe, attention's products too": {"integer": DENSE | {"BATCH_MATMUL"}},
    "every operator that can": {"integer": None},
}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.converter", description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True, help="a run whose backbone is MiniLM-L6")
    parser.add_argument("--other", type=Path, action="append", default=[], help="further runs, such as pocket")
    parser.add_argument("--limit", type=int, help="only so many utterances")
    parser.add_argument("--shapes", choices=("full", "small", "none"), default="full")
    parser.add_argument("--calibration-size", type=int, default=200)
    add_data_arguments(parser, default="meld")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    dataset = load_from(arguments)
    if arguments.data_dir:
        os.environ["UNDERTONE_DATA"] = str(arguments.data_dir)
    rows: list[dict[str, Any]] = []
    figures: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        for number, path in enumerate([arguments.run, *arguments.other]):
            out = Path(scratch) / str(number)
            seconds, peak = _build(path, out, arguments)
            bundle = Bundle.open(out)
            say(f"{path.name}: five recipes in {seconds:.0f} s, peak {peak:.2f} GB")
            texts = [utterance.text for utterance in dataset.split("test")][: arguments.limit]
            measured = _measure(bundle, texts, dataset, arguments.limit)
            rows += [{"model": path.name, **row} for row in measured.values()]
            if number == 0:
                figures |= _figures(seconds, peak, measured, len(texts), dataset.name)
                rows += _study(bundle, dataset, texts)
    rows += _shape_rows(arguments.shapes)
    for row in rows:
        say(str(row))
    mobile = [row["cosine"] for row in rows if row["model"] == "MobileBERT-shaped" and row["row"] == "static_wi8_ai8"]
    if mobile:
        figures["mobilebert_static_int8_cosine"] = Figure(mobile[0], note="random weights")
    if arguments.limit is None and arguments.shapes != "small":
        about = {"dataset": dataset.name, "split": "test", "sha256": dataset.split_sha256("test")}
        packages = ("tensorflow", "tf-keras", "transformers", "ai-edge-litert")
        name = "converter" if dataset.name == "meld" else f"converter_{dataset.name}"
        say(str(record(name, figures, data=about, seeds=[0], rows=rows, packages=packages)))
    return 0


def _build(path: Path, out: Path, arguments: argparse.Namespace) -> tuple[float, float]:
    """Return seconds and peak gigabytes of building all five recipes."""
    command = [sys.executable, "-m", "converter", "build", str(path), "--out", str(out), "--recipes", "all"]
    command += ["--lengths", ",".join(map(str, LENGTHS)), "--calibration-size", str(arguments.calibration_size)]
    command += ["--calibrate", arguments.data]
    start = time.perf_counter()
    subprocess.run(command, check=True)
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


def _measure(bundle: Bundle, texts: Sequence[str], dataset: Dataset, limit: int | None) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    exact: Any = None
    for name in FIVE:
        with closing(Encoder(bundle, name)) as encoder:
            encodings, times = [], []
            for text in texts:
                start = time.perf_counter()
                encodings.append(encoder.encode(text))
                times.append(time.perf_counter() - start)
        found = np.stack([encoding.features for encoding in encodings])
        exact = found if exact is None else exact
        rows[name] = {
            "row": name,
            "MB": bundle.manifest.files[bundle.recipe_entry(name).file].bytes / 1e6,
            **_closeness(exact, found),
            "ms p50": 1e3 * statistics.median(times),
            **_scores(bundle, dataset, encodings, limit),
        }
    for row in rows.values():
        row["latency / FP32"] = row["ms p50"] / rows["fp32"]["ms p50"]
        for key in [key for key in row if key.endswith(" wF1")]:
            row[key.removesuffix(" wF1") + LOSS] = rows["fp32"][key] - row[key]
    return rows


def _scores(bundle: Bundle, dataset: Dataset, encodings: Sequence[Any], limit: int | None) -> dict[str, float]:
    """Return the weighted F1 of every task that bundle and dataset share."""
    scores = {}
    utterances = dataset.split("test")[:limit]
    for task in bundle.manifest.tasks:
        if task.labels not in [one.labels for one in dataset.tasks]:
            continue
        rows = [row for row, one in enumerate(utterances) if task.name in one.labels]
        gold = targets_of([utterances[row] for row in rows], task)
        found = np.stack([encodings[row].probabilities[task.name] for row in rows])
        scores[f"{task.name} wF1"] = task_metrics(task, gold, decide(task, found)).weighted_f1
    return scores


def _closeness(exact: Any, found: Any) -> dict[str, float]:
    norms = np.linalg.norm(exact, axis=1) * np.linalg.norm(found, axis=1)
    cosines = (exact * found).sum(1) / np.maximum(norms, 1e-12)
    return {
        "cosine": float(cosines.mean()),
        "cosine min": float(cosines.min()),
        "max error": float(np.abs(exact - found).max()),
    }


def _figures(seconds: float, peak: float, measured: dict[str, dict[str, Any]], n: int, data: str) -> dict[str, Figure]:
    static = measured["static_wi8_ai8"]
    figures = {}
    for key, loss in static.items():
        if key.endswith(LOSS):
            task = key.removesuffix(LOSS)
            name = f"static_int8_wf1_loss_{data}" + ("" if task == "emotion" else f"_{task}")
            figures[name] = Figure(loss, n=n, note="FP32 minus INT8 (static), one seed")
    if data != "meld":
        return figures | {f"static_int8_cosine_{data}": Figure(static["cosine"], n=n, note="mean, to FP32 features")}
    return figures | {
        "build_minutes_minilm_all_recipes": Figure(seconds / 60, note="five recipes, four buckets, proofs included"),
        "build_peak_gb_minilm": Figure(peak, note="largest resident set"),
        "static_int8_cosine_minilm": Figure(static["cosine"], n=n, note="mean cosine to FP32 features"),
        "dynamic_int8_mb_minilm": Figure(measured["dynamic_wi8_afp32"]["MB"], note="four length buckets"),
    }


def _study(bundle: Bundle, dataset: Dataset, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Measure the static recipe step by step."""
    content = (bundle.path / bundle.recipe_entry("fp32").file).read_bytes()
    tokenizer, lengths, pad_id = bundle.tokenizer(), bundle.manifest.lengths, bundle.tokenizer().pad_id
    batch = [truncate(tokenizer.encode(text), lengths[-1], tokenizer.sep_id) for text in texts[:300]]
    calibration = curate(CalibrationChoice(data=dataset.name), dataset.name, tokenizer, lengths)
    every = frozenset(integer_kinds(content)) - {"RSQRT", "SQUARED_DIFFERENCE", "MEAN"}
    rows, values = watched(content, StaticPlan(integer=every))
    seen = observe(content, calibration.batch, lengths, pad_id, rows=rows, values=values)
    exact = features(content, batch, lengths, pad_id)
    for step, options in STEPS.items():
        chosen = {**options, **({"integer": every} if "integer" in options and options["integer"] is None else {})}
        built = to_dynamic(to_static(content, seen, StaticPlan(**chosen)))
        yield {"model": "study", "row": step, **_closeness(exact, features(built, batch, lengths, pad_id))}


def _shape_rows(size: str) -> Iterator[dict[str, Any]]:
    for name, converted, batch in shapes(size, LENGTHS[:3]):
        calibration = Calibration(tuple(map(tuple, batch[:60])), {})
        maker = RecipeMaker(converted, LENGTHS[:3], 0, calibration=calibration)
        exact = features(maker.exact, batch, LENGTHS[:3], 0)
        first = 0.0
        for recipe in FIVE:
            built = maker.make(recipe_named(recipe))
            start = time.perf_counter()
            found = features(built, batch, LENGTHS[:3], 0)
            seconds = time.perf_counter() - start
            first = first or seconds
            ratio = {"latency / FP32": seconds / first}
            yield {"model": name, "row": recipe, "MB": len(built) / 1e6, **_closeness(exact, found), **ratio}


if __name__ == "__main__":
    sys.exit(main())
