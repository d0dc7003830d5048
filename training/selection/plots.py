"""The Pareto front of score and latency, and how much data each candidate needs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.selection.ranking import Ranked


def draw(path: Path, ranked: Sequence[Ranked], floors: dict[str, Any]) -> None:
    """Draw the candidates and save the picture.

    :param floors: dev weighted F1 of the baselines, by name.
    """
    figure = Figure(figsize=(12, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _front(left, ranked, floors)
    _shares(right, ranked, floors)
    figure.savefig(path, dpi=150)


def _front(axes: Axes, ranked: Sequence[Ranked], floors: dict[str, Any]) -> None:
    best = float("-inf")
    front: list[tuple[float, float]] = []
    for one in sorted(ranked, key=lambda row: row.candidate.phone["ms_p50"]):
        latency, score = one.candidate.phone["ms_p50"], one.candidate.criteria["f1"] or 0.0
        size = one.candidate.phone["bytes"] / 1e6
        axes.scatter(latency, score, s=30 + 40 * size, alpha=0.7)
        label = f"{one.candidate.name}, {size:.1f} MB"
        axes.annotate(label, (latency, score), textcoords="offset points", xytext=(8, 4), fontsize=8)
        if score > best:
            best = score
            front.append((latency, score))
    axes.plot(*zip(*front, strict=True), color="black", linewidth=1, drawstyle="steps-post", label="Pareto front")
    _floors(axes, floors)
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds an utterance, median; area: size of the file")
    axes.set_ylabel("weighted F1, dev")
    axes.legend(fontsize=8)


def _shares(axes: Axes, ranked: Sequence[Ranked], floors: dict[str, Any]) -> None:
    for one in ranked:
        shares = sorted((float(share.rstrip("%")), score) for share, score in one.candidate.shares.items())
        axes.plot(*zip(*shares, strict=True), marker="o", label=one.candidate.name)
    _floors(axes, floors)
    axes.set_xscale("log")
    axes.set_xticks([10, 30, 100], ["10", "30", "100"])
    axes.minorticks_off()
    axes.set_xlabel("per cent of the train split")
    axes.set_ylabel("weighted F1, dev")
    axes.legend(fontsize=8)


def _floors(axes: Axes, floors: dict[str, Any]) -> None:
    for (name, score), style in zip(floors.items(), (":", "--"), strict=True):
        axes.axhline(score, color="grey", linestyle=style, linewidth=1, label=name)
