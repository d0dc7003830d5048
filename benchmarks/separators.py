"""Simple classifiers on frozen features, beside the paper's: ``python -m benchmarks.separators``.

``--backbone NAME=FOLDER`` (or ``pocket``) may be given often; ``--pretrained`` names runs of one backbone after
task-specific pre-training, one a seed, whose linear rows make the promised figure. Writes
``results/separators_<data>.json``; ``--work`` keeps features and finished parts, so that a stopped one continues.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from training.datasets.arguments import add_data_dir_argument
from training.separator_tables.choices import SeparatorChoices, name_of
from training.separator_tables.run import separators
from training.separator_tables.tables import PCA, SEPARATORS, SPEAKER_COLUMNS, page

PROMISED = {("meld", "emotion"): "meld_emotion_wf1_linear_pretrained"}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.separators", description=__doc__.splitlines()[0])
    parser.add_argument("--backbone", action="append", default=[], help="a frozen backbone, or NAME=BACKBONE")
    parser.add_argument("--pretrained", action="append", default=[], help="a run after pre-training, or NAME=RUN")
    parser.add_argument("--data", default="meld")
    parser.add_argument("--work", type=Path, required=True, help="folder of features, parts, tables and picture")
    parser.add_argument("--results", type=Path, help="folder of the result (default: results)")
    add_data_dir_argument(parser)
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    choices = SeparatorChoices((*arguments.backbone, *arguments.pretrained), arguments.data)
    results = separators(choices, arguments.work, data_dir=arguments.data_dir)
    say(page(results))
    names = [name_of(one) for one in arguments.pretrained]
    folder = {"folder": arguments.results} if arguments.results else {}
    path = record(
        f"separators_{results['data']}",
        dict(_figures(results, names)),
        data={name: results[name] for name in ("data", "data_sha256", "task", "choices")},
        seeds=[results["backbones"][name]["seed"] for name in names if "seed" in results["backbones"][name]],
        rows=[*_rows(results), *_speaker_rows(results)],
        packages=("tensorflow", "tf-keras", "transformers", "scikit-learn"),
        **folder,
    )
    say(path.name)
    return 0


def _figures(results: Mapping[str, Any], pretrained: Sequence[str]) -> Iterator[tuple[str, Figure]]:
    data, task = results["data"], results["task"]
    rows = {name: results["backbones"][name] for name in pretrained}
    for column in ("Linear", "Linear, wide"):
        scores = [row[column]["test"]["weighted_f1"] for row in rows.values()]
        if scores:
            name = PROMISED.get((data, task), f"{data}_{task}_wf1_linear_pretrained")
            runs = f"mean of {len(scores)} pre-training seeds" if len(scores) > 1 else "one pre-training seed"
            note = f"frozen mean of the last layer, {runs}" if column == "Linear" else f"several poolings, {runs}"
            sd = stdev(scores) if len(scores) > 1 else None
            yield name + ("" if column == "Linear" else "_wide"), Figure(mean(scores), sd=sd, n=_n(results), note=note)
    floor = results["baselines"]["tfidf_lr"]["test"]["weighted_f1"]
    yield f"{data}_{task}_wf1_tfidf_lr", Figure(floor, n=_n(results))


def _n(results: Mapping[str, Any]) -> int:
    return int(results["baselines"]["majority"]["test"]["n"])


def _rows(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, row in results["baselines"].items():
        yield {"row": name, "Linear": row["test"]["weighted_f1"]}
    for name, row in results["backbones"].items():
        values = {column: row[column]["test"]["weighted_f1"] for column in (*SEPARATORS, *PCA)}
        yield {"row": name, "pre-trained on": row.get("trained_on", ""), "features": row["n_features"], **values}


def _speaker_rows(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the mean over the speakers for each backbone and number of utterances."""
    for name, row in results["backbones"].items():
        for size in dict.fromkeys(one["size"] for one in row["speakers"]):
            mine = [one for one in row["speakers"] if one["size"] == size]
            floors = [one for one in results["speaker_baselines"] if one["size"] == size]
            values = {column: mean(one[column]["test"]["weighted_f1"] for one in mine) for column in SPEAKER_COLUMNS}
            values["TF-IDF + LR"] = mean(one["tfidf_lr"]["test"]["weighted_f1"] for one in floors)
            yield {"row": f"{name}, one speaker, {size or 'all'} utterances", **values}


if __name__ == "__main__":
    sys.exit(main())
