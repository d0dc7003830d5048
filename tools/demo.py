"""The main job on the embedded default: fine-tune, convert, report, and let the app label and learn.

``python -m tools.demo`` leaves ``build/demo/{run,bundle,report,screenshots}`` and prints what each precision costs.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.recipe import RECIPES

DEMO = Path("build/demo")
COLUMNS = ("", "emotion wF1", "sentiment wF1", "size", "latency", "mean squared error")


def main() -> int:
    """Run the command line."""
    return run(_main, argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__), sys.argv[1:])


def _main(_: argparse.Namespace) -> int:
    started = time.monotonic()
    # Chosen on dev among rates from 1e-4 to 5e-4.
    fit = ["training", "fit", "--data", "sample", "--backbone", "pocket", "--learning-rate", "3e-4"]
    fit += ["--out", f"{DEMO}/run"]
    stages = (
        ("fine-tune on the sample corpus", fit),
        ("convert to three precisions", ["converter", "build", f"{DEMO}/run", "--out", f"{DEMO}/bundle"]),
        (
            "compare the precisions on the test split",
            ["quantization", "compare", f"{DEMO}/bundle", "--data", "sample", "--out", f"{DEMO}/report"],
        ),
        (
            "label and learn in the app, offscreen",
            ["tools.walk", "--bundle", f"{DEMO}/bundle", "--out", f"{DEMO}/screenshots"],
        ),
    )
    for number, (title, arguments) in enumerate(stages, 1):
        note(f"[{number}/{len(stages)}] {title}")
        _stage([*arguments, "--overwrite"])
    say(table(_read(DEMO / "run" / "metrics.json"), _read(DEMO / "report" / "report.json")))
    say()
    for step in _read(DEMO / "screenshots" / "walk.json"):
        said, labels = " and ".join(step["said"].values()), " and ".join(step["labels"].values())
        told = "that this is right" if said == labels else labels
        say(f"the app heard {step['text']!r} as {said}, was told {told}, and learned")
    say()
    for name, path in (
        ("report", "report/report.html"),
        ("bundle", "bundle"),
        ("run", "run"),
        ("screenshots", "screenshots"),
    ):
        say(f"{name + ':':13}{DEMO / path}")
    say(f"{'took:':13}{time.monotonic() - started:.0f} s")
    return 0


def _stage(arguments: list[str]) -> None:
    # Each stage is a process of its own: TensorFlow's memory is returned before Kivy starts.
    code = subprocess.call([sys.executable, "-m", *arguments], stdout=subprocess.DEVNULL)
    if code:
        note(f"demo: stopped; this command failed: python -m {' '.join(arguments)}")
        raise SystemExit(code)


def table(metrics: dict[str, Any], report: dict[str, Any]) -> str:
    """Return the rows majority, TF-IDF + logistic regression, and one per recipe, all on the test split."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for name, shown in (("majority", "majority"), ("tfidf_lr", "TF-IDF + LR")):
        scores = metrics["baselines"][name]["test"]
        rows.append((shown, *(f"{scores[task]['weighted_f1']:.3f}" for task in ("emotion", "sentiment")), "", "", ""))
    for name, recipe in report["recipes"].items():
        rows.append(
            (
                RECIPES[name].shown_as,
                *(f"{recipe['tasks'][task]['weighted_f1']:.3f}" for task in ("emotion", "sentiment")),
                f"{recipe['bytes'] / 1e6:.2f} MB",
                f"{recipe['latency_ms']['p50']:.2f} ms",
                "reference" if name == report["reference"] else f"{recipe['feature_squared_error']['mean']:.1e}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
