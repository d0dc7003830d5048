"""The test figures of runs that differ in their seed alone: mean, standard deviation, and every run in its row.

``python -m benchmarks.finetuning RUN... --experiment NAME --figure FIGURE=TASK.METRIC``; with ``--tried`` instead of
figures the runs may differ in anything, and the table says in what, with dev, which chose among them, beside test.
"""

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.errors import UndertoneError
from training.checkpoint import CONFIG_FILE, METRICS_FILE, read_json
from training.provenance import without_folders

METRICS = ("weighted_f1", "macro_f1", "accuracy")
# What a table of seeds needs of a run's choices: the rest of them must be the same.
_SEED = "seed"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finetuning", description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="run folders of the same choices")
    parser.add_argument("--experiment", required=True, help="name of the file in results/")
    parser.add_argument("--tried", action="store_true", help="the runs are different settings of one data set")
    parser.add_argument("--figure", action="append", default=[], type=_figure, metavar="NAME=TASK.METRIC")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    runs = [_read(path) for path in arguments.runs]
    if arguments.tried:
        rows = _tried([path.name for path in arguments.runs], runs)
    else:
        _require_alike(runs)
        rows = [row for config, metrics in runs for row in _rows(config, metrics)]
        rows += _baselines(runs[0][1])
    figures = {name: _mean(runs, task, metric) for name, task, metric in arguments.figure}
    for name, figure in figures.items():
        say(f"{name:<44}{figure.value:.4f}" + (f" (sd {figure.sd:.4f})" if figure.sd is not None else ""))
    config = runs[0][0]
    data = {} if arguments.tried else {"run": without_folders(config["fit"]), "backbone": config["backbone"]}
    data |= {"trained_on": {key: config["provenance"].get(key) for key in ("data", "sha256", "licence", "utterances")}}
    seeds = [config["fit"][_SEED] for config, _ in runs]
    packages = ["tensorflow", "tf-keras", "transformers", "scikit-learn"]
    say(str(record(arguments.experiment, figures, data=data, seeds=seeds, rows=rows, packages=packages, threads=2)))
    return 0


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    return read_json(path / CONFIG_FILE), read_json(path / METRICS_FILE)


def _require_alike(runs: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
    choices = [{**config["fit"], _SEED: None} for config, _ in runs]
    for other in choices[1:]:
        different = [name for name in other if other[name] != choices[0].get(name)]
        if different:
            raise UndertoneError(
                "runs that differ in their seed alone", f"another {', '.join(different)}", "give runs of one setting"
            )


def _tried(names: Sequence[str], runs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return a row for each run: what its choices have of their own, and its scores."""
    choices = [without_folders(config["fit"]) for config, _ in runs]
    changing = [name for name in choices[-1] if any(one.get(name) != choices[-1][name] for one in choices)]
    return [
        {"row": name}
        | {option: own.get(option) for option in changing}
        | {
            f"{task} wF1, {split}": round(metrics[split][task]["weighted_f1"], 4)
            for split in ("dev", "test")
            for task in metrics[split]
        }
        for name, own, (_, metrics) in zip(names, choices, runs, strict=True)
    ]


def _rows(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    derived = metrics.get("derived_sentiment", {}).get("test")
    found = {**metrics["test"], **({"sentiment derived from emotion": derived} if derived else {})}
    return [
        {"row": f"seed {config['fit'][_SEED]}", "task": task, "n": values["n"]}
        | {name: round(values[name], 4) for name in METRICS}
        | {"best_epoch": metrics.get("best_epoch")}
        for task, values in found.items()
    ]


def _baselines(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"row": name, "task": task, "n": values["n"], **{metric: round(values[metric], 4) for metric in METRICS}}
        for name, splits in metrics.get("baselines", {}).items()
        for task, values in splits["test"].items()
    ]


def _mean(runs: Sequence[tuple[Any, Mapping[str, Any]]], task: str, metric: str) -> Figure:
    try:
        values = [float(metrics["test"][task][metric]) for _, metrics in runs]
    except KeyError as error:
        raise UndertoneError(f"{task}.{metric} in every run", f"no {error}", "correct --figure") from None
    sd = statistics.stdev(values) if len(values) > 1 else None
    note = f"test, mean over {len(values)} seeds" if sd is not None else "test, one seed"
    return Figure(statistics.fmean(values), sd=sd, n=len(values), note=note)


def _figure(text: str) -> tuple[str, str, str]:
    name, _, where = text.partition("=")
    task, _, metric = where.partition(".")
    if not (name and task and metric in METRICS):
        raise argparse.ArgumentTypeError(
            f"expected NAME=TASK.METRIC with a metric of {', '.join(METRICS)}, found {text!r}"
        )
    return name, task, metric


if __name__ == "__main__":
    sys.exit(main())
