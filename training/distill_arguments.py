"""The command line of distillation."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from mobile_app.engine.command_line import say, say_json
from training.datasets.arguments import add_data_dir_argument
from training.distill_config import DistillConfig

# Field of the configuration -> its type on the command line, and what it is.
_CHOICES = {
    "data": (str, "names of datasets, with commas"),
    "vocabulary": (int, "number of pieces"),
    "embedding": (int, "width of the word embeddings; 0: the teacher's"),
    "width": (int, "width of the states; 0: the teacher's, whose layers are taken over"),
    "intermediate": (int, "neurons within a layer, the teacher's strongest; 0: all of them"),
    "features": (int, "width of the features"),
    "positions": (int, "most tokens that the student can take"),
    "soft": (float, "share of the teacher's probabilities in the targets"),
    "feature_weight": (float, "factor of the features' loss"),
    "relation_weight": (float, "factor of the loss of the similarities within a batch"),
    "fine_weight": (float, "factor of the loss of sigmoid tasks"),
    "repeats": (int, "altered repetitions of utterances with rare labels"),
    "epochs": (int, "number of epochs"),
    "batch_size": (int, "utterances in a step"),
    "learning_rate": (float, "peak of the schedule"),
    "warmup": (float, "share of the steps in which the rate climbs"),
    "weight_decay": (float, "decoupled weight decay"),
    "max_length": (int, "most tokens of an utterance in training"),
    "precision": (str, "of matrix products: float32 or bfloat16"),
    "seed": (int, "of order, dropout and heads"),
}


def add_distill(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``distill``."""
    parser.set_defaults(act=distill_command)
    defaults = {field.name: field.default for field in fields(DistillConfig)}
    parser.add_argument("teacher", metavar="TEACHER", help="the run folder of a fine-tuned BERT")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder to write")
    parser.add_argument(
        "--layers",
        type=_numbers,
        default=defaults["layers"],
        metavar="N,N",
        help="the teacher's layers to start from, counted from 1 (default 1,6)",
    )
    for name, (kind, text) in _CHOICES.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=kind,
            default=defaults[name],
            metavar="X",
            help=f"{text} (default %(default)s)",
        )
    add_data_dir_argument(parser)
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where the teacher's answers are kept (default .teacher beside RUN)"
    )
    parser.add_argument("--resume", action="store_true", help="continue a stopped distillation, if there is one")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.add_argument("--json", action="store_true", help="print metrics.json as one line instead of a table")


def distill_command(arguments: argparse.Namespace) -> None:
    """Distil and print the table of the test split."""
    given = vars(arguments)
    config = DistillConfig(**{field.name: given[field.name] for field in fields(DistillConfig)})
    from training.distill import distill
    from training.metrics_table import table_of_run

    metrics = distill(
        config,
        arguments.out,
        data_dir=arguments.data_dir,
        cache=arguments.cache,
        resume=arguments.resume,
        overwrite=arguments.overwrite,
        command=["python", "-m", "training", *sys.argv[1:]],
    )
    say_json(metrics) if arguments.json else say(table_of_run(metrics, "test"))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers separated by commas, found {text!r}") from None
