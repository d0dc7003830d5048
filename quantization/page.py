"""The report as one HTML file: no network, no server, readable without JavaScript."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mobile_app.engine.recipe import RECIPES
from quantization import formats, plots
from quantization.report import RIGHT_TO_WRONG, UNLABELLED, WRONG_TO_RIGHT, WRONG_TO_WRONG, Flip, Report

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = ("scientific", "points", "share", "number", "significant", "ratio", "clipped")
# The page stays below 3 MB; the JSON beside it holds every flip.
MOST_FLIPS = 1500

KINDS = {
    RIGHT_TO_WRONG: "right → wrong",
    WRONG_TO_WRONG: "wrong → wrong",
    WRONG_TO_RIGHT: "wrong → right",
    UNLABELLED: "no gold label",
}
MARKS = {"ship": "✓", "check": "!", "stop": "✕", "keep": "=", "reference": "•"}


def render(report: Report) -> str:
    """Return the page of a report."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        name: getattr(formats, name)
        for name in ("scientific", "points", "share", "number", "significant", "ratio", "clipped")
    }
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return environment.get_template("report.html").render(
        report=report,
        reference=report.recipes[report.reference],
        targets=plots.targets(report),
        tasks=list(report.recipes[report.reference].tasks),
        labelled=plots.labelled_tasks(report),
        plots=_plots(report),
        flips=worst_first(report.flips)[:MOST_FLIPS],
        kinds=KINDS,
        marks=MARKS,
        series={name: index for index, name in enumerate(RECIPES)},
        baselines=_baseline_rows(report),
        operators=_operators(report),
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        # Only this script may run, whatever an utterance says.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def worst_first(flips: tuple[Flip, ...]) -> list[Flip]:
    """Return the flips with those that break a right answer first, and the greatest loss of probability first."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(flips, key=lambda flip: (order[flip.kind], -float("inf") if flip.damage is None else -flip.damage))


def _plots(report: Report) -> dict[str, Any]:
    labelled = plots.labelled_tasks(report)
    targets = plots.targets(report).values()
    return {
        "trade_off": plots.trade_off(report) if labelled else None,
        "error": plots.error_histograms(report) if any(one.feature_squared_error for one in targets) else None,
        "by_feature": plots.error_by_feature(report)
        if any(any(one.feature_squared_error_by_feature or []) for one in targets)
        else None,
        "by_label": {task: plots.f1_by_label(report, task) for task in labelled} if targets else {},
        "reliability": plots.reliability(report),
    }


def _baseline_rows(report: Report) -> dict[str, dict[str, float]]:
    """Return baseline to task to weighted F1."""
    rows: dict[str, dict[str, float]] = {}
    for one in report.baselines:
        rows.setdefault(one.name, {})[one.task] = one.weighted_f1
    return rows


def _operators(report: Report) -> list[tuple[str, list[int]]]:
    """Return operator and its count per recipe, the most frequent first."""
    counts = [recipe.census.get("ops", {}) for recipe in report.recipes.values()]
    names = sorted(
        {name for one in counts for name in one}, key=lambda name: (-max(one.get(name, 0) for one in counts), name)
    )
    return [(name, [int(one.get(name, 0)) for one in counts]) for name in names]
