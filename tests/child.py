"""Tests that cannot share a process with the others run in a child, and report under their own names here."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

REPORT = "UNDERTONE_TEST_REPORT"
IS_CHILD = REPORT in os.environ

Results = dict[str, tuple[str, str]]


def sharing_a_child(item: pytest.Item, items: Iterable[pytest.Item]) -> list[str]:
    """Return the names of those of ``items`` that run in one child process with ``item``: all of them.

    In a worker of pytest-xdist (``--dist loadfile``) it is those of the same file, since other workers have the others.
    """
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    return [other.nodeid for other in items if not is_worker or other.path == item.path]


def write_result(report: pytest.TestReport) -> None:
    """Append the outcome of a test to the child's report; to be called by its logreport hook."""
    if report.when == "call" or report.outcome != "passed":
        with Path(os.environ[REPORT]).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([report.nodeid, report.outcome, report.longreprtext]) + "\n")


def run_in_child(session: pytest.Session, names: Sequence[str], environment: Mapping[str, str]) -> Results:
    """Run tests in one child process; return outcome and failure by test, and under "" what became of the child."""
    with tempfile.TemporaryDirectory(prefix="undertone-child-") as folder:
        report = Path(folder) / "results.jsonl"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", *names],
            env={**os.environ, **environment, REPORT: str(report)},
            cwd=session.config.rootpath,
            capture_output=True,
            text=True,
        )
        lines = report.read_text("utf-8").splitlines() if report.exists() else []
    results = {name: (outcome, words) for name, outcome, words in map(json.loads, lines)}
    end = f"the child process ended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return results | {"": ("failed", end)}
