"""The curves as a picture."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt


def plot_curves(
    panels: Mapping[str, Mapping[str, Mapping[int, float]]], path: Path, *, last: int, emphasised: str
) -> None:
    """Draw weighted F1 by number of labels, one panel a title, one line a rule.

    :param panels: title to rule to curve; the point -1 is all labels.
    :param last: where to draw all labels.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(5.2 * len(panels), 4.0), squeeze=False, layout="constrained")
    rules = list(dict.fromkeys(rule for curves in panels.values() for rule in curves))
    for axis, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for rule, curve in curves.items():
            points = sorted((last if n < 0 else max(n, 1), score) for n, score in curve.items())
            style = {"linewidth": 2.5, "color": "black"} if rule == emphasised else {"color": f"C{rules.index(rule)}"}
            axis.plot(*zip(*points, strict=True), marker=".", label=rule, **style)
        axis.set(title=title, xscale="log", xlabel="labels of the person (0 drawn at 1)", ylabel="weighted F1")
        axis.grid(alpha=0.3)
    axes[0][0].legend(fontsize="small")  # the first panel has every rule
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
