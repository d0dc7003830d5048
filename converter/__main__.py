"""``python -m converter build RUN --out BUNDLE`` and ``python -m converter check BUNDLE``."""

import argparse
import sys
from pathlib import Path

from mobile_app.engine.command_line import run, say, say_json
from mobile_app.engine.recipe import RECIPES


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m converter", description="Turn a training run into a phone bundle.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    building = commands.add_parser("build", help="convert a run at several precisions, and prove each against Keras")
    building.add_argument("run", type=Path, help="folder written by: python -m training fit")
    building.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    building.add_argument("--recipes", default=None, help="comma-separated names; default: fp32,fp16,dynamic_wi8_afp32")
    building.add_argument("--lengths", default=None, help="length buckets in tokens; default: 8,16,24,32,64")
    building.add_argument("--name", default=None, help="name of the bundle; default: the folder's name")
    building.add_argument("--version", default="0.1.0", help="version of the bundle (default: 0.1.0)")
    building.add_argument("--licence", default="not stated", help="licence of the model, as an SPDX identifier")
    building.add_argument("--attribution", default="", help="whom to credit")
    building.add_argument("--overwrite", action="store_true", help="replace the bundle if it exists")
    building.set_defaults(main=_build)
    checking = commands.add_parser("check", help="hashes, golden vectors, and what the files really hold")
    checking.add_argument("bundle", type=Path)
    checking.add_argument("--json", action="store_true", help="print one JSON document")
    checking.set_defaults(main=_check)
    return run(lambda arguments: arguments.main(arguments), parser, sys.argv[1:])


def _build(arguments: argparse.Namespace) -> int:
    from converter.build import LENGTHS, BuildOptions, build
    from converter.convert import CONVERTIBLE

    options = BuildOptions(
        recipes=tuple(arguments.recipes.split(",")) if arguments.recipes else CONVERTIBLE,
        lengths=_lengths(arguments.lengths) if arguments.lengths else LENGTHS,
        name=arguments.name,
        version=arguments.version,
        licence=arguments.licence,
        attribution=arguments.attribution,
        overwrite=arguments.overwrite,
    )
    manifest = build(arguments.run, arguments.out, options)
    for name, entry in manifest.recipes.items():
        against = entry.metrics["against_keras"]
        say(
            f"{RECIPES[name].shown_as:22} {manifest.files[entry.file].bytes / 1e6:8.2f} MB   "
            f"mean cosine to Keras {against['mean_cosine']:.6f}   largest difference {against['max_difference']:.2g}"
        )
    say(f"bundle: {arguments.out}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from converter.check import check

    findings = check(arguments.bundle)
    failed = sum(not finding.passed for finding in findings)
    if arguments.json:
        say_json({"passed": failed == 0, "findings": [vars(finding) for finding in findings]})
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.passed else 'FAIL'}  {finding.subject:22} {finding.text}")
    return 1 if failed else 0


def _lengths(text: str) -> tuple[int, ...]:
    from mobile_app.engine.errors import UndertoneError

    try:
        return tuple(int(length) for length in text.split(","))
    except ValueError:
        raise UndertoneError("--lengths as numbers with commas, like 8,16,32", repr(text), "correct it") from None


if __name__ == "__main__":
    sys.exit(main())
