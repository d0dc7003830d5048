"""Two curves over the labels of a person, drawn natively: told apart by dashes and not by colour alone."""

from typing import Any

from kivy.graphics import Color, Line
from kivy.metrics import dp
from kivy.properties import ListProperty
from kivy.uix.widget import Widget

from mobile_app.ui.theme import theme


class CurvePlot(Widget):
    """Shares from 0 below to 1 above, the first label on the left and the last on the right."""

    yours = ListProperty()
    base = ListProperty()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name in ("pos", "size", "yours", "base"):
            self.fbind(name, self._draw)
        theme.fbind("is_dark", self._draw)
        self._draw()

    def _draw(self, *_arguments: Any) -> None:
        self.canvas.clear()
        with self.canvas:
            Color(*theme.line)
            for share in (0.0, 0.5, 1.0):
                height = self._height(share)
                Line(points=[self.x, height, self.right, height], width=dp(0.5))
            Color(*theme.accent)
            points = self._points(self.yours)
            if points:
                Line(points=points, width=dp(1.6), joint="round", cap="round")
            # On top, so that both are seen where they are one. A line wider than a pixel cannot be dashed by itself.
            Color(*theme.ink)
            self._dashed(self._points(self.base))

    def _height(self, share: float) -> float:
        return float(self.y + dp(4) + share * max(0.0, self.height - dp(8)))

    def _points(self, shares: list[float]) -> list[float]:
        if len(shares) == 1:
            shares = [*shares, *shares]
        step = self.width / max(1, len(shares) - 1)
        points: list[float] = []
        for place, share in enumerate(shares):
            points += [self.x + place * step, self._height(share)]
        return points

    def _dashed(self, points: list[float]) -> None:
        dash, gap = dp(6), dp(5)
        drawn, left = True, dash
        for x, y, next_x, next_y in zip(points[::2], points[1::2], points[2::2], points[3::2], strict=False):
            length = ((next_x - x) ** 2 + (next_y - y) ** 2) ** 0.5
            done = 0.0
            while done < length:
                step = min(left, length - done)
                if drawn:
                    ends = [done / length, (done + step) / length]
                    Line(
                        points=[p for end in ends for p in (x + end * (next_x - x), y + end * (next_y - y))],
                        width=dp(1),
                    )
                done, left = done + step, left - step
                if left <= 0:
                    drawn, left = not drawn, gap if drawn else dash
