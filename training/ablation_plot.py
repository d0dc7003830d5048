"""The ablation as a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw_ablation(path: Path, result: Mapping[str, Any]) -> None:
    """Draw the weighted F1 of every variant on test, a panel per task, with its standard deviation over seeds.

    :param result: the content of ``ablation.json``.
    """
    rows = result["rows"]
    tasks = list(rows[0]["test"])
    names = [row["variant"].replace("-", " ") for row in rows]
    figure = Figure(figsize=(3.4 + 3.2 * len(tasks), 1.4 + 0.4 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, task in zip(figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0], tasks, strict=True):
        spreads = [row["test"][task]["weighted_f1"] for row in rows]
        means = [spread["mean"] for spread in spreads]
        axes.errorbar(means, range(len(rows)), xerr=[spread["sd"] for spread in spreads], fmt="o", capsize=3)
        axes.axvline(means[0], color="grey", linewidth=0.8, linestyle=":")
        axes.set_yticks(range(len(rows)), names)
        axes.set_title(task)
        axes.set_xlabel("weighted F1 on test")
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.2)
    figure.axes[0].invert_yaxis()
    seeds = len(result["seeds"])
    figure.suptitle(f"{result['data']}, {result['backbone']}, {seeds} seed{'s' if seeds > 1 else ''}", fontsize=10)
    figure.savefig(path, dpi=150)
