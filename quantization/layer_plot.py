"""The plot of the error along the network."""

from markupsafe import Markup
from matplotlib.axes import Axes

from quantization.drawing import LINE, MUTED, color_of, figure, inline_svg
from quantization.layers import LayerError
from quantization.report import Report

# A tensor without any error has no place on a logarithmic axis; it is drawn here.
HIGHEST_DB, LOWEST_COSINE_LOSS, LOWEST_MSE = 100.0, 1e-8, 1e-14


def along_the_network(report: Report, prefix: str) -> Markup:
    """Draw signal over error, distance of direction and mean squared error of each computed tensor, in graph order."""
    measured = {name: recipe.layers for name, recipe in report.recipes.items() if recipe.layers}
    longest = max(measured.values(), key=len)
    facts = []
    with figure(620, 3, share_x=True) as (drawn, axes):
        for name, layers in measured.items():
            values = (
                [min(one.sqnr_db, HIGHEST_DB) for one in layers],
                [max(1 - one.cosine, LOWEST_COSINE_LOSS) for one in layers],
                [max(one.mse, LOWEST_MSE) for one in layers],
            )
            for panel, of_panel in zip(axes, values, strict=True):
                label = report.recipes[name].shown_as
                panel.plot(of_panel, color=color_of(name), linewidth=1.2, marker=".", markersize=3, label=label)
            worst = min(layers, key=lambda one: one.sqnr_db)
            facts.append(
                f"{report.recipes[name].shown_as}: lowest {worst.sqnr_db:.0f} dB at {worst.layer} {worst.operator}, "
                f"last tensor {layers[-1].sqnr_db:.0f} dB"
            )
        axes[0].set(ylabel="signal/error (dB)")
        axes[1].set(ylabel="1 − cosine", yscale="log")
        axes[2].set(ylabel="mean squared error", yscale="log", xlabel="computed tensors in the order of the graph")
        _mark_layers(axes, longest)
        handles, labels = axes[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside upper center", ncols=4)
    return inline_svg(drawn, f"{prefix}layers", f"Error along the network. {'; '.join(facts)}.")


def _mark_layers(axes: list[Axes], layers: list[LayerError]) -> None:
    """Draw a line where a layer begins, and say which on top."""
    before = ""
    for place, one in enumerate(layers):
        words = one.layer.split()
        name = " ".join(words[:2]) if words[0] == "layer" else ""
        if name and name != before:
            for panel in axes:
                panel.axvline(place - 0.5, color=LINE, linewidth=1)
            axes[0].text(
                place, 1.02, name, transform=axes[0].get_xaxis_transform(), fontsize=10, color=MUTED, va="bottom"
            )
            before = name
    axes[0].set_xlim(-1, len(layers))
