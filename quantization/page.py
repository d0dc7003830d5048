"""The report as one HTML file: no network, no server, readable without JavaScript."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mobile_app.engine.recipe import RECIPES
from quantization import detective, formats, layer_plot, overview_plot, plots
from quantization.report import (
    RIGHT_TO_WRONG,
    UNLABELLED,
    WRONG_TO_RIGHT,
    WRONG_TO_WRONG,
    Flip,
    RecipeReport,
    Report,
)
from quantization.study import SIZES, StudyRow

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = ("scientific", "points", "share", "number", "significant", "ratio", "clipped", "tail")
# The page stays below 3 MB; the JSON beside it holds every flip.
MOST_FLIPS = 1500

KINDS = {
    RIGHT_TO_WRONG: "right → wrong",
    WRONG_TO_WRONG: "wrong → wrong",
    WRONG_TO_RIGHT: "wrong → right",
    UNLABELLED: "no gold label",
}
MARKS = {"ship": "✓", "check": "!", "stop": "✕", "keep": "=", "reference": "•"}
SEPARATORS = {"softmax": "linear separator", "prototypes": "prototypes"}
CAUSES = {
    detective.MASK: "the attention mask's sentinel",
    detective.RESIDUAL: "a residual addition",
    detective.LAYER_NORM: "LayerNorm",
    detective.EMBEDDING: "the embeddings",
    detective.SOFTMAX: "a softmax",
    detective.OVERFLOW: "overflow of float16",
    detective.OUTLIER: "outliers that stretch the range",
    detective.UNKNOWN: "this operator itself",
}
SECTIONS = {
    "gate": "Gate",
    "previous": "Previous report",
    "collapse": "Collapse",
    "table": "Table",
    "trade-off": "Trade-off",
    "features": "Features",
    "layers": "Along the network",
    "labels": "Labels",
    "confidence": "Confidence",
    "flips": "Flips",
    "study": "Learning",
    "census": "Inside the files",
    "phone": "Phone",
    "conditions": "Conditions",
}

# Task -> separator -> labels per class -> recipe -> row.
Studies = dict[str, dict[str, dict[int | None, dict[str, StudyRow]]]]


@dataclass(frozen=True)
class View:
    """One bundle's part of the page.

    :param prefix: of its element ids.
    :param contents: anchor and title of its sections.
    """

    report: Report
    reference: RecipeReport
    targets: dict[str, RecipeReport]
    tasks: list[str]
    labelled: list[str]
    plots: dict[str, Any]
    flips: list[Flip]
    baselines: dict[str, dict[str, float]]
    operators: list[tuple[str, list[int]]]
    prefix: str
    collapsed: dict[str, RecipeReport]
    studies: Studies
    study_recipes: list[str]
    study_size: tuple[int, int] | None
    phones_have: Callable[[str], bool]
    pareto: list[str]

    @property
    def of(self) -> str:
        """What titles end in where several bundles have the same sections."""
        return f" · {self.report.bundle.name}" if self.prefix else ""

    @property
    def contents(self) -> list[tuple[str, str]]:
        """The sections that this part has."""
        has = {
            "gate": self.report.gate,
            "previous": self.report.previous,
            "collapse": self.collapsed,
            "trade-off": self.plots["trade_off"],
            "features": self.plots["error"],
            "layers": self.plots["layers"],
            "labels": self.plots["by_label"],
            "study": self.studies,
            "phone": self.report.phones,
        }
        return [(self.prefix + name, shown) for name, shown in SECTIONS.items() if has.get(name, True)]


def render(reports: Sequence[Report]) -> str:
    """Return the page of the reports of one or several bundles, measured on the same data."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(formats, name) for name in FILTERS}
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    views = [_view(report, f"m{n}-" if len(reports) > 1 else "", len(reports)) for n, report in enumerate(reports, 1)]
    shared = [task for task in views[0].labelled if all(task in view.labelled for view in views)]
    return environment.get_template("report.html").render(
        report=reports[0],
        reference=views[0].reference,
        views=views,
        shared=shared,
        overview=overview_plot.overview(reports, shared) if len(reports) > 1 and shared else None,
        has_flips=any(view.flips for view in views),
        kinds=KINDS,
        marks=MARKS,
        causes=CAUSES,
        separators=SEPARATORS,
        sizes=SIZES,
        series={name: index for index, name in enumerate(RECIPES)},
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        # Only this script may run, whatever an utterance says.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _view(report: Report, prefix: str, n_reports: int) -> View:
    studied = {name: recipe for name, recipe in report.recipes.items() if recipe.separator}
    study = next((recipe.separator for recipe in studied.values()), None)
    return View(
        report=report,
        reference=report.recipes[report.reference],
        targets=plots.targets(report),
        tasks=list(report.recipes[report.reference].tasks),
        labelled=plots.labelled_tasks(report),
        plots=_plots(report, prefix),
        flips=worst_first(report.flips)[: MOST_FLIPS // n_reports],
        baselines=_baseline_rows(report),
        operators=_operators(report),
        prefix=prefix,
        collapsed={name: recipe for name, recipe in report.recipes.items() if recipe.collapse},
        studies=_studies(studied),
        study_recipes=list(studied),
        study_size=(study.n_train, study.n_test) if study else None,
        phones_have=lambda recipe: any(recipe in phone.recipes for phone in report.phones),
        pareto=[report.recipes[name].shown_as for name in plots.pareto(report)],
    )


def worst_first(flips: tuple[Flip, ...]) -> list[Flip]:
    """Return the flips with those that break a right answer first, and the greatest loss of probability first."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(flips, key=lambda flip: (order[flip.kind], -float("inf") if flip.damage is None else -flip.damage))


def _plots(report: Report, prefix: str) -> dict[str, Any]:
    labelled = plots.labelled_tasks(report)
    targets = plots.targets(report).values()
    return {
        "trade_off": plots.trade_off(report, prefix) if labelled else None,
        "error": plots.error_histograms(report, prefix) if any(one.feature_squared_error for one in targets) else None,
        "by_feature": plots.error_by_feature(report, prefix)
        if any(any(one.feature_squared_error_by_feature or []) for one in targets)
        else None,
        "by_label": {task: plots.f1_by_label(report, task, prefix) for task in labelled} if targets else {},
        "reliability": plots.reliability(report, prefix),
        "layers": layer_plot.along_the_network(report, prefix) if any(one.layers for one in targets) else None,
    }


def _baseline_rows(report: Report) -> dict[str, dict[str, float]]:
    """Return baseline to task to weighted F1."""
    rows: dict[str, dict[str, float]] = {}
    for one in report.baselines:
        rows.setdefault(one.name, {})[one.task] = one.weighted_f1
    return rows


def _studies(studied: dict[str, RecipeReport]) -> Studies:
    found: Studies = {}
    for name, recipe in studied.items():
        assert recipe.separator is not None
        for task, rows in recipe.separator.tasks.items():
            for row in rows:
                by_size = found.setdefault(task, {}).setdefault(row.separator, {})
                by_size.setdefault(row.labels_per_class, {})[name] = row
    return found


def _operators(report: Report) -> list[tuple[str, list[int]]]:
    """Return operator and its count per recipe, the most frequent first."""
    counts = [recipe.census.get("ops", {}) for recipe in report.recipes.values()]
    names = sorted(
        {name for one in counts for name in one}, key=lambda name: (-max(one.get(name, 0) for one in counts), name)
    )
    return [(name, [int(one.get(name, 0)) for one in counts]) for name in names]
