"""The frame around the pages: title, pages, navigation."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import NoTransition, Screen, ScreenManager

from mobile_app.ui import navigation, theme
from mobile_app.ui.kv import load_kv
from mobile_app.ui.platform.interfaces import Insets
from mobile_app.ui.say import SayScreen
from mobile_app.ui.screens import HOME, Make

load_kv(theme.__file__)
load_kv(navigation.__file__)
load_kv(__file__)


class Root(BoxLayout):
    """Shows one page at a time; pages other than the first are made when they are first looked at.

    :param make: makes a page by its name.
    """

    __events__ = ("on_theme",)
    screen = StringProperty("say")
    is_low = BooleanProperty(False)
    inset_left, inset_top = NumericProperty(0), NumericProperty(0)
    inset_right, inset_bottom = NumericProperty(0), NumericProperty(0)

    def __init__(self, make: Make, **options: Any) -> None:
        super().__init__(**options)
        self._make = make
        self.pages = ScreenManager(transition=NoTransition())
        self.say = SayScreen()
        self.pages.add_widget(self.say)
        self.add_widget(self.pages, index=1)

    def show(self, name: str) -> None:
        """Turn to a page."""
        if not self.pages.has_screen(name):
            self.pages.add_widget(self._make(name))
        self.pages.current = self.screen = name

    def page(self, name: str) -> Screen | None:
        """Return a page that was made already."""
        return self.pages.get_screen(name) if self.pages.has_screen(name) else None

    def fit(self, insets: Insets) -> None:
        """Keep clear of what lies over the edges: bars, cut-outs, the keyboard."""
        self.inset_left, self.inset_top, self.inset_right = insets.left, insets.top, insets.right
        self.inset_bottom = max(insets.bottom, insets.keyboard)

    def go_back(self) -> bool:
        """Close what is open or return to the page above; return False where there is nothing to go back from."""
        if self.pages.current_screen.go_back():
            return True
        if self.screen == "say":
            return False
        self.show(HOME[self.screen])
        return True

    def on_theme(self) -> None:
        """Tell that the other theme is wanted."""
