"""The tables as one picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.separator_tables.tables import PCA, SEPARATORS


def draw(path: Path, results: Mapping[str, Any]) -> None:
    """Draw for each backbone the separators, what fewer components cost, and how far few utterances of one user go."""
    with_speakers = any(row.get("speakers") for row in results["backbones"].values())
    figure = Figure(figsize=(6.5 * (2 + with_speakers), 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2 + with_speakers)
    _separators(panels[0], results)
    _components(panels[1], results)
    if with_speakers:
        _speakers(panels[2], results)
    for axes in panels:
        axes.set_ylabel("weighted F1, test")
        axes.grid(axis="y", alpha=0.3)
    figure.suptitle(f"{results['data']}, {results['task']}: frozen features")
    figure.savefig(path, dpi=150)


def _separators(axes: Axes, results: Mapping[str, Any]) -> None:
    backbones = results["backbones"]
    width = 0.8 / len(backbones)
    for place, (name, row) in enumerate(backbones.items()):
        values = [row[column]["test"]["weighted_f1"] if column in row else np.nan for column in SEPARATORS]
        axes.bar(np.arange(len(SEPARATORS)) + place * width - 0.4 + width / 2, values, width, label=name)
    for name, style in (("tfidf_lr", "--"), ("majority", ":")):
        floor = results["baselines"][name]["test"]["weighted_f1"]
        axes.axhline(floor, color="black", linestyle=style, linewidth=1, label=name)
    axes.set_xticks(range(len(SEPARATORS)), SEPARATORS, rotation=25, ha="right")
    axes.set_title("separators")
    axes.legend(fontsize=7)


def _components(axes: Axes, results: Mapping[str, Any]) -> None:
    for name, row in results["backbones"].items():
        measured = [row[column] for column in PCA] + [row["Linear"]]
        counts = [one["setting"]["components"] for one in measured[:-1]] + [row["n_features"]]
        axes.plot(counts, [one["test"]["weighted_f1"] for one in measured], marker="o", label=name)
    axes.set_xlabel("components")
    axes.set_title("principal components, linear")


def _speakers(axes: Axes, results: Mapping[str, Any]) -> None:
    for name, row in results["backbones"].items():
        by_size: dict[int | None, list[dict[str, Any]]] = {}
        for one in row.get("speakers", ()):
            by_size.setdefault(one["size"], []).append(one)
        points = sorted(
            (np.mean([one["n"] for one in rows]), np.mean([one["Linear"]["test"]["weighted_f1"] for one in rows]))
            for rows in by_size.values()
        )
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set_xlabel("train utterances of the speaker")
    axes.set_title("single users, linear, mean over speakers")
