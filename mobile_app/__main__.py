"""``python -m mobile_app``: the app, and the commands of its engine."""

import argparse
import sys
from pathlib import Path

from mobile_app.commands import backup, bring, export, learn, predict, tokenize
from mobile_app.commands.arguments import bundle_path
from mobile_app.engine import command_line

_STORE = Path.home() / ".local" / "share" / "undertone" / "undertone.db"


def main() -> int:
    """Run the command line and return the exit code of the process."""
    return command_line.run(lambda arguments: int(arguments.run(arguments)), _parser(), sys.argv[1:])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mobile_app", description="Without a command: the app, which predicts, and learns from labels."
    )
    parser.add_argument("--bundle", type=Path, metavar="FOLDER", help="bundle to use (default: the one that ships)")
    parser.add_argument("--recipe", help="quantization scheme to run (default: the bundle's)")
    parser.add_argument("--store", type=Path, default=_STORE, metavar="FILE", help="what was learned (%(default)s)")
    parser.set_defaults(run=_run_app)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, add_arguments, run, summary in (
        ("predict", predict.add_arguments, predict.run, "predict utterances given as arguments or lines on stdin"),
        ("tokenize", tokenize.add_arguments, tokenize.run, "print the token ids of lines on stdin"),
        ("learn", learn.add_arguments, learn.run, "replay labelled utterances: predict each, then learn from it"),
        ("export", export.add_arguments, export.run, "write what was labelled as a file"),
        ("import", bring.add_arguments, bring.run, "learn the labels of a file, once each"),
        ("backup", backup.add_arguments, backup.run, "write labels and what was learned as one zip"),
        ("restore", backup.add_restore_arguments, backup.run_restore, "put a backup in the place of the store"),
    ):
        command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        add_arguments(command)
        command.set_defaults(run=run)
    return parser


def _run_app(arguments: argparse.Namespace) -> int:
    from mobile_app.ui.app import run  # Kivy opens a window when it is imported

    run(bundle_path(arguments), arguments.store, arguments.recipe)
    return 0


if __name__ == "__main__":
    sys.exit(main())
