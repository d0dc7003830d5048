"""Learning with a numpy that has no BLAS, as on the phone: ``python -m benchmarks.no_blas``.

numpy's sources are built without BLAS and LAPACK (minutes, once, kept below ``build/``); then that numpy and the one of
this environment, with one thread, take turns at :mod:`benchmarks.learning_probe`. Writes
``results/no_blas.json``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.record import ROOT, Figure, record
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.errors import CheckFailedError, UndertoneError

FOLDER = ROOT / "build" / "numpy-without-blas"
BUILD = ("-Csetup-args=-Dblas=none", "-Csetup-args=-Dlapack=none", "-Csetup-args=-Dallow-noblas=true")
ROUNDS = 3
FIGURES = {
    "label_ms": "predict, learn, guard and commit; 256 features, 28 classes, default rule; without the model",
    "label_arithmetic_ms": "learn and predict of the same",
    "softmax_s": "100 epochs, 1,300 x 512, 7 classes, processor time",
    "oselm_label_ms": "one label of OS-ELM; 256 features, 28 classes",
}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.no_blas", description=__doc__.splitlines()[0])
    return run(_main, parser, sys.argv[1:])


def _main(_arguments: argparse.Namespace) -> int:
    _build()
    found: dict[str, list[dict[str, float]]] = {"no_blas": [], "blas": []}
    for _ in range(ROUNDS):
        for name, paths in (("no_blas", [FOLDER]), ("blas", [Path(np.__file__).parents[1]])):
            found[name].append(_probe(paths))
    rows = [{"numpy": name, **one} for name, ones in found.items() for one in ones]
    figures = {}
    for name, what in FIGURES.items():
        middle = {kind: statistics.median(float(one[name]) for one in ones) for kind, ones in found.items()}
        figures[f"no_blas_{name}"] = Figure(middle["no_blas"], n=ROUNDS, note=what)
        figures[f"no_blas_{name}_ratio"] = Figure(
            middle["no_blas"] / middle["blas"], n=ROUNDS, note="to numpy with BLAS"
        )
    for name, figure in figures.items():
        say(f"{name:<32}{figure.value:>10.3f}")
    say(str(record("no_blas", figures, data={"features": "normal random numbers"}, seeds=[0], rows=rows)))
    return 0


def _build() -> None:
    """Build and unpack a numpy without BLAS, unless it is there.

    :raises UndertoneError: if it cannot be built here.
    :raises CheckFailedError: if it has a BLAS all the same.
    """
    if not (FOLDER / "numpy").is_dir():
        note("building numpy without BLAS, once; this takes minutes")
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-binary", "numpy", *BUILD]
        done = subprocess.run(
            [*command, "--target", str(FOLDER), f"numpy=={np.__version__}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            words = (done.stderr.strip() or "pip failed").splitlines()[-1]
            raise UndertoneError("numpy to build from its sources", words, "install a C and C++ compiler")
    script = "import json, numpy; print(json.dumps(numpy.show_config(mode='dicts')['Build Dependencies']['blas']))"
    blas = json.loads(_run([FOLDER], "-c", script))
    if blas.get("found"):
        raise CheckFailedError("a numpy without BLAS", str(blas), f"delete {FOLDER.relative_to(ROOT)} and try again")


def _probe(paths: Sequence[Path]) -> dict[str, float]:
    found: dict[str, float] = json.loads(_run(paths, str(ROOT / "benchmarks" / "learning_probe.py")))
    return found


def _run(paths: Sequence[Path], *command: str) -> str:
    # -S: without the packages of this environment; numpy comes by PYTHONPATH.
    path = os.pathsep.join(map(str, [*paths, ROOT]))
    limits = {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-S", *command], env=os.environ | limits, capture_output=True, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
