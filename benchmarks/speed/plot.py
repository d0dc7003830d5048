"""The picture of docs/performance.md: milliseconds an utterance, one panel a model."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mobile_app.engine.files import write_file


def draw_speed(rows: Sequence[Mapping[str, Any]], path: Path, *, threads: int = 1) -> None:
    """Write an SVG of the rows with this number of threads; medians with quartiles, on a logarithmic axis."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    timed = [row for row in rows if row["kind"] == "warm" and row["threads"] == threads]
    models = list(dict.fromkeys(row["model"] for row in timed))
    most = max(sum(row["model"] == model for row in timed) for model in models)
    # A fixed salt and no date: the same numbers give the same file.
    with mpl.rc_context({"svg.hashsalt": "undertone", "svg.fonttype": "none", "font.size": 9}):
        drawn = Figure(figsize=(8, (0.26 * most + 0.9) * len(models)), layout="constrained")
        for axes, model in zip(drawn.subplots(len(models), 1, squeeze=False)[:, 0], models, strict=True):
            _panel(axes, model, [row for row in timed if row["model"] == model])
        axes.set_xlabel(f"ms an utterance, text in, labels out, {threads} thread{'s' if threads > 1 else ''}")
        file = io.BytesIO()
        drawn.savefig(file, format="svg", metadata={"Date": None})
    write_file(path, file.getvalue())


def _panel(axes: Any, model: str, rows: Sequence[Mapping[str, Any]]) -> None:
    ordered = sorted(rows, key=lambda row: -row["ms"])
    for place, row in enumerate(ordered):
        low, high = row["ms_quartiles"]
        color = "#0b6e4f" if row["contestant"].startswith("ours") else "#8a8f98"
        axes.plot([low, high], [place, place], color=color, linewidth=3, solid_capstyle="butt")
        axes.plot([row["ms"]], [place], "o", color=color, markersize=5)
        axes.annotate(f"{row['ms']:.2f}", (high, place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_xscale("log")
    axes.set_yticks(range(len(ordered)), [row["shown_as"] for row in ordered])
    axes.margins(x=0.12)
    axes.set_title(model, loc="left")
    axes.grid(axis="x", color="#e3e5e8", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
