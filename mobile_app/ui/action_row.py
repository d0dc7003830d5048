"""A row that does something when it is tapped; what cannot be undone asks for a second tap."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv

load_kv(__file__)
PATIENCE = 5.0  # seconds until a first tap is forgotten


class ActionRow(ButtonBehavior, BoxLayout):
    """Tells ``on_action()``; with words in ``sure`` only at the second tap within some seconds."""

    __events__ = ("on_action",)
    icon = StringProperty()
    title = StringProperty()
    more = StringProperty()
    sure = StringProperty()
    tone = StringProperty("ink")
    is_asking = BooleanProperty(False)
    is_chosen = BooleanProperty(False)
    value = StringProperty()  # what it stands for, where several rows are a choice

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._calm = Clock.create_trigger(self._forget_tap, PATIENCE)

    def on_release(self) -> None:
        """Act, or ask once more."""
        self._calm.cancel()
        if self.sure and not self.is_asking:
            self.is_asking = True
            self._calm()
            return
        self.is_asking = False
        self.dispatch("on_action")

    def _forget_tap(self, _seconds: float) -> None:
        self.is_asking = False

    def on_action(self) -> None:
        """Tell that it is to be done."""
