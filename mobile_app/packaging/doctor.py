"""Looks at a staged app, a machine, a release or a built APK, and says what is wrong before anyone waits 40 minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mobile_app.packaging import pins
from mobile_app.packaging.apk_file import ApkFile
from mobile_app.packaging.checks import apk, bundle, machine, payload, requirements, signing, spec_files, spec_values
from mobile_app.packaging.finding import Finding
from mobile_app.packaging.spec_file import SpecFile
from mobile_app.packaging.stage import SPEC


@dataclass(frozen=True)
class Questions:
    """What the doctor looks at.

    :param stage: a staged app.
    :param apk: a built APK.
    :param machine: whether this machine is to build it.
    :param release: whether it is for a store.
    :param budget: the largest APK in MB.
    """

    stage: Path
    apk: Path | None = None
    machine: bool = False
    release: bool = False
    budget: float = pins.BUDGET_MB


def examine(questions: Questions) -> list[Finding]:
    """Return everything that is wrong, faults first.

    :raises UndertoneError: if there is no staged app, or no APK, where the questions say.
    """
    if questions.apk is not None:
        findings = list(apk.check(ApkFile(questions.apk), questions.budget, release=questions.release))
    else:
        findings = _examine_stage(questions)
    return sorted(findings, key=lambda finding: not finding.is_fault)


def repair(findings: Sequence[Finding]) -> list[Finding]:
    """Do what can be done safely, and return the findings that were repaired."""
    able = [finding for finding in findings if finding.repair is not None]
    for finding in able:
        assert finding.repair is not None
        finding.repair()
    return able


def _examine_stage(questions: Questions) -> list[Finding]:
    folder = questions.stage
    spec = SpecFile.read(folder / SPEC)
    findings = [*spec_values.check(spec), *spec_files.check(spec), *requirements.check(spec), *payload.check(folder)]
    findings += bundle.check(folder, questions.budget, len(spec.words("android.archs")))
    if questions.machine:
        findings += machine.check(spec)
    if questions.release:
        findings += signing.check()
    return findings
