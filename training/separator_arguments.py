"""The command line of the tables of separators."""

import argparse
from pathlib import Path

from mobile_app.engine.command_line import say, say_json
from training.datasets.arguments import add_data_dir_argument
from training.separator_tables.choices import UNITS, SeparatorChoices


def add_separators(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``separators``."""
    parser.set_defaults(act=separators_command)
    defaults = SeparatorChoices(("tiny",), "sample")
    parser.add_argument(
        "--backbone",
        required=True,
        metavar="X,Y",
        help="frozen backbones with commas, named as for fit or NAME=BACKBONE; a run folder is pre-trained",
    )
    parser.add_argument("--data", required=True, metavar="NAME|FILE", help="a dataset, or your own file")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where tables and features go")
    parser.add_argument("--task", metavar="NAME", help="the task (default: the first one of the data)")
    parser.add_argument("--pretrain", metavar="NAME", help="also pre-train each backbone on this dataset")
    parser.add_argument("--pretrain-task", metavar="NAME", help="on this task of it alone")
    parser.add_argument(
        "--share", type=float, default=defaults.share, metavar="X", help="stop there at this share of the final score"
    )
    parser.add_argument("--pretrain-epochs", type=int, default=defaults.pretrain_epochs, metavar="N", help="its end")
    parser.add_argument("--pretrain-rate", type=float, default=defaults.pretrain_rate, metavar="X", help="its rate")
    parser.add_argument("--max-length", type=int, default=defaults.max_length, metavar="N", help="tokens (default 32)")
    parser.add_argument("--epochs", type=int, default=defaults.epochs, metavar="N", help="of layers that take steps")
    parser.add_argument("--patience", type=int, default=defaults.patience, metavar="N", help="epochs without progress")
    parser.add_argument("--units", type=_numbers, default=UNITS, metavar="N,N", help="of the hidden layer, to choose")
    parser.add_argument("--seed", type=int, default=defaults.seed, metavar="N", help="of all that is random")
    add_data_dir_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the results as one line instead of tables")


def separators_command(arguments: argparse.Namespace) -> None:
    """Measure and print the tables."""
    choices = SeparatorChoices(
        backbones=tuple(name.strip() for name in arguments.backbone.split(",") if name.strip()),
        data=arguments.data,
        task=arguments.task,
        pretrain=arguments.pretrain,
        pretrain_task=arguments.pretrain_task,
        share=arguments.share,
        pretrain_epochs=arguments.pretrain_epochs,
        pretrain_rate=arguments.pretrain_rate,
        max_length=arguments.max_length,
        epochs=arguments.epochs,
        patience=arguments.patience,
        units=arguments.units,
        seed=arguments.seed,
    )
    from training.separator_tables.run import separators
    from training.separator_tables.tables import page

    results = separators(choices, arguments.out, data_dir=arguments.data_dir)
    say_json(results) if arguments.json else say(page(results))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers separated by commas, found {text!r}") from None
