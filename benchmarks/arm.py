"""The phone's processor beside this one: the same bundle, texts and labels under emulated 64-bit Arm and on x86.

Token ids must be equal; features, labels and what the separators learn must agree within tolerances. Bit equality is
not asked for: a change of architecture moves INT8 features about as much as a change of release or kernel.

``python -m benchmarks.arm``, or ``make check-arm``
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
from numpy.typing import NDArray

from benchmarks.record import ROOT, Figure, record
from mobile_app.engine import npz
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.errors import CheckFailedError, UndertoneError
from training.datasets import load

CPUS = ("v8.0", "dotprod", "i8mm")
# The smallest cosine of an utterance's features, and the share of utterances that keep their label.
COSINE, SAME_LABELS, LEARNED = 0.99, 0.98, 1e-4
Arrays = Mapping[str, NDArray[Any]]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arm", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, metavar="BUNDLE", default=ROOT / "mobile_app" / "assets" / "bundle")
    parser.add_argument("--cpus", default=",".join(CPUS), help="generations of Arm processors (default %(default)s)")
    parser.add_argument("--utterances", type=int, default=200, help="that every recipe is run on")
    return run(_check, parser, sys.argv[1:])


def _check(arguments: argparse.Namespace) -> int:
    bundle = Bundle.open(arguments.bundle)
    texts = [one.text for one in load("sample").utterances]
    _tool("setup")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        here = _probe([sys.executable], arguments, folder, "x86", "")
        there = {
            cpu: _probe(["sh", "tools/arm64.sh", "python", cpu], arguments, folder, cpu, str(folder / "x86.npz"))
            for cpu in arguments.cpus.split(",")
        }
    rows = [row for cpu, arrays in there.items() for row in _compared(cpu, bundle, here, arrays)]
    for row in rows:
        say("  ".join(f"{key} {value}" for key, value in row.items()))
    failed = [f"{row['cpu']}: {row['what']}" for row in rows if not row["holds"]]
    figures = {"arm_differences": Figure(len(failed), n=len(rows), note="comparisons outside their tolerance")}
    data = {
        "texts": f"sample corpus, {len(texts):,} tokenized, {arguments.utterances} run",
        "bundle": bundle.manifest.name,
        "models": {recipe: bundle.model_hash(recipe) for recipe in bundle.manifest.recipes},
        "emulator": "qemu-user 7.2",
    }
    say(str(record("arm", figures, data=data, rows=rows)))
    if failed:
        raise CheckFailedError("Arm to agree with x86", "; ".join(failed), "see the rows above")
    return 0


def _tool(*words: str) -> None:
    done = subprocess.run(["sh", "tools/arm64.sh", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["nothing on stderr"]
        raise UndertoneError("tools/arm64.sh to succeed", lines[-1], "see docs/android.md")


def _probe(python: list[str], arguments: argparse.Namespace, folder: Path, name: str, features: str) -> Arrays:
    out = folder / f"{name}.npz"
    paths = [str(arguments.bundle.resolve()), str(folder / "texts.json"), str(arguments.utterances), features, str(out)]
    done = subprocess.run(
        [*python, "-m", "benchmarks.arm_probe", *paths], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise CheckFailedError(
            f"the engine to run on {name}", (done.stderr.strip() or "no message").splitlines()[-1], "run it by hand"
        )
    return npz.unpack(out.read_bytes())


def _compared(cpu: str, bundle: Bundle, here: Arrays, there: Arrays) -> list[dict[str, Any]]:
    different = int(here["tokens"].shape != there["tokens"].shape or np.any(here["tokens"] != there["tokens"]))
    rows: list[dict[str, Any]] = [
        {"cpu": cpu, "what": "token ids", "texts": len(here["n_tokens"]), "holds": not different}
    ]
    for recipe in bundle.manifest.recipes:
        rows.append(_recipe_row(cpu, recipe, bundle, here, there))
    for name in here:
        if name.startswith("learned/"):
            error = float(np.abs(here[name] - there[name]).max())
            row = {"cpu": cpu, "what": name, "max_difference": float(f"{error:.2g}"), "holds": error <= LEARNED}
            rows.append(row)
    return rows


def _recipe_row(cpu: str, recipe: str, bundle: Bundle, here: Arrays, there: Arrays) -> dict[str, Any]:
    ours, theirs = (arrays[f"{recipe}/features"].astype(np.float64) for arrays in (here, there))
    cosine = (ours * theirs).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    same = {
        task.name: float(np.mean(_chosen(task, here, recipe) == _chosen(task, there, recipe)))
        for task in bundle.manifest.tasks
        if not task.is_multi_label
    }
    return {
        "cpu": cpu,
        "what": recipe,
        "max_difference": float(f"{np.abs(ours - theirs).max():.2g}"),
        "min_cosine": round(float(cosine.min()), 6),
        **{f"same_{name}": round(share, 4) for name, share in same.items()},
        "holds": bool(cosine.min() >= COSINE and min(same.values(), default=1.0) >= SAME_LABELS),
    }


def _chosen(task: Any, arrays: Arrays, recipe: str) -> NDArray[Any]:
    chosen: NDArray[Any] = arrays[f"{recipe}/task/{task.name}"].argmax(axis=1)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
