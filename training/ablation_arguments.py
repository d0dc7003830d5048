"""The command line of the ablation."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import say, say_json
from training.ablation import VARIANTS, Ablation, ablate
from training.config import FitConfig
from training.datasets.arguments import add_data_arguments, load_from

# Field of the configuration -> its type, its default here (that of the method's paper), and what it is.
_CHOICES: Mapping[str, tuple[type, Any, str]] = {
    "backbone": (str, "pocket", "as for fit"),
    "epochs": (int, 16, "the most epochs"),
    "batch_size": (int, 64, "utterances in a step"),
    "learning_rate": (float, 2e-5, "peak of the schedule"),
    "warmup": (float, 0.1, "share of the steps in which the rate climbs"),
    "patience": (int, 3, "epochs without a better dev score before stopping"),
    "max_length": (int, 32, "most tokens of an utterance"),
    "dropout": (float, 0.1, "share of the features dropped"),
}


def add_ablate(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``ablate``."""
    parser.set_defaults(act=ablate_command)
    add_data_arguments(parser, default=None)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write")
    for name, (kind, default, text) in _CHOICES.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=kind, default=default, metavar="X", help=f"{text} (default %(default)s)"
        )
    parser.add_argument(
        "--variants",
        type=lambda text: tuple(text.split(",")),
        default=tuple(VARIANTS),
        metavar="A,B",
        help=f"among {', '.join(VARIANTS)} (default all)",
    )
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="fit each with seeds 1 to N (default 3)")
    parser.add_argument("--no-efficiency", dest="efficiency", action="store_false", help="leave out what each costs")
    parser.add_argument("--resume", action="store_true", help="keep the cells that are finished")
    parser.add_argument("--overwrite", action="store_true", help="throw away what is there")
    parser.add_argument("--json", action="store_true", help="print ablation.json as one line instead of tables")


def ablate_command(arguments: argparse.Namespace) -> None:
    """Run the ablation and print its two tables."""
    given = vars(arguments)
    shared = {field.name for field in fields(FitConfig)} & (set(_CHOICES) | {"data", "tasks"})
    ablation = Ablation(
        FitConfig(**{name: given[name] for name in shared}),
        variants=arguments.variants,
        seeds=tuple(range(1, arguments.seeds + 1)),
        efficiency=arguments.efficiency,
    )
    result = ablate(
        ablation,
        load_from(arguments),
        arguments.out,
        resume=arguments.resume,
        overwrite=arguments.overwrite,
        command=["python", "-m", "training", *sys.argv[1:]],
    )
    if arguments.json:
        say_json(result)
        return
    say("\n".join(_scores(result)))
    if "efficiency" in result["rows"][0]:
        say("\n" + "\n".join(_costs(result)))


def _scores(result: Mapping[str, Any]) -> Iterator[str]:
    tasks = list(result["rows"][0]["test"])
    heads = [f"{task} {name}" for task in tasks for name in ("wF1", "macro F1", "accuracy")]
    yield "  ".join([f"test, {len(result['seeds'])} seeds".ljust(22), *(head.rjust(18) for head in heads)])
    for row in result["rows"]:
        cells = [
            f"{found['mean']:.4f} ± {found['sd']:.4f}"
            for task in tasks
            for found in (row["test"][task][name] for name in ("weighted_f1", "macro_f1", "accuracy"))
        ]
        yield "  ".join([row["variant"].ljust(22), *(cell.rjust(18) for cell in cells)])


def _costs(result: Mapping[str, Any]) -> Iterator[str]:
    heads = ("ms p50", "ms p95", "utterances/s", "peak RAM MB", "weights MB", "parameters")
    yield "  ".join(["costs (Keras)".ljust(22), *(head.rjust(12) for head in heads)])
    for row in result["rows"]:
        found = row["efficiency"]
        cells = (
            f"{found['latency_ms']['p50']:.2f}",
            f"{found['latency_ms']['p95']:.2f}",
            f"{found['utterances_per_second']:.0f}",
            f"{found['peak_rss_mb']:.0f}",
            f"{found['bytes'] / 1e6:.1f}",
            f"{found['parameters']:,}",
        )
        yield "  ".join([row["variant"].ljust(22), *(cell.rjust(12) for cell in cells)])
