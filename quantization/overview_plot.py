"""The plot of all models side by side."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from matplotlib.ticker import LogLocator, NullLocator

from quantization.drawing import MUTED, color_of, figure, inline_svg, marker_of
from quantization.report import Report


def overview(reports: Sequence[Report], tasks: Sequence[str]) -> Markup:
    """Draw weighted F1 against latency of every recipe of every model, one panel a task."""
    largest = max(recipe.bytes for report in reports for recipe in report.recipes.values())
    facts = []
    with figure(400, 1, len(tasks)) as (drawn, axes):
        for panel, task in zip(axes, tasks, strict=True):
            shown = set()
            for number, report in enumerate(reports):
                points = []
                for name, recipe in report.recipes.items():
                    x, y = recipe.latency_ms.p50, recipe.tasks[task].weighted_f1 or 0.0
                    points.append((x, y))
                    label = None if name in shown else recipe.shown_as
                    shown.add(name)
                    panel.scatter(
                        [x],
                        [y],
                        s=30 + 220 * recipe.bytes / largest,
                        marker=marker_of(name),
                        facecolors="none",
                        edgecolors=color_of(name),
                        linewidths=1.8,
                        label=label,
                    )
                    facts.append(f"{report.bundle.name} {recipe.shown_as} {task}: {x:.2f} ms, F1 {y:.3f}")
                # One thin line holds a model together, its name stands at its slowest recipe.
                points.sort()
                panel.plot(*zip(*points, strict=True), color=MUTED, linewidth=0.8, zorder=0)
                place = (6, 6 + 13 * number)
                panel.annotate(report.bundle.name, points[-1], place, textcoords="offset points", fontsize=11)
            panel.set(title=task, xlabel="latency p50 (ms)", ylabel="weighted F1", xscale="log")
            panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            panel.xaxis.set_major_formatter("{x:g}")
            panel.xaxis.set_minor_locator(NullLocator())
            panel.margins(0.18, 0.2)
        handles, labels = axes[0].get_legend_handles_labels()
        legend: Any = drawn.legend(handles, labels, loc="outside lower center", ncols=4, handletextpad=0.4)
        for handle in legend.legend_handles:
            handle.set_sizes([60])
    return inline_svg(drawn, "overview", f"Weighted F1 against latency of all models. {'; '.join(facts)}.")
