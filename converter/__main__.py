"""``python -m converter build RUN --out BUNDLE`` and ``python -m converter check BUNDLE``."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mobile_app.engine.command_line import run, say, say_json
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.recipe import RECIPES

if TYPE_CHECKING:
    from training.checkpoint import Run

if TYPE_CHECKING:
    from converter.calibration import CalibrationChoice

_RECIPES = "comma-separated names, or all (five); default: fp32,fp16,dynamic_wi8_afp32"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m converter", description="Turn a training run into a phone bundle.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    building = commands.add_parser("build", help="convert a run at several precisions, and prove each against Keras")
    building.add_argument("run", type=Path, nargs="?", help="folder written by: python -m training fit")
    building.add_argument(
        "--model", type=Path, help="instead of a run: a Keras model (.keras, .h5) or SavedModel trained elsewhere"
    )
    building.add_argument("--tokenizer", type=Path, help="with --model: its tokenizer.json or vocab.txt, or a folder")
    building.add_argument("--tasks", type=Path, help="with --model: JSON file with its tasks, labels and outputs")
    building.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    building.add_argument("--recipes", default=None, help=_RECIPES)
    building.add_argument("--lengths", default=None, help="length buckets in tokens; default: 8,12,16,24,32,64")
    building.add_argument(
        "--context", type=Path, metavar="RUN", help="add the causal model that training context made on this run"
    )
    _add_calibration(building, default=200)
    building.add_argument("--mixed", type=Path, metavar="FILE", help="the recipe mixed, written by search")
    building.add_argument("--name", default=None, help="name of the bundle; default: the folder's name")
    building.add_argument("--version", default="0.1.0", help="version of the bundle (default: 0.1.0)")
    building.add_argument("--licence", default="not stated", help="licence of the model, as an SPDX identifier")
    building.add_argument("--attribution", default="", help="whom to credit")
    building.add_argument(
        "--task-library",
        metavar="TASK",
        help="write files of this task alone for TFLite Task Library and MediaPipe as well, into OUT.task-library",
    )
    building.add_argument("--overwrite", action="store_true", help="replace the bundle if it exists")
    building.set_defaults(main=_build)
    checking = commands.add_parser("check", help="hashes, golden vectors, and what the files really hold")
    checking.add_argument("bundle", type=Path)
    checking.add_argument("--json", action="store_true", help="print one JSON document")
    checking.add_argument(
        "--litert14", action="store_true", help="run the golden vectors under LiteRT 1.4 too, installed apart with pip"
    )
    checking.set_defaults(main=_check)
    searching = commands.add_parser("search", help="find which weights may have 4 bits: the recipe mixed")
    searching.add_argument("bundle", type=Path, help="a bundle with the recipe fp32")
    searching.add_argument("--out", type=Path, required=True, metavar="FILE", help="the recipe, as JSON")
    searching.add_argument("--plot", type=Path, metavar="PNG", help="draw size and loss of every file tried")
    searching.add_argument(
        "--max-loss", type=float, default=0.01, metavar="X", help="1 - mean cosine to FP32 features (default 0.01)"
    )
    _add_calibration(searching, default=64)
    searching.set_defaults(main=_search)
    return run(lambda arguments: arguments.main(arguments), parser, sys.argv[1:])


def _add_calibration(parser: argparse.ArgumentParser, *, default: int) -> None:
    parser.add_argument(
        "--calibrate", metavar="NAME|FILE", help="data whose train utterances calibrate (default: what trained the run)"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of the published datasets")
    parser.add_argument(
        "--calibration-size", type=int, default=default, metavar="N", help=f"utterances (default {default})"
    )
    parser.add_argument("--calibration-seed", type=int, default=0, metavar="N", help="of their draw (default 0)")


def _build(arguments: argparse.Namespace) -> int:
    from converter.build import LENGTHS, BuildOptions, build
    from converter.recipes import FIVE, WITHOUT_CALIBRATION

    named = {None: WITHOUT_CALIBRATION, "all": FIVE}
    options = BuildOptions(
        recipes=named.get(arguments.recipes) or tuple(arguments.recipes.split(",")),
        calibration=_calibration(arguments),
        mixed=arguments.mixed,
        lengths=_lengths(arguments.lengths) if arguments.lengths else LENGTHS,
        context=arguments.context,
        name=arguments.name,
        version=arguments.version,
        licence=arguments.licence,
        attribution=arguments.attribution,
        overwrite=arguments.overwrite,
    )
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        source = _source(arguments, options.lengths, Path(scratch))
        if arguments.task_library is not None:
            _write_task_library(arguments, source, options.lengths[-1])
        manifest = build(source, arguments.out, options)
    for name, entry in manifest.recipes.items():
        against = entry.metrics["against_keras"]
        say(
            f"{RECIPES[name].shown_as:22} {manifest.files[entry.file].bytes / 1e6:8.2f} MB   "
            f"mean cosine to Keras {against['mean_cosine']:.6f}   largest difference {against['max_difference']:.2g}"
        )
    say(f"bundle: {arguments.out}")
    return 0


def _source(arguments: argparse.Namespace, lengths: Sequence[int], scratch: Path) -> "Run":
    """Return the run, or the foreign model as a run."""
    foreign = (arguments.model, arguments.tokenizer, arguments.tasks)
    if arguments.run is not None and not any(foreign):
        from training.checkpoint import load_run

        return load_run(arguments.run)
    if arguments.run is None and all(foreign):
        from converter.foreign import open_foreign

        return open_foreign(*foreign, lengths, scratch)
    raise UndertoneError(
        "either a run, or --model, --tokenizer and --tasks together",
        "both" if arguments.run is not None else ", ".join(map(str, filter(None, foreign))) or "none",
        "correct the command",
    )


def _write_task_library(arguments: argparse.Namespace, run: "Run", length: int) -> None:
    from converter.task_library import write_task_library

    out = arguments.out.with_name(f"{arguments.out.name}.task-library")
    paths = write_task_library(
        run,
        arguments.task_library,
        out,
        length=length,
        version=arguments.version,
        licence=arguments.licence,
        attribution=arguments.attribution,
        overwrite=arguments.overwrite,
    )
    for path in paths:
        say(f"{path.stat().st_size / 1e6:8.2f} MB   {path}")


def _search(arguments: argparse.Namespace) -> int:
    from converter.search import search_bundle

    mixed, points = search_bundle(
        arguments.bundle, arguments.out, _calibration(arguments), allowed=arguments.max_loss, plot=arguments.plot
    )
    size = min(point.bytes for point in points if set(point.four_bit) == set(mixed.bits))
    say(f"INT8 (dynamic range)  {points[0].bytes / 1e6:8.2f} MB   1 - cosine {points[0].loss:.5f}")
    four = f"{len(mixed.bits)} weights of 4 bits"
    say(f"Mixed (by search)     {size / 1e6:8.2f} MB   1 - cosine {mixed.loss:.5f}   {four}")
    say(f"recipe: {arguments.out}")
    return 0


def _calibration(arguments: argparse.Namespace) -> "CalibrationChoice":
    from converter.calibration import CalibrationChoice

    return CalibrationChoice(
        data=arguments.calibrate,
        data_dir=arguments.data_dir,
        size=arguments.calibration_size,
        seed=arguments.calibration_seed,
    )


def _check(arguments: argparse.Namespace) -> int:
    from converter.check import check

    findings = check(arguments.bundle, old_runtime=arguments.litert14)
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
