"""The main job on a published dataset: what each recipe scores and costs, and what replaying its speakers teaches.

``python -m benchmarks.main_job --run RUN --bundle BUNDLE --data meld`` compares every recipe of the bundle on the test
split, replays each frequent speaker's test utterances through ``python -m mobile_app learn``, and writes
``results/main_job_<data>.json``. Latencies mean something on a machine that does nothing else.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.recipe import RECIPES
from training.datasets import Dataset
from training.datasets.arguments import add_data_arguments, load_from

SPEAKERS = 6


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.main_job", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="the run that the bundle was built from")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True, help="where the quantization report goes")
    add_data_arguments(parser)
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    dataset = load_from(arguments)
    if arguments.data_dir:
        os.environ["UNDERTONE_DATA"] = str(arguments.data_dir)
    tasks = ",".join(task.name for task in dataset.tasks)
    bundle, out = str(arguments.bundle), str(arguments.report)
    compare = ["quantization", "compare", bundle, "--data", arguments.data, "--tasks", tasks, "--out", out]
    report = json.loads(_output_of(*compare, "--overwrite", "--json"))
    metrics = json.loads((arguments.run / "metrics.json").read_text(encoding="utf-8"))
    config = json.loads((arguments.run / "config.json").read_text(encoding="utf-8"))
    rows = [*_recipe_rows(metrics, report), *_speaker_rows(dataset, arguments.bundle)]
    path = record(
        f"main_job_{dataset.name}",
        dict(_figures(dataset, report)),
        data={
            **report["dataset"],
            # A folder's name says which backbone it was; where it lay on this machine is nobody's business.
            "run": {**config["fit"], "backbone": Path(config["fit"]["backbone"]).name},
            "trained_on": config["provenance"],
        },
        seeds=[config["fit"]["seed"]],
        rows=rows,
        packages=("tensorflow", "tf-keras", "transformers", "scikit-learn"),
    )
    say(path.name)
    return 0


def _output_of(module: str, *arguments: str) -> str:
    return subprocess.run([sys.executable, "-m", module, *arguments], check=True, capture_output=True, text=True).stdout


def _figures(dataset: Dataset, report: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    recipes, n = report["recipes"], report["dataset"]["n"]
    yield f"fp16_feature_mse_{dataset.name}", Figure(recipes["fp16"]["feature_squared_error"]["mean"], n=n)
    for task in dataset.tasks:
        scores = {name: recipe["tasks"][task.name]["weighted_f1"] for name, recipe in recipes.items()}
        for name, score in scores.items():
            yield f"{dataset.name}_{task.name}_wf1_{name}", Figure(score, n=n, note="one seed")
        loss = scores["fp32"] - scores["dynamic_wi8_afp32"]
        yield f"{dataset.name}_{task.name}_dynamic_int8_wf1_loss", Figure(loss, n=n, note="FP32 minus INT8, one seed")
    if dataset.name == "meld":
        # The two figures that this experiment was promised for, under their promised names.
        scores = {name: recipe["tasks"]["emotion"]["weighted_f1"] for name, recipe in recipes.items()}
        yield "fp16_feature_mse", Figure(recipes["fp16"]["feature_squared_error"]["mean"], n=n)
        loss = scores["fp32"] - scores["dynamic_wi8_afp32"]
        yield "dynamic_int8_wf1_loss_meld", Figure(loss, n=n, note="emotion, FP32 minus INT8, one seed")


def _recipe_rows(metrics: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, splits in metrics["baselines"].items():
        yield {"row": name, **{f"{task} wF1": scores["weighted_f1"] for task, scores in splits["test"].items()}}
    for name, recipe in report["recipes"].items():
        yield {
            "row": RECIPES[name].shown_as,
            **{f"{task} wF1": scores["weighted_f1"] for task, scores in recipe["tasks"].items()},
            **{f"{task} macro F1": scores["macro_f1"] for task, scores in recipe["tasks"].items()},
            "MB": recipe["bytes"] / 1e6,
            "ms p50": recipe["latency_ms"]["p50"],
            "ms p95": recipe["latency_ms"]["p95"],
            "feature MSE": recipe.get("feature_squared_error", {}).get("mean"),
        }


def _speaker_rows(dataset: Dataset, bundle: Path) -> Iterator[dict[str, Any]]:
    counts = Counter(utterance.speaker for utterance in dataset.split("test") if utterance.speaker)
    for speaker, _ in counts.most_common(SPEAKERS):
        with tempfile.TemporaryDirectory() as folder:
            labels, store = f"{folder}/labels.jsonl", f"{folder}/store.sqlite3"
            _output_of("training.datasets", "export", dataset.name, "--speaker", speaker, "--out", labels)
            learn = ["mobile_app", "learn", "--bundle", str(bundle), "--store", store, "--labels", labels]
            learned = json.loads(_output_of(*learn, "--json"))
        row: dict[str, Any] = {"row": f"learn: {speaker}"}
        for task, scores in learned["tasks"].items():
            row["labels"] = scores["end"]["n"]
            row[f"{task} base wF1"] = scores["end"]["base"]["weighted_f1"]
            row[f"{task} personal wF1"] = scores["end"]["personal"]["weighted_f1"]
        yield row


if __name__ == "__main__":
    sys.exit(main())
