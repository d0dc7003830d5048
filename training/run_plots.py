"""Pictures of how a run went: its learning curves, and whether its probabilities mean what they say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mobile_app.engine.task import Task
from training.calibration import N_BINS, Reliability


def draw_curves(path: Path, tasks: Sequence[Task], history: Sequence[Mapping[str, Any]], best_epoch: int) -> None:
    """Draw loss on train and weighted F1 on dev over the epochs, and save the picture.

    :param history: the content of ``history.json``.
    :param best_epoch: whose weights were kept.
    """
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    epochs = [entry["epoch"] for entry in history]
    for name in history[0]["loss"]:
        left.plot(epochs, [entry["loss"][name] for entry in history], marker=".", label=name)
    for task in tasks:
        right.plot(epochs, [entry["dev"][task.name]["weighted_f1"] for entry in history], marker=".", label=task.name)
    left.set_ylabel("loss on train")
    right.set_ylabel("weighted F1 on dev")
    for axes in (left, right):
        axes.axvline(best_epoch, color="grey", linewidth=0.8, linestyle=":", label="kept")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False, fontsize=8)
        _plain(axes)
    figure.savefig(path, dpi=150)


def draw_reliability(path: Path, task: Task, split: str, reliability: Reliability) -> None:
    """Draw accuracy over confidence, with how many claims each bin holds, and save the picture."""
    figure = Figure(figsize=(4.2, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    centres, there = (np.arange(N_BINS) + 0.5) / N_BINS, reliability.counts > 0
    above.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    above.bar(centres[there], reliability.accuracy[there], width=0.9 / N_BINS, color="#4477aa")
    above.plot(reliability.confidence[there], reliability.accuracy[there], "o", color="black", markersize=3)
    above.set_ylabel("share that was true")
    above.set_title(f"{task.name} on {split}: ECE {reliability.ece:.3f}", fontsize=10)
    below.bar(centres, reliability.counts, width=0.9 / N_BINS, color="#bbbbbb")
    below.set_yscale("symlog")
    below.set_ylabel("claims")
    below.set_xlabel("probability")
    below.set_xlim(0, 1)
    for axes in (above, below):
        _plain(axes)
    figure.savefig(path, dpi=150)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
