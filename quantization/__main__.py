"""The command line of the report: ``python -m quantization compare BUNDLE --data NAME --out REPORT``."""

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say, say_json
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder, write_file
from quantization.engines import ENGINES, LOCAL
from quantization.options import CompareOptions
from quantization.phone import sort_phones
from quantization.report import Report, to_json
from quantization.study import MOST_TRAIN
from training.datasets import Dataset
from training.datasets.arguments import add_data_arguments, load_from


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="python -m quantization", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    compare = commands.add_parser(
        "compare",
        help="measure every recipe of a bundle on labelled utterances, and write report.html and report.json",
        description="Measure every recipe of a bundle on labelled text with the tokenizer, interpreter and length "
        "buckets that the phone uses, and write REPORT/report.html (one file, opens anywhere) and REPORT/report.json.",
    )
    compare.set_defaults(main=_compare)
    compare.add_argument(
        "bundles", metavar="BUNDLE", type=Path, nargs="+", help="folder of a bundle; several stand side by side"
    )
    add_data_arguments(compare, default=None)
    compare.add_argument("--split", default="test", help="train, dev, test or all (default test)")
    compare.add_argument("--out", metavar="REPORT", type=Path, required=True, help="folder to write")
    compare.add_argument("--overwrite", action="store_true", help="replace the folder if it exists")
    compare.add_argument("--recipes", metavar="A,B", type=_names, help="recipes to compare (default all)")
    compare.add_argument("--threads", type=int, default=1, help="threads of the interpreter (default 1)")
    compare.add_argument("--workers", type=int, default=1, help="processes that compare (default 1); latency takes one")
    compare.add_argument("--engine", choices=ENGINES, default=LOCAL, help="where the comparison runs (default local)")
    compare.add_argument("--address", help="of the Ray cluster; without it --engine ray starts one here")
    compare.add_argument("--resume", metavar="DIR", type=Path, help="keep finished parts in DIR and go on from there")
    compare.add_argument("--limit", metavar="N", type=int, help="compare N utterances, drawn with a fixed seed")
    compare.add_argument("--gate", metavar="FILE", type=Path, help="rules in TOML; exit code 1 if one is broken")
    compare.add_argument("--previous", metavar="FILE", type=Path, help="an earlier report.json; regressions are named")
    compare.add_argument("--markdown", metavar="FILE", type=Path, help="also write a summary for a pull request")
    compare.add_argument(
        "--phone",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="results of the app's benchmark screen; may be given several times",
    )
    compare.add_argument(
        "--study",
        metavar="N",
        type=int,
        default=MOST_TRAIN,
        help=f"train utterances of the separator study at most (default {MOST_TRAIN:,}; 0: none)",
    )
    compare.add_argument("--json", action="store_true", help="print report.json instead of a summary")
    return parser


def _compare(arguments: argparse.Namespace) -> None:
    try:
        from quantization.compare import check_fits, compare
        from quantization.gate import require_passed
        from quantization.markdown import markdown
        from quantization.page import render
        from quantization.summary import summary
    except ImportError as error:
        raise UndertoneError(
            "the packages of the report", str(error), 'install them with pip install "undertone[report]"'
        ) from None
    with new_folder(arguments.out, overwrite=arguments.overwrite) as folder:
        reports = _reports(arguments, compare, check_fits)
        (folder / "report.json").write_text(to_json(reports), encoding="utf-8", newline="\n")
        (folder / "report.html").write_text(render(reports), encoding="utf-8", newline="\n")
    if arguments.markdown:
        write_file(arguments.markdown, markdown(reports).encode())
    if arguments.json:
        say_json(json.loads(to_json(reports)))
    else:
        for report in reports:
            title = [report.bundle.name, ""] if len(reports) > 1 else []
            for line in [*title, *summary(report), ""]:
                say(line)
        say(f"{arguments.out / 'report.html'}\n{arguments.out / 'report.json'}")
    for report in reports:
        if report.gate:
            require_passed(report.gate)


def _reports(
    arguments: argparse.Namespace,
    compare: Callable[[CompareOptions, Bundle, Dataset], Report],
    check_fits: Callable[[CompareOptions, Bundle, Dataset], None],
) -> list[Report]:
    """Compare the recipes of every bundle; all are opened and checked before the first is measured."""
    bundles = [Bundle.open(path) for path in arguments.bundles]
    names = [bundle.manifest.name for bundle in bundles]
    if len(set(names)) < len(names):
        raise UndertoneError("bundles of different names", ", ".join(names), "rename one, or leave it out")
    work = [
        (_options(arguments, bundle, phones), bundle, load_from(arguments, known=bundle.manifest.tasks))
        for bundle, phones in zip(bundles, sort_phones(bundles, arguments.phone), strict=True)
    ]
    for one in work:
        check_fits(*one)
    return [compare(*one) for one in work]


def _options(arguments: argparse.Namespace, bundle: Bundle, phones: tuple[Path, ...]) -> CompareOptions:
    return CompareOptions(
        bundle=bundle.path,
        split=arguments.split,
        recipes=arguments.recipes,
        threads=arguments.threads,
        workers=arguments.workers,
        limit=arguments.limit,
        gate=arguments.gate,
        engine=arguments.engine,
        address=arguments.address,
        resume=arguments.resume,
        study=arguments.study,
        phones=phones,
        previous=arguments.previous,
        command=shlex.join(["python", "-m", "quantization", *sys.argv[1:]]),
    )


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise argparse.ArgumentTypeError("expected names separated by commas")
    return names


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = build_parser()
    return run(lambda arguments: arguments.main(arguments), parser, sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
