"""Pictures of a run."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mobile_app.engine.task import Task
from training.evaluate import Outputs
from training.examples import Examples
from training.thresholds import decide


def draw_confusions(path: Path, task: Task, split: str, examples: Examples, outputs: Outputs) -> None:
    """Draw which labels were taken for which, and save the picture.

    A softmax task gives one matrix, rows the true labels. A sigmoid task gives a row per label: how many utterances
    with it were found and missed, and how many without it were given the label.
    """
    labelled = examples.masks[task.name] > 0
    targets = examples.targets[task.name][labelled] > 0
    chosen = decide(task, outputs.probabilities[task.name][labelled])
    support = targets.sum(axis=0)
    rows = [f"{label} ({count:,})" for label, count in zip(task.labels, support, strict=True)]
    if task.is_multi_label:
        counts = np.stack([(targets & chosen).sum(0), (targets & ~chosen).sum(0), (~targets & chosen).sum(0)], axis=1)
        columns = ["found", "missed", "wrongly given"]
    else:
        counts = targets.T.astype(np.int64) @ chosen.astype(np.int64)
        columns = list(task.labels)
    figure, axes = _matrix(counts, counts / np.maximum(support, 1)[:, None], rows, columns)
    axes.set_title(f"{task.name} on {split}, {len(targets):,} utterances")
    axes.set_ylabel("true label (utterances)")
    axes.set_xlabel("" if task.is_multi_label else "predicted label")
    figure.savefig(path, dpi=150)


def _matrix(
    counts: NDArray[np.int64], shares: NDArray[np.float64], rows: list[str], columns: list[str]
) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(3.2 + 0.85 * len(columns), 1.8 + 0.5 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for (row, column), share in np.ndenumerate(shares):
        if counts[row, column]:  # zeros would only make the picture harder to read
            text = f"{counts[row, column]:,}\n{share:.0%}"
            colour = "white" if share > 0.55 else "black"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    figure.colorbar(picture, ax=axes, label="share of the true label", format=lambda value, _: f"{value:.0%}")
    return figure, axes
