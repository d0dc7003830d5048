"""One line of text that grows smaller before it is cut."""

from typing import Any

from kivy.core.text import Label as TextMeasure
from kivy.metrics import dp
from kivy.properties import NumericProperty
from kivy.uix.label import Label

TRIES = 4
MARGIN = 4  # pixels; Kivy begins to shorten two before the edge
SMALLEST = 11  # dp; below this nobody can read it, and the end is cut instead


class FittedLine(Label):
    """Takes its font size from ``largest`` and the width that there is; styled by theme.kv."""

    largest = NumericProperty("16sp")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name in ("text", "width", "largest", "bold", "font_name"):
            self.fbind(name, self._fit)
        self._fit()

    def _fit(self, *_arguments: Any) -> None:
        room, size = max(1.0, self.width - MARGIN), self.largest
        for _ in range(TRIES):  # letters come in whole pixels: a size in proportion may still be a little too large
            needed = self._width_at(size)
            if needed <= room or size <= dp(SMALLEST):
                break
            size = max(dp(SMALLEST), 0.99 * size * room / needed)
        self.font_size = size

    def _width_at(self, size: float) -> float:
        measure = TextMeasure(font_name=self.font_name, font_size=size, bold=self.bold)
        return float(measure.get_extents(self.text)[0]) if self.text else 0.0
