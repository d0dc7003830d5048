"""The plots of the page."""

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from quantization.drawing import INK, LINE, MUTED, color_of, figure, inline_svg, marker_of
from quantization.feature_error import SquaredError
from quantization.formats import points, scientific, share
from quantization.log_histogram import LOWEST
from quantization.report import RecipeReport, Report

PANEL, FRAME = 96, 60
NEGLIGIBLE = 0.0005
LEAST_F1_SPAN, LEAST_CHANGE_SPAN = 0.04, 1.0


def labelled_tasks(report: Report) -> list[str]:
    """Return the tasks that have scores."""
    return [name for name, task in report.recipes[report.reference].tasks.items() if task.weighted_f1 is not None]


def targets(report: Report) -> dict[str, RecipeReport]:
    """Return all recipes but the reference."""
    return {name: recipe for name, recipe in report.recipes.items() if name != report.reference}


def pareto(report: Report) -> list[str]:
    """Return the recipes that no other one beats in size, latency and every F1 at once."""
    tasks = labelled_tasks(report)

    def costs(recipe: RecipeReport) -> list[float]:
        scores = [-(recipe.tasks[task].weighted_f1 or 0.0) for task in tasks]
        return [recipe.bytes, recipe.latency_ms.p50, *scores]

    all_costs = {name: costs(recipe) for name, recipe in report.recipes.items()}
    return [
        name
        for name, mine in all_costs.items()
        if not any(
            theirs != mine and all(one <= other for one, other in zip(theirs, mine, strict=True))
            for theirs in all_costs.values()
        )
    ]


def trade_off(report: Report, prefix: str = "") -> Markup:
    """Draw weighted F1 against latency, one panel a task, marks as large as the files."""
    tasks = labelled_tasks(report)
    with figure(360, 1, len(tasks)) as (drawn, axes):
        for panel, task in zip(axes, tasks, strict=True):
            _trade_off_panel(panel, report, task)
            panel.set(title=task, xlabel="latency p50 (ms)", ylabel="weighted F1")
        handles, labels = axes[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 4), handletextpad=0.4)
    facts = "; ".join(
        f"{recipe.shown_as}: {recipe.latency_ms.p50:.2f} ms, {recipe.bytes / 1e6:.1f} MB, "
        + ", ".join(f"{task} F1 {recipe.tasks[task].weighted_f1:.3f}" for task in tasks)
        for recipe in report.recipes.values()
    )
    return inline_svg(drawn, f"{prefix}trade-off", f"Weighted F1 against latency in milliseconds. {facts}.")


def _trade_off_panel(panel: Axes, report: Report, task: str) -> None:
    largest = max(recipe.bytes for recipe in report.recipes.values())
    reference = report.recipes[report.reference].tasks[task].weighted_f1 or 0.0
    for name, recipe in report.recipes.items():
        x, y = recipe.latency_ms.p50, recipe.tasks[task].weighted_f1 or 0.0
        delta = recipe.tasks[task].delta_weighted_f1
        if delta:
            # The interval of the difference, drawn around the reference's F1: it is the difference that is sure.
            low, high = reference + delta.ci95[0], reference + delta.ci95[1]
            panel.plot([x, x], [low, high], color=color_of(name), linewidth=1.4, solid_capstyle="round")
        # Hollow with a tint: recipes that fall on one another stay visible.
        size, color = 40 + 260 * recipe.bytes / largest, color_of(name)
        panel.scatter([x], [y], s=size, marker=marker_of(name), color=color, alpha=0.3, linewidths=0)
        panel.scatter([x], [y], s=size, marker=marker_of(name), facecolors="none", edgecolors=color, linewidths=1.8)
        panel.plot([], [], marker_of(name), color=color, label=f"{recipe.shown_as}, {recipe.bytes / 1e6:.1f} MB")
    panel.set_xlim(0, 1.12 * max(recipe.latency_ms.p50 for recipe in report.recipes.values()))
    panel.xaxis.set_major_locator(MaxNLocator(5))
    panel.margins(y=0.25)
    _widen(panel, LEAST_F1_SPAN)
    for baseline in report.baselines:
        if baseline.task == task and baseline.name != "Majority":
            panel.axhline(baseline.weighted_f1, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label=baseline.name)


def error_histograms(report: Report, prefix: str = "") -> Markup:
    """Draw the squared error of features on logarithmic bins, one panel a recipe (Pandelea et al. 2021, figure 2)."""
    measured = {name: recipe for name, recipe in targets(report).items() if recipe.feature_squared_error}
    facts = []
    with figure(FRAME + PANEL * len(measured) + 20, len(measured), share_x=True) as (drawn, axes):
        for panel, (name, recipe) in zip(axes, measured.items(), strict=True):
            error = recipe.feature_squared_error
            assert error is not None
            edges, counts = np.asarray(error.histogram.edges[1:]), np.asarray(error.histogram.counts[1:])
            below = error.histogram.counts[0] / sum(error.histogram.counts)
            panel.stairs(100 * counts / sum(error.histogram.counts), edges, fill=True, color=color_of(name), alpha=0.85)
            panel.axvline(error.mean, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
            fact = f"mean {scientific(error.mean)}, p99 {scientific(error.p99)}, max {scientific(error.max)}"
            fact += f", no error in {share(below)}" if below >= 0.001 else ""
            panel.set_title(recipe.shown_as)
            panel.set_title(fact, loc="right", fontsize=11, color=MUTED)
            panel.set(ylabel="% of values", xscale="log")
            panel.xaxis.set_minor_locator(NullLocator())
            facts.append(f"{recipe.shown_as}: {fact}")
        axes[-1].xaxis.set_major_locator(LogLocator(numticks=12))
        axes[-1].set_xlim(left=min(_lowest_drawn(recipe.feature_squared_error) for recipe in measured.values()))
        axes[-1].set_xlabel("squared error per feature and utterance (dashed: mean)")
    return inline_svg(drawn, f"{prefix}squared-error", f"Histograms of the squared feature error. {'; '.join(facts)}.")


def _widen(panel: Axes, span: float) -> None:
    """Make the y axis span at least so much: a difference of nothing shall look like nothing."""
    low, high = panel.get_ylim()
    if high - low < span:
        middle = (low + high) / 2
        # No score is above 1.
        top = min(middle + span / 2, 1 + span / 8)
        panel.set_ylim(top - span, top)


def _lowest_drawn(error: SquaredError | None) -> float:
    """Return the edge below which next to no values lie: a few tiny ones would squeeze the plot."""
    assert error is not None
    reached = np.cumsum(error.histogram.counts[1:]) / sum(error.histogram.counts)
    return error.histogram.edges[1 + int(np.searchsorted(reached, NEGLIGIBLE))]


def error_by_feature(report: Report, prefix: str = "") -> Markup:
    """Draw the mean squared error of each feature, in the order of the features."""
    with figure(260) as (drawn, (panel,)):
        for name, recipe in targets(report).items():
            values = recipe.feature_squared_error_by_feature
            if values and max(values) > 0:
                # A feature without error has no place on a logarithmic axis and leaves a gap.
                shown = [value if value >= LOWEST else np.nan for value in values]
                panel.plot(shown, ".", markersize=4, color=color_of(name), label=recipe.shown_as)
        panel.set(yscale="log", xlabel="feature", ylabel="mean squared error")
        panel.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4, handletextpad=0.1, markerscale=2)
    return inline_svg(
        drawn,
        f"{prefix}by-feature",
        "Mean squared error of every feature for each recipe; single features far above are outliers.",
    )


def f1_by_label(report: Report, task: str, prefix: str = "") -> Markup:
    """Draw the change of each label's F1 against the reference."""
    reference = report.recipes[report.reference].tasks[task].per_label or {}
    labels = sorted(reference, key=lambda label: -reference[label].support)
    facts = []
    with figure(FRAME + 40 + 24 * len(labels)) as (drawn, (panel,)):
        for offset, (name, recipe) in enumerate(targets(report).items()):
            scores = recipe.tasks[task].per_label or {}
            changes = [100 * (scores[label].f1 - reference[label].f1) for label in labels]
            spread = (offset - (len(report.recipes) - 2) / 2) * 0.16
            places = np.arange(len(labels)) + spread
            panel.plot(changes, places, marker_of(name), color=color_of(name), label=recipe.shown_as, markersize=6)
            worst = min(range(len(labels)), key=changes.__getitem__)
            facts.append(f"{recipe.shown_as}: worst {labels[worst]} {points(changes[worst] / 100)} points")
        panel.axvline(0, color=MUTED, linewidth=1)
        panel.set_yticks(range(len(labels)), [f"{label} ({reference[label].support:,})" for label in labels])
        panel.invert_yaxis()
        panel.set_xlabel("change of F1 in points (in brackets: utterances with the label)")
        panel.margins(x=0.08)
        low, high = panel.get_xlim()
        if high - low < LEAST_CHANGE_SPAN:
            panel.set_xlim(min(low, -LEAST_CHANGE_SPAN / 2), max(high, LEAST_CHANGE_SPAN / 2))
        panel.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, handletextpad=0.1)
    return inline_svg(drawn, f"{prefix}by-label-{task}", f"Change of F1 by label of {task}. {'; '.join(facts)}.")


def reliability(report: Report, prefix: str = "") -> Markup | None:
    """Draw accuracy against confidence, one panel a task with one label an utterance; None if there is none."""
    tasks = [task for task in labelled_tasks(report) if report.recipes[report.reference].tasks[task].calibration]
    if not tasks:
        return None
    with figure(340, 1, len(tasks)) as (drawn, axes):
        for panel, task in zip(axes, tasks, strict=True):
            _reliability_panel(panel, report, task)
            panel.set(title=task, xlabel="confidence of the label", ylabel="share that is right")
        handles, labels = axes[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower center", ncols=4)
    facts = "; ".join(
        f"{recipe.shown_as}: "
        + ", ".join(f"{task} {found.expected_error:.3f}" for task in tasks if (found := recipe.tasks[task].calibration))
        for recipe in report.recipes.values()
    )
    return inline_svg(
        drawn, f"{prefix}reliability", f"Accuracy against confidence. Expected calibration error: {facts}."
    )


def _reliability_panel(panel: Axes, report: Report, task: str) -> None:
    panel.plot([0, 1], [0, 1], color=LINE, linewidth=1.2)
    for name, recipe in report.recipes.items():
        found = recipe.tasks[task].calibration
        if found:
            panel.plot(
                [one.confidence for one in found.bins],
                [one.accuracy for one in found.bins],
                marker=marker_of(name),
                markersize=5,
                linewidth=1.4,
                color=color_of(name),
                alpha=0.85,
                label=recipe.shown_as,
            )
    panel.set(xlim=(0, 1), ylim=(0, 1))
