"""Cost curves: what each further token, layer, label and utterance costs, beside what the machine can do at most.

``python -m benchmarks.curves`` writes ``results/curves.json`` and the curves of docs/performance.md. ``--quick`` tries
it on little and leaves ``results/`` and ``docs/`` alone; ``--parts`` takes some of limits, latency, learning, store and
report.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.curves_learning import LABELS, learning_rows, store_rows
from benchmarks.curves_limits import limits
from benchmarks.curves_model import SHAPES, fit_latency, latency_rows
from benchmarks.curves_page import curves_text, draw_curves
from benchmarks.record import ROOT, Figure, record
from benchmarks.speed.page import write_part
from benchmarks.speed.preparation import FOLDER, prepare
from benchmarks.speed.runs import POCKET
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.errors import UndertoneError

PARTS = ("limits", "latency", "learning", "store", "report")
UTTERANCES = (50, 200, 800, 2610)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curves", description=__doc__.splitlines()[0])
    parser.add_argument("--parts", default=",".join(PARTS), metavar="A,B", help="default %(default)s")
    parser.add_argument("--labels", type=int, default=LABELS[-1], help="the largest store (default %(default)s)")
    parser.add_argument("--data", default="meld", help="of the reports (default %(default)s)")
    parser.add_argument("--quick", action="store_true", help="little of everything, to try it")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    parts = arguments.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        raise UndertoneError(f"--parts among {', '.join(PARTS)}", ", ".join(sorted(unknown)), "correct them")
    rows: list[dict[str, Any]] = []
    figures: dict[str, Figure] = {}
    for part in parts:
        note(part)
        found = _rows(part, arguments)
        for row in found:
            say("  ".join(f"{name} {value}" for name, value in row.items()))
        rows += [{"curve": part, **row} for row in found]
        figures |= _figures(part, found)
    for name, figure in figures.items():
        say(f"{name:<44}{figure.value:>12.4g}   {figure.note}")
    partly = arguments.quick or set(parts) != set(PARTS)
    folder = FOLDER / "quick" if partly else ROOT / "results"
    path = record("curves", figures, data={"parts": parts, "reports on": arguments.data}, rows=rows, folder=folder)
    say(str(path))
    values = json.loads(path.read_text(encoding="utf-8"))
    picture = (folder if partly else ROOT / "docs" / "images") / "curves.svg"
    draw_curves(rows, picture)
    if not partly:
        write_part("curves", f"![Cost curves](images/{picture.name})\n\n{curves_text(values)}")
    return 0


def _rows(part: str, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    quick = arguments.quick
    if part == "limits":
        return [{name: float(f"{value:.4g}") for name, value in limits().items()}]
    if part == "latency":
        return latency_rows((POCKET,) if quick else (POCKET, *SHAPES), 20 if quick else 100)
    if part == "learning":
        return learning_rows(20 if quick else 200)
    if part == "store":
        return store_rows([n for n in LABELS if n <= (100 if quick else arguments.labels)])
    return _report_rows(arguments.data, UTTERANCES[:1] if quick else UTTERANCES)


def _report_rows(data: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Time the report of the pocket bundle on so many utterances, the separator study left out."""
    bundle = prepare(POCKET, None, peers=False).bundle
    rows = []
    for n in numbers:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "quantization", "compare", str(bundle), "--data", data, "--limit", str(n)]
            command += ["--study", "0", "--out", str(Path(folder) / "report")]
            start = time.perf_counter()
            done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
            seconds = time.perf_counter() - start
        if done.returncode:
            raise UndertoneError("a report", done.stderr.strip().splitlines()[-1], "run quantization compare by hand")
        rows.append({"utterances": n, "s": round(seconds, 2)})
    return rows


def _figures(part: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    if part == "limits":
        units = {"memory_bytes_per_s": "read by one thread, 256 MB", "cache_bytes_per_s": "read by one thread, 4 MB"}
        return {name: Figure(value, note=units.get(name, "float32, one thread")) for name, value in rows[0].items()}
    if part == "latency":
        return {
            f"{name}_{recipe}": Figure(value, n=len(rows), note="least squares of relative errors, none below 0")
            for recipe, fit in fit_latency(rows).items()
            for name, value in fit.items()
        }
    if part == "store":
        return _line("store_start_ms", "per_label", rows, "labels", "start_ms") | _line(
            "store_mb", "per_label", rows, "labels", "mb"
        )
    if part == "report":
        return _line("report_s", "per_utterance", rows, "utterances", "s")
    return {}


def _line(name: str, per: str, rows: Sequence[Mapping[str, Any]], x: str, y: str) -> dict[str, Figure]:
    """Fit a straight line."""
    if len(rows) < 2:
        return {}
    slope, fixed = np.polyfit([row[x] for row in rows], [row[y] for row in rows], 1)
    return {
        f"{name}_fixed": Figure(float(fixed), n=len(rows), note=f"{y} at 0 {x}, by a straight line"),
        f"{name}_{per}": Figure(float(slope), n=len(rows), note=f"{y} for each of the {x}, by a straight line"),
    }


if __name__ == "__main__":
    sys.exit(main())
