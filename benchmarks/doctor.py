"""How many seeded faults the doctor finds: python -m benchmarks.doctor.

Each is a test that spoils a staged app, a machine or an APK in one way and asks what the doctor says.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from benchmarks.record import ROOT, Figure, record
from mobile_app.engine import command_line
from mobile_app.engine.command_line import say

TESTS = ("tests/packaging/test_doctor.py", "tests/packaging/test_apk.py")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doctor", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "results", help="folder of the result")
    return command_line.run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    rows = _faults()
    found = sum(row["found"] for row in rows)
    say(f"{found} of {len(rows)} seeded faults found")
    figure = Figure(found, n=len(rows), note="one test each; a clean stage and a clean APK pass")
    path = record("doctor", {"doctor_faults_found": figure}, data="tests/packaging", rows=rows, folder=arguments.out)
    say(str(path))
    return 0 if found == len(rows) else 1


def _faults() -> list[dict[str, Any]]:
    """Run the tests that seed a fault, and return one row each."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [sys.executable, "-m", "pytest", *TESTS, "-k", "found", f"--junit-xml={report}"]
        subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr)
        cases = ElementTree.parse(report).getroot().iter("testcase")
        return [
            {"fault": case.get("name"), "found": case.find("failure") is None and case.find("error") is None}
            for case in cases
        ]


if __name__ == "__main__":
    sys.exit(main())
