"""Tables and picture of the cost curves."""

import io
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.speed.page import table
from benchmarks.speed.runs import POCKET
from mobile_app.engine.files import write_file

Rows = Sequence[Mapping[str, Any]]
_SHADES = ("#c9a9c4", "#9a6a94", "#5b3a5e", "#22112a")  # from the smallest to the largest model


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

    panels = [(name, draw) for name, draw in _PANELS if _of(rows, name)]
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


def _latency(panel: Any, rows: Rows, *, varied: str, fixed: tuple[str, int]) -> None:
    """Draw latency against tokens for models that differ in one size alone; INT8 is dashed."""
    other, value = fixed
    sizes = sorted({row[varied] for row in rows if row[other] == value})
    for place, size in enumerate(sizes):
        for recipe, style in zip(_recipes(rows), ("-", "--"), strict=False):
            own = {
                row["tokens"]: row["ms"]
                for row in rows
                if (row[varied], row[other], row["recipe"]) == (size, value, recipe) and row["model"] != POCKET
            }
            label = f"{size} {varied}" if style == "-" else None
            panel.plot(list(own), list(own.values()), style, marker=".", color=_SHADES[place % 4], label=label)
    panel.set(xlabel="tokens", ylabel="ms", yscale="log", title=f"latency, {other} {value}; dashed: INT8")
    panel.set_xticks([8, 16, 32, 64])
    panel.legend(fontsize=7)


def _learning(panel: Any, rows: Rows) -> None:
    for kind in dict.fromkeys(row["separator"] for row in rows):
        own = {row["features"]: row["us"] for row in rows if row["separator"] == kind and row["classes"] == 28}
        panel.plot(list(own), list(own.values()), marker=".", label=kind.removesuffix("Separator"))
    panel.set(xlabel="features (28 classes)", ylabel="µs a label", title="learning", xscale="log", ylim=(0, None))
    panel.legend(fontsize=7)


def _store(panel: Any, rows: Rows) -> None:
    labels = [row["labels"] for row in rows]
    for name, words in {"start_ms": "start, ms", "next_label_ms": "next label, ms", "mb": "size, MB"}.items():
        panel.plot(labels, [row[name] for row in rows], marker=".", label=words)
    panel.set(xlabel="labels", title="store", xscale="log", yscale="log")
    panel.legend(fontsize=7)


def _report(panel: Any, rows: Rows) -> None:
    panel.plot([row["utterances"] for row in rows], [row["s"] for row in rows], marker=".")
    panel.set(xlabel="utterances", ylabel="seconds", title="report", ylim=(0, None))


_PANELS = (
    ("latency", partial(_latency, varied="layers", fixed=("width", 384))),
    ("latency", partial(_latency, varied="width", fixed=("layers", 2))),
    ("learning", _learning),
    ("store", _store),
    ("report", _report),
)
