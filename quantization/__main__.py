"""The command line of the report: ``python -m quantization compare BUNDLE --data NAME --out REPORT``."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say, say_json
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder
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
    compare.add_argument("bundle", metavar="BUNDLE", type=Path, help="folder of the bundle")
    add_data_arguments(compare, default=None)
    compare.add_argument("--split", default="test", help="train, dev, test or all (default test)")
    compare.add_argument("--out", metavar="REPORT", type=Path, required=True, help="folder to write")
    compare.add_argument("--overwrite", action="store_true", help="replace the folder if it exists")
    compare.add_argument("--recipes", metavar="A,B", type=_names, help="recipes to compare (default all)")
    compare.add_argument("--threads", type=int, default=1, help="threads of the interpreter (default 1)")
    compare.add_argument("--workers", type=int, default=1, help="processes that compare (default 1); latency takes one")
    compare.add_argument("--limit", metavar="N", type=int, help="compare N utterances, drawn with a fixed seed")
    compare.add_argument("--gate", metavar="FILE", type=Path, help="rules in TOML; exit code 1 if one is broken")
    compare.add_argument("--json", action="store_true", help="print report.json instead of a summary")
    return parser


def _compare(arguments: argparse.Namespace) -> None:
    try:
        from quantization.compare import compare
        from quantization.gate import require_passed
        from quantization.options import CompareOptions
        from quantization.page import render
        from quantization.summary import summary
    except ImportError as error:
        raise UndertoneError(
            "the packages of the report", str(error), 'install them with pip install "undertone[report]"'
        ) from None
    options = CompareOptions(
        bundle=arguments.bundle,
        split=arguments.split,
        recipes=arguments.recipes,
        threads=arguments.threads,
        workers=arguments.workers,
        limit=arguments.limit,
        gate=arguments.gate,
        command=shlex.join(["python", "-m", "quantization", *sys.argv[1:]]),
    )
    with new_folder(arguments.out, overwrite=arguments.overwrite) as folder:
        bundle = Bundle.open(options.bundle)
        dataset = load_from(arguments, known=bundle.manifest.tasks)
        report = compare(options, bundle, dataset)
        (folder / "report.json").write_text(report.to_json(), encoding="utf-8", newline="\n")
        (folder / "report.html").write_text(render(report), encoding="utf-8", newline="\n")
    if arguments.json:
        say_json(report.to_dict())
    else:
        for line in summary(report):
            say(line)
        say(f"\n{arguments.out / 'report.html'}\n{arguments.out / 'report.json'}")
    if report.gate:
        require_passed(report.gate)


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
