"""The command line of choosing a model."""

import argparse
from pathlib import Path

from mobile_app.engine.command_line import say, say_json
from training.config import OPTIMIZERS, TINY
from training.datasets.arguments import add_data_arguments
from training.selection.choices import CRITERIA, RECIPES, SelectChoices
from training.zoo import ARCHITECTURES

_DEFAULTS = SelectChoices((TINY,), "sample", {"f1": 1.0})


def add_select(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``select``."""
    parser.set_defaults(act=select_command)
    parser.add_argument(
        "--models",
        type=_names,
        default=(TINY, *ARCHITECTURES),
        metavar="A,B",
        help="backbones with commas, named as for fit; A@1e-4 has a learning rate of its own (default: the zoo)",
    )
    parser.add_argument(
        "--weights",
        type=_weights,
        required=True,
        metavar="CRITERION=W,...",
        help=f"what matters, and how much: {', '.join(CRITERIA)}",
    )
    add_data_arguments(parser, default=None)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="candidates and results go there")
    parser.add_argument(
        "--recipe", choices=RECIPES, default=_DEFAULTS.recipe, help="the file that is timed (default %(default)s)"
    )
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default=_DEFAULTS.optimizer, help="of every candidate")
    for name, text in (
        ("epochs", "the most epochs"),
        ("batch_size", "utterances in a step"),
        ("max_length", "most tokens of an utterance"),
        ("seed", "of weights, order and dropout"),
    ):
        default = getattr(_DEFAULTS, name)
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=int, default=default, metavar="N", help=f"{text} (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the results as one line instead of a table")


def select_command(arguments: argparse.Namespace) -> None:
    """Measure, rank and print."""
    choices = SelectChoices(
        models=arguments.models,
        data=arguments.data,
        weights=arguments.weights,
        tasks=arguments.tasks,
        recipe=arguments.recipe,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        max_length=arguments.max_length,
        optimizer=arguments.optimizer,
        seed=arguments.seed,
    )
    from training.selection.run import page, select

    results = select(choices, arguments.out, data_dir=arguments.data_dir)
    say_json(results) if arguments.json else say(page(results))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _weights(text: str) -> dict[str, float]:
    try:
        pairs = [pair.split("=") for pair in text.split(",")]
        return {name.strip(): float(weight) for name, weight in pairs}
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected CRITERION=NUMBER separated by commas, found {text!r}") from None
