"""The options of ``fit`` that make it cross-validate."""

import argparse
from pathlib import Path

from mobile_app.engine.command_line import say, say_json
from mobile_app.engine.errors import UndertoneError
from training.config import FitConfig

_GROUPS = ("text", "dialogue", "speaker")


def add_folds(parser: argparse.ArgumentParser) -> None:
    """Add ``--folds`` and ``--fold-by``."""
    parser.add_argument(
        "--folds", type=int, metavar="N", help="cross-validate over train and dev instead; --out is a folder of runs"
    )
    parser.add_argument(
        "--fold-by", choices=_GROUPS, default="text", help="what is kept together in a fold (default equal texts)"
    )


def crossvalidate_command(config: FitConfig, out: Path, arguments: argparse.Namespace) -> None:
    """Cross-validate and print means and standard deviations."""
    if arguments.overwrite:
        raise UndertoneError("no --overwrite beside --folds", "both", "choose another --out, or delete the folder")
    from training.crossvalidate import crossvalidate, table

    results = crossvalidate(config, out, folds=arguments.folds, by=arguments.fold_by, data_dir=arguments.data_dir)
    say_json(results) if arguments.json else say(table(results))
