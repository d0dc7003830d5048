"""From a matplotlib figure to an SVG that lives inside the page: its colours and fonts are the page's own."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mobile_app.engine.recipe import RECIPES

# Colours that stand for the page's variables, so that one drawing serves light, dark and print.
INK, MUTED, LINE = "#010101", "#020202", "#030303"
_SERIES = {recipe: f"#0400{index:02x}" for index, recipe in enumerate(RECIPES)}
_MARKERS = dict(zip(RECIPES, "osD^vP", strict=False))
_VARIABLES = {INK: "var(--ink)", MUTED: "var(--muted)", LINE: "var(--line)"} | {
    color: f"var(--series-{index})" for index, color in enumerate(_SERIES.values())
}

WIDTH = 920
_POINTS_PER_INCH = 72

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "undertone",
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": LINE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


def color_of(recipe: str) -> str:
    """Return the colour of a recipe, the same in every plot."""
    return _SERIES[recipe]


def marker_of(recipe: str) -> str:
    """Return the marker of a recipe, so that colour is never the only difference."""
    return _MARKERS[recipe]


@contextmanager
def figure(
    height: int, rows: int = 1, columns: int = 1, *, share_x: bool = False
) -> Iterator[tuple[Figure, list[Axes]]]:
    """Yield a figure of the page's width and ``height`` in CSS pixels, and its axes row by row."""
    with matplotlib.rc_context(_STYLE):
        drawn = Figure(figsize=(WIDTH / _POINTS_PER_INCH, height / _POINTS_PER_INCH))
        axes = drawn.subplots(rows, columns, sharex=share_x, squeeze=False)
        yield drawn, list(axes.ravel())


def inline_svg(drawn: Figure, name: str, alternative: str) -> Markup:
    """Return a figure as an SVG element for the page.

    :param name: unique on the page; becomes part of the element ids.
    :param alternative: what the plot shows, for people who do not see it.
    """
    with matplotlib.rc_context(_STYLE):
        stream = io.StringIO()
        drawn.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    body = text[text.index(">", text.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r' id="(?!m[0-9a-f]|p[0-9a-f])[^"]*"', "", body)
    body = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font: (?:(\d+) )?([\d.]+)px [^;\"]*", _font, body)
    for color, variable in _VARIABLES.items():
        body = body.replace(color, variable)
    height = round(drawn.get_figheight() * _POINTS_PER_INCH)
    head = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(alternative)}">'
    return Markup(head + re.sub(r"\s*\n\s*", "\n", body))


def _font(found: re.Match[str]) -> str:
    weight = f"font-weight: {found[1]}; " if found[1] else ""
    return f"{weight}font-size: {found[2]}px"
