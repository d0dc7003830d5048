"""Squared errors of the features, FP16 and INT8, of a trained model with the shape of BERT-Tiny.

``python -m benchmarks.error_histogram BUNDLE --data meld`` sets them beside Figure 2 of Pandelea et al. 2021 (errors of
FP16 below 1e-5; those of INT8 small on average, a few around 0.1), and writes ``results/error_histogram.json`` and
``docs/images/error-histogram.svg``. The bundle is that of ``fit --backbone tiny``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing
from numpy.typing import NDArray

from benchmarks.record import ROOT, Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.errors import UndertoneError
from training.datasets.arguments import add_data_arguments

RECIPES = {"fp16": "FP16", "dynamic_wi8_afp32": "INT8 (dynamic range)"}
FP16_BOUND, LARGE = 1e-5, 0.05


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.error_histogram", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    add_data_arguments(parser, default="meld")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    report = _report(arguments)
    figures, rows = {}, []
    for name, shown_as in RECIPES.items():
        error = report["recipes"][name]["feature_squared_error"]
        edges, counts = (np.asarray(error["histogram"][key], np.float64) for key in ("edges", "counts"))
        n = int(counts.sum())
        rows.append({"recipe": shown_as, **{key: error[key] for key in ("mean", "p50", "p99", "max")}})
        for bound, words in ((FP16_BOUND, "1e-5"), (LARGE, "0.05")):
            rows[-1][f"share above {words}"] = float(counts[edges[:-1] >= bound * 0.999].sum() / n)
        note = "squared error of a feature, over all features and utterances"
        figures[f"{name}_squared_error_mean"] = Figure(error["mean"], n=n, note=note)
        figures[f"{name}_squared_error_max"] = Figure(error["max"], n=n, note=note)
        say("  ".join(f"{key} {value}" for key, value in rows[-1].items()))
    _draw(report, ROOT / "docs" / "images" / "error-histogram.svg")
    data = {key: report["dataset"][key] for key in ("name", "split", "of", "sha256")}
    say(str(record("error_histogram", figures, data={**data, "bundle": report["bundle"]["backbone"]}, rows=rows)))
    return 0


def _report(arguments: argparse.Namespace) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "quantization", "compare", str(arguments.bundle), "--data", arguments.data]
        command += ["--study", "0", "--recipes", ",".join(["fp32", *RECIPES]), "--out", f"{folder}/report"]
        if arguments.data_dir:
            command += ["--data-dir", str(arguments.data_dir)]
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            raise UndertoneError("compare to succeed", "an error", "see its message above")
        return json.loads(Path(folder, "report", "report.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _draw(report: Mapping[str, Any], path: Path) -> None:
    drawn = Drawing(figsize=(8, 2.9), layout="constrained")
    for panel, (name, shown_as) in zip(drawn.subplots(1, len(RECIPES), sharey=True), RECIPES.items(), strict=True):
        histogram = report["recipes"][name]["feature_squared_error"]["histogram"]
        edges, counts = np.asarray(histogram["edges"], np.float64), np.asarray(histogram["counts"], np.float64)
        panel.bar(*_bars(edges, counts), color="#5b3a5e", align="edge", linewidth=0)
        panel.axvline(FP16_BOUND if name == "fp16" else 0.1, color="#b5524b", linestyle="--", linewidth=1)
        panel.set(xscale="log", yscale="log", title=shown_as, xlabel="squared error of a feature")
        panel.spines[["top", "right"]].set_visible(False)
    drawn.axes[0].set_ylabel("features of utterances")
    drawn.savefig(path, metadata={"Date": None})


def _bars(edges: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[Any, Any, Any]:
    """Return places, heights and widths of the bins that hold something; the first one, from 0, has no place here."""
    held = np.flatnonzero((counts > 0) & (edges[:-1] > 0))
    return edges[held], counts[held], edges[held + 1] - edges[held]


if __name__ == "__main__":
    sys.exit(main())
