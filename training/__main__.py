"""``python -m training``: fine-tune a multitask model, evaluate it, and distil it into a smaller one."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import run, say, say_json
from mobile_app.engine.errors import UndertoneError
from training.ablation_arguments import add_ablate
from training.config import ALONE, DISTRIBUTIONS, OPTIMIZERS, POOLINGS, PRECISIONS, SHIPPED, TINY, FitConfig
from training.context_arguments import add_context
from training.crossvalidate_arguments import add_folds, crossvalidate_command
from training.datasets import SPLITS
from training.datasets.arguments import add_data_arguments, load_from
from training.distill_arguments import add_distill
from training.method_arguments import add_method_arguments
from training.packed_weights import BITS, HALF
from training.select_arguments import add_select
from training.separator_arguments import add_separators
from training.zoo import ARCHITECTURES

_DEFAULTS = FitConfig(data="sample")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Labelled utterances in, fine-tuned multitask checkpoint out."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_fit(commands.add_parser("fit", help="fine-tune a backbone with one head per task"))
    _add_evaluate(commands.add_parser("evaluate", help="measure a run on a split of a dataset"))
    add_ablate(commands.add_parser("ablate", help="leave out the parts of the method in turn, over several seeds"))
    add_distill(commands.add_parser("distill", help="teach a smaller student what a run knows"))
    add_context(commands.add_parser("context", help="train a model over the dialogues of utterance vectors"))
    add_select(commands.add_parser("select", help="compare models by what matters to you"))
    add_separators(commands.add_parser("separators", help="measure simple classifiers on frozen features"))
    _add_ship(commands.add_parser("ship", help="keep a run's backbone and heads in the project, with compact weights"))
    return parser


def fit_command(arguments: argparse.Namespace) -> None:
    """Fine-tune and print the table of the test split."""
    given = vars(arguments)
    config = FitConfig(**{field.name: given[field.name] for field in fields(FitConfig)})
    if arguments.folds is not None:
        if arguments.distribute != ALONE:
            raise UndertoneError("--folds or --distribute", "both", "leave out one of them")
        crossvalidate_command(config, arguments.out, arguments)
        return
    from training.distribution import Distribution
    from training.fit import fit
    from training.metrics_table import table_of_run

    distribution = Distribution(arguments.distribute)  # before TensorFlow computes anything
    metrics = fit(
        config,
        arguments.out,
        data_dir=arguments.data_dir,
        baselines=arguments.baselines,
        resume=arguments.resume,
        overwrite=arguments.overwrite,
        command=["python", "-m", "training", *sys.argv[1:]],
        distribution=distribution,
    )
    if distribution.is_chief:
        say_json(metrics) if arguments.json else say(table_of_run(metrics, "test"))


def evaluate_command(arguments: argparse.Namespace) -> None:
    """Measure a run and print its figures."""
    from training.checkpoint import load_run
    from training.metrics_table import table
    from training.run_metrics import evaluate_run

    loaded = load_run(arguments.run)
    dataset = load_from(arguments, known=loaded.tasks)
    figures = evaluate_run(loaded, dataset, arguments.split, batch_size=arguments.batch_size)
    if arguments.json:
        say_json({"run": str(arguments.run), "data": dataset.name, "split": arguments.split, "tasks": figures})
    else:
        say(table([(arguments.run.name, figures)], title=f"{dataset.name} {arguments.split}"))


def ship_command(arguments: argparse.Namespace) -> None:
    """Write a run as a shipped backbone."""
    from training.shipped import ship

    ship(arguments.run, arguments.out, bits=arguments.bits, overwrite=arguments.overwrite)


def _add_ship(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(act=ship_command)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="such as training/data/pocket")
    parser.add_argument("--bits", type=int, choices=BITS, default=HALF, help="of the matrices (default %(default)s)")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def _add_fit(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(act=fit_command)
    add_data_arguments(parser, default=None)
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder to write")
    _add_choice(
        parser,
        "backbone",
        str,
        f"{', '.join((TINY, *ARCHITECTURES))} (built in place), {', '.join(SHIPPED)} (shipped), a hub name, a model "
        "folder, or a run to continue from",
    )
    parser.add_argument(
        "--pooling", choices=POOLINGS, default=_DEFAULTS.pooling, help="token states to features (default %(default)s)"
    )
    _add_choice(parser, "epochs", int, "the most epochs")
    _add_choice(parser, "batch_size", int, "utterances in a step")
    _add_choice(parser, "learning_rate", float, "peak of the schedule")
    _add_choice(parser, "warmup", float, "share of the steps in which the rate climbs")
    parser.add_argument(
        "--optimizer", choices=OPTIMIZERS, default=_DEFAULTS.optimizer, help="how steps are taken (default %(default)s)"
    )
    _add_choice(parser, "weight_decay", float, "decoupled weight decay")
    _add_choice(parser, "clip", float, "largest global norm of the gradient")
    _add_choice(parser, "patience", int, "epochs without a better dev score before stopping")
    _add_choice(parser, "max_length", int, "most tokens of an utterance")
    _add_choice(parser, "dropout", float, "share of the features dropped before the heads")
    _add_choice(parser, "average", float, "decay of the moving average of the weights, such as 0.999; 0: none")
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default=_DEFAULTS.precision,
        help="of matrix products while training; bfloat16 is faster where the processor has it (default %(default)s)",
    )
    _add_choice(parser, "seed", int, "of weights, order and dropout")
    parser.add_argument("--freeze-backbone", action="store_true", help="train the heads alone")
    parser.add_argument(
        "--loss-weights", type=_weights, default={}, metavar="TASK=W,...", help="factor of a task's loss (default 1)"
    )
    add_method_arguments(parser)
    parser.add_argument(
        "--no-baselines", dest="baselines", action="store_false", help="leave out the majority and TF-IDF rows"
    )
    parser.add_argument(
        "--distribute",
        choices=DISTRIBUTIONS,
        default=ALONE,
        help="share each batch among the GPUs of this machine (mirrored) or the processes of TF_CONFIG (workers)",
    )
    add_folds(parser)
    parser.add_argument("--resume", action="store_true", help="continue a stopped run, if there is one")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    parser.add_argument("--json", action="store_true", help="print metrics.json as one line instead of a table")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(act=evaluate_command)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    add_data_arguments(parser, default=None)
    parser.add_argument("--split", choices=SPLITS, default="test", help="which utterances (default %(default)s)")
    parser.add_argument(
        "--batch-size", type=_positive, default=64, metavar="N", help="utterances at a time (default %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def _add_choice(parser: argparse.ArgumentParser, name: str, kind: Any, text: str) -> None:
    """Add an option for a field of the configuration, with the field's default."""
    default = {field.name: field.default for field in fields(FitConfig)}[name]
    parser.add_argument(
        f"--{name.replace('_', '-')}", type=kind, default=default, metavar="X", help=f"{text} (default %(default)s)"
    )


def _weights(text: str) -> dict[str, float]:
    try:
        pairs = [pair.split("=") for pair in text.split(",")]
        return {task.strip(): float(weight) for task, weight in pairs}
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected TASK=NUMBER separated by commas, found {text!r}") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, found {text!r}")
    return int(text)


def main(arguments: argparse.Namespace) -> int | None:
    """Run the command that was chosen."""
    return arguments.act(arguments)


if __name__ == "__main__":
    sys.exit(run(main, build_parser(), sys.argv[1:]))
