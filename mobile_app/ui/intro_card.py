"""What the app is, in three short cards that never stand in the way of typing."""

from typing import Any

from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv

load_kv(__file__)
CARDS = 3


class IntroCard(BoxLayout):
    """Shows one card after the other; tells ``on_finish()`` after the last or when skipped."""

    __events__ = ("on_finish",)
    number = NumericProperty(1)

    def next(self) -> None:
        """Turn to the next card, or finish."""
        if self.number < CARDS:
            self.number += 1
        else:
            self.dispatch("on_finish")

    def on_finish(self, *_arguments: Any) -> None:
        """Tell that the person has seen enough."""
