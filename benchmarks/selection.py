"""Choosing a model from the zoo and the pocket model: ``python -m benchmarks.selection --data meld --work FOLDER``.

Writes ``results/selection_<data>.json``. Latencies mean something on a machine that does nothing else; they are
measured last of each candidate, so that a finished ``--work`` can be timed anew by deleting its ``phone.*.json``.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from training.config import TINY
from training.datasets.arguments import add_data_arguments
from training.selection.choices import CRITERIA, SelectChoices
from training.selection.run import page, select
from training.zoo import ARCHITECTURES

WEIGHTS = {"f1": 3.0, "latency": 1.0, "size": 1.0, "data": 1.0}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.selection", description=__doc__.splitlines()[0])
    add_data_arguments(parser, default="meld")
    parser.add_argument("--models", default=",".join((TINY, *ARCHITECTURES)), help="backbones with commas")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--work", type=Path, required=True, help="folder of candidates, table and picture")
    parser.add_argument("--results", type=Path, help="folder of the result (default: results)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    models = tuple(arguments.models.split(","))
    choices = SelectChoices(models, arguments.data, WEIGHTS, tasks=arguments.tasks, epochs=arguments.epochs)
    results = select(choices, arguments.work, data_dir=arguments.data_dir)
    say(page(results))
    folder = {"folder": arguments.results} if arguments.results else {}
    path = record(
        f"selection_{results['data'].replace('-', '_')}",
        dict(_figures(results)),
        data={name: results[name] for name in ("data", "data_sha256", "choices", "scales", "why")},
        seeds=[choices.seed],
        rows=list(_rows(results)),
        packages=("tensorflow", "tf-keras", "transformers", "scikit-learn"),
        **folder,
    )
    say(path.name)
    return 0


def _figures(results: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    prefix = f"selection_{results['data'].replace('-', '_')}"
    for row in results["ranking"]:
        for task, scores in row["test"].items():
            name = f"{prefix}_{task}_wf1_{row['candidate'].replace('-', '_')}"
            yield name, Figure(scores["weighted_f1"], n=scores["n"], note="test, one seed")
    for task, scores in results["baselines"]["tfidf_lr"]["test"].items():
        yield f"{prefix}_{task}_wf1_tfidf_lr", Figure(scores["weighted_f1"], n=scores["n"], note="test")


def _rows(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for place, row in enumerate(results["ranking"], start=1):
        per_label = {
            task: {label: round(values["f1"], 4) for label, values in scores["per_label"].items()}
            for task, scores in row["test"].items()
        }
        yield {
            "place": place,
            "candidate": row["candidate"],
            "score": row["score"],
            "Pareto front": "yes" if row["on_front"] else "",
            **{name: row["criteria"][name] for name in CRITERIA},
            **{f"dev wF1 at {share}": score for share, score in row["shares"].items()},
            **{f"{task} wF1, test": scores["weighted_f1"] for task, scores in row["test"].items()},
            "F1 per label, test": per_label,
        }
    for name, row in results["baselines"].items():
        tests = {f"{task} wF1, test": scores["weighted_f1"] for task, scores in row["test"].items()}
        yield {"candidate": name, "time": row["seconds"], **tests}


if __name__ == "__main__":
    sys.exit(main())
