"""A part of a page that is not always there."""

from typing import Any

from kivy.properties import BooleanProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv

load_kv(__file__)


class Folding(BoxLayout):
    """Takes no room while it is folded, and no touches: what is in it still has its size and would swallow them."""

    is_shown = BooleanProperty(True)

    def on_touch_down(self, touch: Any) -> bool:
        """Pass a touch on to what is shown."""
        return bool(self.is_shown and super().on_touch_down(touch))
