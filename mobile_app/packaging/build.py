"""Hands a staged app to buildozer, once nothing is left that would make it stop half-way."""

import os
import subprocess
import sys
from pathlib import Path

from mobile_app.engine.command_line import note
from mobile_app.engine.errors import CheckFailedError
from mobile_app.packaging.checks import machine, signing
from mobile_app.packaging.spec_file import SpecFile
from mobile_app.packaging.stage import SPEC


def environment() -> dict[str, str]:
    """Return what buildozer needs: Cython on the path, and an active environment, else it calls pip with --user."""
    programs = str(Path(sys.executable).parent)
    path = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    return {**os.environ, "VIRTUAL_ENV": sys.prefix, "PATH": path}


def build(stage: Path, *, release: bool = False) -> None:
    """Build the APK, or the signed bundle for a store.

    :raises CheckFailedError: if this machine cannot: the first reason as a sentence; or if buildozer stops.
    """
    faults = [finding for finding in machine.check(SpecFile.read(stage / SPEC)) if finding.is_fault]
    faults += signing.check() if release else []
    if faults:
        first, *others = faults
        if others:
            note("after that: " + "; ".join(f"{finding.where} {finding.problem}" for finding in others))
        remedy = first.remedy[0].lower() + first.remedy[1:].removesuffix(".")
        raise CheckFailedError("what an Android build needs", f"{first.where} {first.problem}", remedy)
    done = subprocess.run(
        [sys.executable, "-m", "buildozer", "-v", "android", "release" if release else "debug"],
        cwd=stage,
        check=False,
        env=environment(),
    )
    if done.returncode:
        raise CheckFailedError(
            "buildozer to finish", f"exit code {done.returncode}", "look its last lines up in docs/android.md"
        )
