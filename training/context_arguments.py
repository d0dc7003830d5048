"""The command line of context models."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import say, say_json
from training.context.config import CAUSAL_DEFAULTS, LAYOUTS, VECTORS, ContextConfig
from training.datasets.arguments import add_data_arguments

# Field of the configuration -> its type on the command line, and what it is.
_CHOICES: dict[str, tuple[Any, str]] = {
    "window": (int, "utterances that a causal model sees, the newest included"),
    "width": (int, "of the fully connected layers"),
    "units": (int, "of each LSTM and of the convolution, or of all attention heads"),
    "epochs": (int, "the most epochs"),
    "batch_size": (int, "utterances in a step, or whole dialogues"),
    "learning_rate": (float, "peak of the schedule"),
    "weight_decay": (float, "decoupled weight decay"),
    "patience": (int, "epochs without a better dev score before stopping"),
    "dropout": (float, "share dropped of the hidden layers"),
    "vector_dropout": (float, "share dropped of the vectors"),
    "forget": (float, "share of the earlier utterances that a training step of a causal model does not see"),
    "max_length": (int, "most tokens of an utterance"),
    "seed": (int, "of weights, order and dropout"),
}


def add_context(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``context``."""
    parser.set_defaults(act=context_command)
    parser.add_argument(
        "run", metavar="RUN", help="what makes the vectors: a run folder, pocket, a hub name or a model folder"
    )
    add_data_arguments(parser, default=None)
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder to write")
    parser.add_argument(
        "--vectors",
        choices=VECTORS,
        default="features",
        help="features: what a bundle gives a phone; cls4: the first token's states of the last four layers "
        "(default %(default)s)",
    )
    parser.add_argument("--causal", action="store_true", help="let an utterance see the past alone, as on a phone")
    parser.add_argument(
        "--layout", choices=LAYOUTS, help=f"default cnn-lstm, with --causal {CAUSAL_DEFAULTS['layout']}"
    )
    parser.add_argument("--speakers", action="store_true", help="tell the model who speaks again (never who it is)")
    defaults = {field.name: field.default for field in fields(ContextConfig)}
    for name, (kind, text) in _CHOICES.items():
        small = f", with --causal {CAUSAL_DEFAULTS[name]}" if name in CAUSAL_DEFAULTS else ""
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=kind, metavar="X", help=f"{text} (default {defaults[name]}{small})"
        )
    parser.add_argument(
        "--no-twin",
        dest="twin",
        action="store_false",
        help="leave out the same network without context, against which the gain is measured",
    )
    parser.add_argument(
        "--no-baselines", dest="baselines", action="store_false", help="leave out the majority and TF-IDF rows"
    )
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where vectors are kept (default .vectors beside RUN)"
    )
    parser.add_argument("--resume", action="store_true", help="continue a stopped run, if there is one")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.add_argument("--json", action="store_true", help="print metrics.json as one line instead of tables")


def context_command(arguments: argparse.Namespace) -> None:
    """Train, and print the tables of the test split."""
    given = {field.name: getattr(arguments, field.name, None) for field in fields(ContextConfig)}
    chosen = {name: value for name, value in given.items() if value is not None}
    config = ContextConfig(**({**CAUSAL_DEFAULTS, **chosen} if arguments.causal else chosen))
    from training.context.fitting import fit_context
    from training.context.tables import class_table, table_of_context

    metrics = fit_context(
        config,
        arguments.out,
        data_dir=arguments.data_dir,
        cache=arguments.cache,
        twin=arguments.twin,
        baselines=arguments.baselines,
        resume=arguments.resume,
        overwrite=arguments.overwrite,
        command=["python", "-m", "training", *sys.argv[1:]],
    )
    if arguments.json:
        say_json(metrics)
    else:
        say(table_of_context(metrics, "test"))
        for task in metrics["test"]:
            say(f"\n{class_table(metrics, 'test', task)}")
