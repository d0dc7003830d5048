"""``python -m mobile_app.packaging``: from a bundle to the folder that buildozer gets, and to an APK."""

import argparse
import sys
from pathlib import Path
from typing import Any

from mobile_app.engine import command_line
from mobile_app.engine.command_line import say, say_json
from mobile_app.packaging import pins, tools
from mobile_app.packaging.app_config import AppConfig

_STAGE = Path("build", "android")
_TEXTS = ("title", "package", "domain", "version", "icon_colour", "presplash_colour")
_PATHS = ("icon", "icon_foreground", "presplash", "bundle")
_LISTS = {"recipe": "recipes", "language": "languages", "architecture": "architectures"}


def main() -> int:
    """Run the command line and return the exit code of the process."""
    return command_line.run(_run, _parser(), sys.argv[1:])


def _run(arguments: argparse.Namespace) -> int:
    tools.require()
    return int(arguments.run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mobile_app.packaging", description="From a bundle to an APK.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_stage(commands)
    _add_doctor(commands)
    _add_render(commands)
    _add_build(commands)
    return parser


def _add_stage(commands: Any) -> None:
    command = commands.add_parser("stage", help="put together the folder that buildozer gets")
    command.add_argument("--app", type=Path, metavar="app.toml", help="your own app; flags win over it")
    command.add_argument("--out", type=Path, default=_STAGE, metavar="FOLDER", help="%(default)s")
    command.add_argument("--overwrite", action="store_true", help="replace a folder staged before")
    command.add_argument("--json", action="store_true", help="print the files with their sizes as JSON")
    for name in _TEXTS:
        command.add_argument(f"--{name.replace('_', '-')}", help=f"(default: {getattr(AppConfig, name)})")
    for name in _PATHS:
        command.add_argument(f"--{name.replace('_', '-')}", type=Path, metavar="PATH", help="(default: Undertone's)")
    command.add_argument(
        "--numeric-version", type=int, metavar="N", help="what stores compare (default: from --version)"
    )
    for flag, name in _LISTS.items():
        command.add_argument(f"--{flag}", dest=name, action="append", metavar="NAME", help="may be given several times")
    command.set_defaults(run=_stage)


def _add_doctor(commands: Any) -> None:
    command = commands.add_parser("doctor", help="say what is wrong with a staged app, this machine or a built APK")
    command.add_argument(
        "stage", type=Path, nargs="?", default=_STAGE, metavar="FOLDER", help="staged app (%(default)s)"
    )
    command.add_argument("--apk", type=Path, metavar="FILE", help="look at a built APK instead")
    command.add_argument("--machine", action="store_true", help="look also at this machine: JDK, SDK, NDK, programs")
    command.add_argument("--release", action="store_true", help="it is for a store: look also at the signing variables")
    command.add_argument("--budget", type=float, default=pins.BUDGET_MB, metavar="MB", help="largest APK (%(default)s)")
    command.add_argument("--fix", action="store_true", help="repair what can be repaired safely, and look again")
    command.add_argument("--json", action="store_true", help="print the findings as one JSON object")
    command.set_defaults(run=_doctor)


def _add_render(commands: Any) -> None:
    command = commands.add_parser("render", help="write the Gradle project of a staged app, without any SDK")
    command.add_argument(
        "stage", type=Path, nargs="?", default=_STAGE, metavar="FOLDER", help="staged app (%(default)s)"
    )
    command.add_argument("--out", type=Path, default=Path("build", "gradle"), metavar="FOLDER", help="%(default)s")
    command.add_argument("--release", action="store_true", help="as for a store")
    command.add_argument("--overwrite", action="store_true", help="replace the folder")
    command.set_defaults(run=_render)


def _add_build(commands: Any) -> None:
    command = commands.add_parser("build", help="build the APK with buildozer, SDK and NDK")
    command.add_argument(
        "stage", type=Path, nargs="?", default=_STAGE, metavar="FOLDER", help="staged app (%(default)s)"
    )
    command.add_argument("--release", action="store_true", help="build the signed bundle for a store")
    command.set_defaults(run=_build)


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("stage", type=Path, nargs="?", default=_STAGE, metavar="FOLDER", help="staged (%(default)s)")


def _stage(arguments: argparse.Namespace) -> int:
    from mobile_app.packaging.stage import stage

    names = [*_TEXTS, *_PATHS, "numeric_version", *_LISTS.values()]
    given = {name: value for name, value in vars(arguments).items() if name in names and value is not None}
    given |= {name: given[name].absolute() for name in _PATHS if name in given}
    app = AppConfig.from_toml(arguments.app, given) if arguments.app else AppConfig.from_values(given, Path())
    done = stage(app, arguments.out, overwrite=arguments.overwrite)
    if arguments.json:
        say_json({"path": str(done.path), "bytes": done.bytes, "files": done.files})
    else:
        what = f"{app.title} {app.version} ({app.identity})"
        say(f"{done.path}: {what}, {len(done.files)} files, {done.bytes / 1e6:.1f} MB")
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from mobile_app.packaging.doctor import Questions, examine, repair
    from mobile_app.packaging.report import table

    questions = Questions(
        arguments.stage, arguments.apk, machine=arguments.machine, release=arguments.release, budget=arguments.budget
    )
    findings = examine(questions)
    repaired = repair(findings) if arguments.fix else []
    if repaired:
        findings = examine(questions)
    faults = sum(finding.is_fault for finding in findings)
    if arguments.json:
        values = {"faults": faults, "findings": [finding.to_dict() for finding in findings]}
        say_json(values | {"repaired": [finding.to_dict() for finding in repaired]})
        return 1 if faults else 0
    for finding in repaired:
        say(f"repaired {finding.where}: {finding.remedy}")
    for line in table(findings) if findings else ():
        say(line)
    say(f"{faults} faults, {len(findings) - faults} notes: {arguments.apk or arguments.stage}")
    return 1 if faults else 0


def _render(arguments: argparse.Namespace) -> int:
    from mobile_app.packaging.rendering import render

    done = render(arguments.stage, arguments.out, release=arguments.release, overwrite=arguments.overwrite)
    say(f"{done.path}: build.gradle, src/main/AndroidManifest.xml and the resources, as python-for-android writes them")
    return 0


def _build(arguments: argparse.Namespace) -> int:
    from mobile_app.packaging.build import build

    build(arguments.stage, release=arguments.release)
    say("the APK or AAB is in build/bin")
    return 0


if __name__ == "__main__":
    sys.exit(main())
