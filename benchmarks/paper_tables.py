"""Tables 8 to 11 of the reference paper (Pandelea et al. 2021) in their layout, for this machine.

``python -m benchmarks.paper_tables`` prints the time of feature extraction (Tables 8 and 9: shapes of BERT-Tiny and
BERT-Medium at FP32, FP16 and INT8, 80 random utterances of 32 tokens, mean and standard deviation in ms) and the time
of training the separator (Tables 10 and 11: 100 epochs on 32 to 512 features of 200 to 1,300 utterances, 30
repetitions, in s). The paper has one table for each of its two phones. What it printed is in no source that this
project could read: the published columns stay empty until somebody with the paper fills ``PUBLISHED``.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from benchmarks.record import Figure, record
from mobile_app.engine.batch import signature_name
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.interpreter import Interpreter, open_interpreter
from mobile_app.engine.separators import SoftmaxSeparator

SEED = 0
LENGTH, VOCABULARY = 32, 30522
# Layers, width, heads.
SHAPES = {"BERT-Tiny": (2, 128, 2), "BERT-Medium": (8, 512, 8)}
PRECISIONS = {"fp32": "FP32", "fp16": "FP16", "dynamic_wi8_afp32": "INT8"}
WIDTHS, SAMPLES = (32, 64, 128, 512), (200, 500, 1300)
EPOCHS, N_LABELS = 100, 7
BLOCK, WARM_UP = 10, 5
# (row, column) -> mean (sd) as printed, per phone.
PUBLISHED: Mapping[tuple[str, str], str] = {}
EMPTY = "–"

Cell = tuple[float, float]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper_tables", description=__doc__.splitlines()[0])
    parser.add_argument("--utterances", type=int, default=80, help="of the feature tables (default 80)")
    parser.add_argument("--repetitions", type=int, default=30, help="of the separator tables (default 30)")
    parser.add_argument("--models", nargs="+", choices=SHAPES, default=list(SHAPES), help="shapes to time")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    features = {name: _feature_times(name, arguments.utterances) for name in arguments.models}
    with threadpool_limits(1):
        separators = _separator_times(arguments.repetitions)
    _print_features(features)
    _print_separators(separators)
    rows: list[dict[str, Any]] = [
        {"table": "8, 9", "model": name, "precision": shown, "mean_ms": cells[recipe][0], "sd_ms": cells[recipe][1]}
        for name, cells in features.items()
        for recipe, shown in PRECISIONS.items()
    ]
    rows += [
        {"table": "10, 11", "features": width, "samples": n, "mean_s": cell[0], "sd_s": cell[1]}
        for (width, n), cell in separators.items()
    ]
    figures = {
        f"{name.lower().replace('-', '_')}_{recipe}_ms": Figure(mean, sd=sd, n=arguments.utterances)
        for name, cells in features.items()
        for recipe, (mean, sd) in cells.items()
    }
    figures |= {
        f"separator_{width}x{n}_s": Figure(mean, sd=sd, n=arguments.repetitions)
        for (width, n), (mean, sd) in separators.items()
    }
    data = {
        "features": f"{arguments.utterances} random utterances of {LENGTH} tokens, models of random weights",
        "separators": f"random features and {N_LABELS} labels, {EPOCHS} epochs, mini-batches of 32",
    }
    say(str(record("paper_tables", figures, data=data, seeds=[SEED], rows=rows, packages=("tensorflow",))))
    return 0


def _feature_times(name: str, n: int) -> dict[str, Cell]:
    """Return mean and standard deviation in ms per precision; they take turns in blocks."""
    random = np.random.default_rng(SEED)
    ids = random.integers(1000, VOCABULARY, size=(n, 1, LENGTH), dtype=np.int32)
    with tempfile.TemporaryDirectory() as folder:
        paths = _convert(name, Path(folder))
        models = {recipe: open_interpreter(path) for recipe, path in paths.items()}
        seconds: dict[str, list[float]] = {recipe: [] for recipe in models}
        for model in models.values():
            _time(model, ids[:WARM_UP])
        for start in range(0, n, BLOCK):
            for recipe, model in models.items():
                _time(model, ids[start : start + 1])  # brings the weights back into the caches
                seconds[recipe] += _time(model, ids[start : start + BLOCK])
        for model in models.values():
            with closing(model):
                pass
    return {recipe: _cell([1e3 * one for one in values]) for recipe, values in seconds.items()}


def _convert(name: str, folder: Path) -> dict[str, Path]:
    """Write a BERT of this shape with random weights at every precision; its features are those of the first token."""
    from converter.trace import save_traced
    from training.tensorflow import tf, transformers

    layers, width, heads = SHAPES[name]
    config = transformers.BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * width,
    )

    class First(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = transformers.TFBertModel(config)
            self.bert(self.bert.dummy_inputs)  # makes its weights

        def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
            return {"features": self.bert(dict(inputs), training=training).last_hidden_state[:, 0]}

    tf.random.set_seed(SEED)
    keys = save_traced(First(), (), (LENGTH,), folder / "traced")
    paths = {}
    for recipe in PRECISIONS:
        note(f"{name}: converting to {recipe}")
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "traced"), signature_keys=keys)
        if recipe != "fp32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if recipe == "fp16":
            converter.target_spec.supported_types = [tf.float16]
        paths[recipe] = folder / f"{recipe}.tflite"
        paths[recipe].write_bytes(converter.convert())
    return paths


def _time(model: Interpreter, ids: NDArray[np.int32]) -> list[float]:
    seconds = []
    mask = np.ones((1, LENGTH), np.int32)
    for one in ids:
        start = time.perf_counter()
        model.run(signature_name(LENGTH), {"input_ids": one, "attention_mask": mask})
        seconds.append(time.perf_counter() - start)
    return seconds


def _separator_times(repetitions: int) -> dict[tuple[int, int], Cell]:
    """Return mean and standard deviation in s by number of features and of samples."""
    random = np.random.default_rng(SEED)
    names = [f"label {number}" for number in range(N_LABELS)]
    cells = {}
    for width in WIDTHS:
        for n in SAMPLES:
            x = random.normal(size=(n, width)).astype(np.float32)
            y = [names[label] for label in random.integers(0, N_LABELS, n)]
            seconds = []
            for _ in range(repetitions):
                separator = SoftmaxSeparator(names, width)
                start = time.perf_counter()
                separator.learn_many(x, y, epochs=EPOCHS)
                seconds.append(time.perf_counter() - start)
            cells[width, n] = _cell(seconds)
    return cells


def _print_features(features: Mapping[str, Mapping[str, Cell]]) -> None:
    say("Tables 8, 9: time of feature extraction in ms, mean (sd)")
    say(f"{'model':<14}{'precision':<12}{'this machine':<20}published")
    for name, cells in features.items():
        for recipe, shown in PRECISIONS.items():
            say(f"{name:<14}{shown:<12}{_shown(cells[recipe]):<20}{PUBLISHED.get((name, shown), EMPTY)}")


def _print_separators(separators: Mapping[tuple[int, int], Cell]) -> None:
    say("\nTables 10, 11: time of training the separator in s, mean (sd)")
    say(f"{'features':<12}" + "".join(f"{f'{n} samples':<20}{'published':<12}" for n in SAMPLES))
    for width in WIDTHS:
        cells = (f"{_shown(separators[width, n]):<20}{PUBLISHED.get((str(width), str(n)), EMPTY):<12}" for n in SAMPLES)
        say(f"{width:<12}" + "".join(cells))


def _cell(values: list[float]) -> Cell:
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0


def _shown(cell: Cell) -> str:
    return f"{cell[0]:.4g} ({cell[1]:.2g})"


if __name__ == "__main__":
    sys.exit(main())
