"""The Pareto front of score and latency, and how much data each candidate needs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

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
    points = [(one.candidate.phone["ms_p50"], one.candidate.criteria["f1"] or 0.0) for one in ranked]
    # In the order, and so in the colours, of the other half.
    for one, (latency, score) in zip(ranked, points, strict=True):
        size = one.candidate.phone["bytes"] / 1e6
        label = f"{one.candidate.name}, {size:.1f} MB"
        axes.scatter(latency, score, s=30 + 40 * size, alpha=0.7, label=label)
    best = float("-inf")
    front: list[tuple[float, float]] = []
    for latency, score in sorted(points):
        if score > best:
            best = score
            front.append((latency, score))
    axes.plot(*zip(*front, strict=True), color="black", linewidth=1, drawstyle="steps-post", label="Pareto front")
    _floors(axes, floors, [score for _, score in points])
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()
    axes.margins(x=0.15)
    axes.set_xlabel("milliseconds an utterance, median; area: size of the file")
    axes.set_ylabel("weighted F1, dev")
    _legend(axes)


def _shares(axes: Axes, ranked: Sequence[Ranked], floors: dict[str, Any]) -> None:
    scores: list[float] = []
    for one in ranked:
        shares = sorted((float(share.rstrip("%")), score) for share, score in one.candidate.shares.items())
        axes.plot(*zip(*shares, strict=True), marker="o", label=one.candidate.name)
        scores += [score for _, score in shares]
    _floors(axes, floors, scores)
    axes.set_xscale("log")
    axes.set_xticks([10, 30, 100], ["10", "30", "100"])
    axes.minorticks_off()
    axes.set_xlabel("per cent of the train split")
    axes.set_ylabel("weighted F1, dev")
    _legend(axes)


def _floors(axes: Axes, floors: dict[str, Any], scores: Sequence[float]) -> None:
    """Draw the baselines; one so far below that it would press the candidates together is only named."""
    lowest = min(scores) - (max(scores) - min(scores))
    for (name, score), style in zip(floors.items(), (":", "--"), strict=True):
        if score < lowest:
            axes.plot([], [], " ", label=f"{name} {score:.2f}, below")
        else:
            axes.axhline(score, color="grey", linestyle=style, linewidth=1, label=name)


def _legend(axes: Axes) -> None:
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), labelspacing=1.0, frameon=False)
