"""The golden vectors under the phone's generation of LiteRT, in an environment of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError

VERSION = "1.4.0"
_CODE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.golden import self_check
bundle = Bundle.open(Path(sys.argv[1]))
for recipe in bundle.manifest.recipes:
    try:
        result = self_check(bundle, recipe)
        answer = {"passed": result.passed, "text": result.summary}
    except Exception as error:
        answer = {"passed": False, "text": str(error)}
    print(json.dumps({"recipe": recipe, **answer}), flush=True)
"""


def run_under_old_runtime(bundle: Path) -> list[dict[str, Any]]:
    """Run the golden vectors of every recipe under LiteRT 1.4.

    :return: per recipe ``recipe``, ``passed`` and ``text``; a recipe at which the process ended is not among them.
    :raises UndertoneError: if the environment cannot be made.
    """
    python = _environment()
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [python, "-c", _CODE, str(bundle.resolve())],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode and not found:
        raise UndertoneError(
            f"LiteRT {VERSION} to run in {python.parents[1]}",
            (done.stderr.strip().splitlines() or ["no message"])[-1],
            "delete that folder and try again",
        )
    return found


def _environment() -> Path:
    """Return the Python of a virtual environment with that version, made on first use."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "undertone" / f"litert-{VERSION}-py{sys.version_info.major}{sys.version_info.minor}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    packages = [f"ai-edge-litert=={VERSION}", "numpy"]
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "-q", *packages],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise UndertoneError(
                f"an environment with {' and '.join(packages)} in {folder}",
                (done.stderr.strip().splitlines() or ["no message"])[-1],
                "check that the package index can be reached, or leave out --litert14",
            )
    (folder / "complete").touch()
    return python
