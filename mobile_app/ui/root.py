"""The frame around the pages: title, pages, navigation."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import NoTransition, ScreenManager

from mobile_app.ui import navigation, theme
from mobile_app.ui.controller import Controller
from mobile_app.ui.kv import load_kv
from mobile_app.ui.say import SayScreen

load_kv(theme.__file__)
load_kv(navigation.__file__)
load_kv(__file__)


class Root(BoxLayout):
    """Shows one page at a time; pages other than the first are made when they are first looked at."""

    __events__ = ("on_theme",)
    screen = StringProperty("say")

    def __init__(self, controller: Controller, **options: Any) -> None:
        super().__init__(**options)
        self._controller = controller
        self.pages = ScreenManager(transition=NoTransition())
        self.say = SayScreen()
        self.pages.add_widget(self.say)
        self.add_widget(self.pages, index=1)

    def show(self, name: str) -> None:
        """Turn to a page."""
        if name == "history" and not self.pages.has_screen(name):
            from mobile_app.ui.history import HistoryScreen  # not needed for the first frame

            self.pages.add_widget(HistoryScreen(self._controller))
        self.pages.current = self.screen = name

    def go_back(self) -> bool:
        """Close what is open or return to the first page; return False where there is nothing to go back from."""
        if self.screen == "say":
            return False
        if not self.pages.current_screen.go_back():
            self.show("say")
        return True

    def on_theme(self) -> None:
        """Tell that the other theme is wanted."""
