"""Tables and picture of the cost curves."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.page import table
from mobile_app.engine.files import write_file

Rows = Sequence[Mapping[str, Any]]


def curves_text(values: Mapping[str, Any]) -> str:
    """Return what docs/performance.md says about ``results/curves.json``."""
    rows, figures, machine = values["rows"], values["figures"], values["machine"]
    limits = _of(rows, "limits")[0]
    parts = [
        f"Measured {values['measured_at'][:10]} on {machine['cpu']}, one thread. This machine reads "
        f"{limits['memory_bytes_per_s'] / 1e9:.1f} GB/s from memory and {limits['cache_bytes_per_s'] / 1e9:.1f} GB/s "
        f"from its caches, and multiplies and adds {limits['multiply_adds_per_s'] / 1e9:.0f} thousand million float32 "
        f"numbers a second ({limits['multiply_adds_per_s_16_rows'] / 1e9:.0f} with 16 rows, as 16 tokens have)."
    ]
    parts.append(_latency_table(_of(rows, "latency"), limits))
    parts.append("Fits, milliseconds: " + "; ".join(_fit(figures, recipe) for recipe in _recipes(rows)) + ".")
    parts.append(
        table(["separator", "features", "classes", "µs a label"], [_cells(row) for row in _of(rows, "learning")])
    )
    parts.append(
        table(["labels", "store MB", "start ms", "next label ms"], [_cells(row) for row in _of(rows, "store")])
    )
    parts.append(table(["utterances", "report, seconds"], [_cells(row) for row in _of(rows, "report")]))
    return "\n\n".join(parts)


def draw_curves(rows: Rows, path: Path) -> None:
    """Write an SVG with a panel for each curve that was measured."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    panels = [(name, draw) for name, draw in _PANELS.items() if _of(rows, name)]
    if not panels:
        return
    with mpl.rc_context({"svg.hashsalt": "undertone", "svg.fonttype": "none", "font.size": 9}):
        drawn = Figure(figsize=(8, 3.2 * -(-len(panels) // 2)), layout="constrained")
        axes = drawn.subplots(-(-len(panels) // 2), 2, squeeze=False).ravel()
        for panel, (name, draw) in zip(axes, panels, strict=False):
            draw(panel, _of(rows, name))
            panel.grid(color="#e3e5e8", linewidth=0.6)
            panel.spines[["top", "right"]].set_visible(False)
        for panel in axes[len(panels) :]:
            panel.set_visible(False)
        file = io.BytesIO()
        drawn.savefig(file, format="svg", metadata={"Date": None})
    write_file(path, file.getvalue())


def _of(rows: Rows, curve: str) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["curve"] == curve]


def _recipes(rows: Rows) -> list[str]:
    return list(dict.fromkeys(row["recipe"] for row in _of(rows, "latency")))


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [f"{value:,}" if isinstance(value, int) else str(value) for name, value in row.items() if name != "curve"]


def _fit(figures: Mapping[str, Any], recipe: str) -> str:
    names = ("fixed_ms", "ms_per_layer", "ms_per_mb", "ms_per_million_multiply_adds", "median_relative_error")
    fixed, layer, mb, work, error = (figures[f"{name}_{recipe}"]["value"] for name in names)
    return (
        f"`{recipe}`: {fixed:.3f} + {layer:.3f} a layer + {mb:.4f} a MB of weights + {work:.5f} a million multiply-adds"
        f" (median error {100 * error:.0f} %)"
    )


def _latency_table(rows: Rows, limits: Mapping[str, float]) -> str:
    """Return latencies beside two limits: reading the weights from the caches, and the multiply-adds."""
    lines = []
    for row in rows:
        reading = 1e3 * row["weight_bytes"] / limits["cache_bytes_per_s"]
        working = 1e3 * row["multiply_adds"] / limits["multiply_adds_per_s"]
        low, high = row["ms_quartiles"]
        lines.append(
            [
                f"{row['model']}, {row['recipe']}",
                f"{row['tokens']}",
                f"{row['ms']:.3f} ({low:.3f}-{high:.3f})",
                f"{reading:.3f}",
                f"{working:.3f}",
            ]
        )
    return table(["model", "tokens", "ms", "weights / cache bandwidth, ms", "multiply-adds / float32 peak, ms"], lines)


def _latency(panel: Any, rows: Rows) -> None:
    for name in dict.fromkeys((row["model"], row["recipe"]) for row in rows):
        own = [row for row in rows if (row["model"], row["recipe"]) == name]
        style = "-" if name[1] == "fp32" else "--"
        panel.plot([row["tokens"] for row in own], [row["ms"] for row in own], style, marker=".", label=" ".join(name))
    panel.set(xlabel="tokens", ylabel="ms", title="latency", xscale="log", yscale="log")
    panel.legend(fontsize=5)


def _learning(panel: Any, rows: Rows) -> None:
    for kind in dict.fromkeys(row["separator"] for row in rows):
        own = sorted((row["features"], row["us"]) for row in rows if row["separator"] == kind and row["classes"] == 28)
        panel.plot(*zip(*own, strict=True), marker=".", label=kind)
    panel.set(xlabel="features (28 classes)", ylabel="µs a label", title="learning", xscale="log", yscale="log")
    panel.legend(fontsize=7)


def _store(panel: Any, rows: Rows) -> None:
    labels = [row["labels"] for row in rows]
    for name in ("start_ms", "next_label_ms", "mb"):
        panel.plot(labels, [row[name] for row in rows], marker=".", label=name.replace("_", " "))
    panel.set(xlabel="labels", title="store", xscale="log", yscale="log")
    panel.legend(fontsize=7)


def _report(panel: Any, rows: Rows) -> None:
    panel.plot([row["utterances"] for row in rows], [row["s"] for row in rows], marker=".")
    panel.set(xlabel="utterances", ylabel="seconds", title="report", ylim=(0, None))


_PANELS = {"latency": _latency, "learning": _learning, "store": _store, "report": _report}
