"""The ablation of the multitask prototypical network, from the folder that ``training ablate`` wrote.

``python -m benchmarks.ablation build/ablation`` writes ``results/ablation_<data>.json``.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from training.ablation import RESULT_FILE
from training.checkpoint import read_json
from training.provenance import without_folders

# Columns of the table of rows: of each task, mean and deviation over the seeds.
MEASURES = {"weighted F1": "weighted_f1", "macro F1": "macro_f1", "ECE": "ece"}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="what training ablate wrote")
    parser.add_argument("--results", type=Path, help="folder of the result (default: results)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    found = read_json(arguments.folder / RESULT_FILE)
    rows = [_row(row) for row in found["rows"]]
    for row in rows:
        say("  ".join(f"{name} {value}" for name, value in row.items()))
    folder = {"folder": arguments.results} if arguments.results else {}
    path = record(
        f"ablation_{found['data'].replace('-', '_')}",
        _figures(found),
        data={
            "run": without_folders(found["base"]),
            "data_sha256": found["provenance"]["sha256"],
            "full": found["full"],
        },
        seeds=found["seeds"],
        rows=rows,
        packages=("tensorflow", "tf-keras", "transformers", "scikit-learn"),
        threads=os.cpu_count() or 1,
        **folder,
    )
    say(path.name)
    return 0


def _figures(found: Mapping[str, Any]) -> dict[str, Figure]:
    """Return weighted F1 on test of every variant and task."""
    n, base = len(found["seeds"]), found["base"]
    note = f"test, mean of the seeds; {found['backbone']}, at most {base['epochs']} epochs at {base['learning_rate']:g}"
    return {
        f"ablation_{found['data'].replace('-', '_')}_{task}_wf1_{row['variant'].replace('-', '_')}": Figure(
            scores["weighted_f1"]["mean"], sd=scores["weighted_f1"]["sd"], n=n, note=note
        )
        for row in found["rows"]
        for task, scores in row["test"].items()
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"variant": row["variant"]}
    for task, scores in row["test"].items():
        for column, name in MEASURES.items():
            values[f"{task} {column}"] = f"{scores[name]['mean']:.4f} ± {scores[name]['sd']:.4f}"
    costs = row.get("efficiency")
    if costs:
        values |= {
            "latency ms (p50)": round(costs["latency_ms"]["p50"], 2),
            "utterances a second": round(costs["utterances_per_second"]),
            "peak RAM MB": round(costs["peak_rss_mb"]),
            "weights MB": round(costs["bytes"] / 1e6, 1),
            "parameters": costs["parameters"],
        }
    return values


if __name__ == "__main__":
    sys.exit(main())
