"""From the choices to a winner: each candidate is trained and measured once, and kept."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import note
from mobile_app.engine.files import write_file
from training.baselines import majority, tfidf
from training.datasets import Dataset, load
from training.run_metrics import REPORTED
from training.selection.candidate import mean_over_tasks, measure
from training.selection.choices import CRITERIA, SelectChoices, model_of
from training.selection.plots import draw
from training.selection.ranking import SCALES, Ranked, beside_floor, rank, shown, why
from training.separator_tables.choices import name_of
from training.separator_tables.tables import table

RESULTS_FILE, PAGE_FILE, PICTURE_FILE = "selection.json", "selection.md", "selection.png"
_BASELINES_FILE = "baselines.json"


def select(choices: SelectChoices, out: Path, *, data_dir: Path | None = None) -> dict[str, Any]:
    """Train and measure every candidate; write ``selection.json``, ``selection.md`` and ``selection.png``.

    A candidate that is finished is taken as it is, one that was interrupted is continued.

    :param out: the folder; each candidate has one of its own in it.
    :return: the content of ``selection.json``.
    :raises UndertoneError: if the data or a candidate cannot be used.
    """
    dataset = load(choices.data, data_dir=data_dir, tasks=choices.tasks)
    dataset.report_rejected()
    baselines = _baselines(dataset, out / _BASELINES_FILE)
    candidates = []
    for model in choices.models:
        name = name_of(model_of(model))
        note(f"candidate {name}")
        candidates.append(measure(model, name, choices, dataset, out / name.replace("/", "--")))
    floors = {
        "f1": mean_over_tasks(baselines["majority"]["dev"], "weighted_f1"),
        "macro": mean_over_tasks(baselines["majority"]["dev"], "macro_f1"),
        "data": mean_over_tasks(baselines["majority"]["dev"], "weighted_f1"),
    }
    ranked = rank(candidates, choices.weights, floors)
    shown_floors = {name: mean_over_tasks(row["dev"], "weighted_f1") for name, row in baselines.items()}
    results = {
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        "choices": {
            **asdict(choices),
            "models": [name_of(model_of(model)) for model in choices.models],
            "data": dataset.name,
        },
        "scales": SCALES,
        "criteria": {name: CRITERIA[name][0] for name in choices.weights},
        "baselines": baselines,
        "winner": ranked[0].candidate.name,
        "why": why(ranked, choices.weights) + beside_floor(ranked, shown_floors["tfidf_lr"]),
        "ranking": [_row(one) for one in ranked],
    }
    write_file(out / PAGE_FILE, page(results).encode())
    picture = out / f".{PICTURE_FILE}"
    draw(picture, ranked, shown_floors)
    picture.replace(out / PICTURE_FILE)
    write_file(out / RESULTS_FILE, (json.dumps(results, ensure_ascii=False, indent=2) + "\n").encode())
    return results


def page(results: Mapping[str, Any]) -> str:
    """Return the ranking as Markdown, which is also what a terminal shows."""
    rows: Sequence[Mapping[str, Any]] = results["ranking"]
    weights = ", ".join(f"{name} {weight:g}" for name, weight in results["choices"]["weights"].items())
    tasks = list(rows[0]["test"])
    heads = ["", "candidate", "score", *CRITERIA, *[f"{task} wF1, test" for task in tasks]]
    lines: list[list[str]] = []
    for place, row in enumerate(rows, start=1):
        mark = f"{place}{'*' if row['on_front'] else ''}"
        criteria = [shown(name, row["criteria"][name]) for name in CRITERIA]
        lines.append([mark, row["candidate"], f"{row['score']:.3f}", *criteria, *_tests(row, tasks)])
    for name, row in results["baselines"].items():
        dev = [mean_over_tasks(row["dev"], score) for score in ("weighted_f1", "macro_f1")]
        values = [*[f"{value:.3f}" for value in dev], *[""] * (len(CRITERIA) - 3), shown("time", row["seconds"])]
        lines.append(["", name, "", *values, *_tests(row, tasks)])
    about = (
        f"{results['data']}; weights: {weights}. Ranked by dev; test is shown, not used. * on the Pareto front of the "
        f"weighted criteria. Scales: {results['scales']}. Baselines have no file that a phone could run."
    )
    return f"{table(heads, lines)}\n\n{about}\n\n{results['why']}\n"


def _tests(row: Mapping[str, Any], tasks: Sequence[str]) -> list[str]:
    return [f"{row['test'][task]['weighted_f1']:.3f}" for task in tasks]


def _row(one: Ranked) -> dict[str, Any]:
    values = asdict(one.candidate)
    return {
        "candidate": values.pop("name"),
        "score": one.score,
        "on_front": one.on_front,
        "scaled": dict(one.scaled),
        **values,
    }


def _baselines(dataset: Dataset, path: Path) -> dict[str, Any]:
    """Return majority and TF-IDF with logistic regression: dev and test per task, and seconds of training."""
    if path.is_file():
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if kept["sha256"] == dataset.sha256:
            return {name: row for name, row in kept.items() if name != "sha256"}
    rows: dict[str, Any] = {}
    for fit in (majority, tfidf):
        start = time.perf_counter()
        results = [fit(dataset, task.name) for task in dataset.tasks]
        rows[results[0].name] = {
            split: {one.task.name: one.metrics[split].to_dict() for one in results} for split in REPORTED
        } | {"seconds": time.perf_counter() - start}
    write_file(path, json.dumps(rows | {"sha256": dataset.sha256}).encode())
    return rows
