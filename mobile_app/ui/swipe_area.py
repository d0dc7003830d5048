"""A place where a finger that goes to the side means something, and taps and scrolling still work."""

from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

STARTS = 24  # dp to the side after which a touch is a swipe and no tap


class SwipeArea(BoxLayout):
    """Tells ``on_swipe(pixels)`` when a finger that went to the side is lifted."""

    __events__ = ("on_swipe",)
    is_active = BooleanProperty(True)
    shift = NumericProperty(0.0)  # how far it has gone, for the card to follow

    def on_touch_down(self, touch: Any) -> bool:
        """Remember where a finger came down."""
        if self.is_active and self.collide_point(*touch.pos):
            touch.ud[self] = touch.pos
        return bool(super().on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        """Follow a finger that goes to the side more than up or down."""
        if self in touch.ud:
            across, along = touch.x - touch.ud[self][0], touch.y - touch.ud[self][1]
            if self.shift or (abs(across) > dp(STARTS) and abs(across) > 2 * abs(along)):
                self.shift = across
        return bool(super().on_touch_move(touch))

    def on_touch_up(self, touch: Any) -> bool:
        """Tell of a swipe."""
        start = touch.ud.pop(self, None)
        shift, self.shift = self.shift, 0.0
        if start is None or not shift:
            return bool(super().on_touch_up(touch))
        self._keep_to_itself(touch)
        self.dispatch("on_swipe", touch.x - start[0])
        return True

    def _keep_to_itself(self, touch: Any) -> None:
        """Let no button under the finger take the end of a swipe for a tap, and no list for scrolling."""
        for reference in list(touch.grab_list):
            widget = reference()
            if isinstance(widget, ButtonBehavior):
                widget.state = "normal"
            if isinstance(widget, Widget):
                touch.ungrab(widget)
        for widget in self.walk(restrict=True):
            if isinstance(widget, ScrollView):
                widget._touch = None  # else it would pass the touch on to what is below a moment later

    def on_swipe(self, distance: float) -> None:
        """Tell how far a finger went to the right, or with a minus to the left."""
