"""What a newcomer waits for: ``make demo`` in a fresh clone, installs included.

``python -m benchmarks.clean_clone`` clones the committed state of this repository into a temporary folder, runs the
demo there, and writes ``results/clean_clone.json``.
"""

import argparse
import subprocess
import sys
import tempfile
import time

from benchmarks.record import ROOT, Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.errors import CheckFailedError


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clean_clone", description=__doc__.splitlines()[0])
    return run(_measure, parser, sys.argv[1:])


def _measure(_: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="undertone-clone-") as folder:
        subprocess.run(["git", "clone", "-q", str(ROOT), folder], check=True)
        setup = _seconds("setup", folder)
        demo = _seconds("demo", folder)
    figures = {
        "demo_minutes_clean_clone": Figure((setup + demo) / 60, n=1, note="set-up and demo; package index near by"),
        "setup_minutes": Figure(setup / 60, n=1),
    }
    say(record("clean_clone", figures, data="sample", threads=2).name)
    return 0


def _seconds(target: str, folder: str) -> float:
    started = time.monotonic()
    done = subprocess.run(["make", target], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CheckFailedError(f"make {target} to pass in a clean clone", done.stderr[-300:], "mend it there first")
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
