"""Small widgets of the first page."""

from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui import strings
from mobile_app.ui.example_button import ExampleButton
from mobile_app.ui.kv import load_kv

load_kv(__file__)


class CardGrid(BoxLayout):
    """The cards of all tasks: below each other, or side by side where there is room."""


class MessageCard(BoxLayout):
    """One sentence in place of the cards."""

    text = StringProperty()


class EmptyCard(BoxLayout):
    """What to do on this page, and utterances to try; tells ``on_example(text)`` and ``on_talk()``."""

    __events__ = ("on_example", "on_talk")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for example in strings.choices("say.examples"):
            button = ExampleButton(text=example)
            button.bind(on_release=lambda button: self.dispatch("on_example", button.text))
            self.ids.examples.add_widget(button)

    def on_example(self, text: str) -> None:
        """Tell that an example was tapped."""

    def on_talk(self) -> None:
        """Tell that the person wants to write down a conversation."""


class NoticeBar(BoxLayout):
    """One sentence about what just happened, and perhaps a way back; tells ``on_way_back()`` and ``on_stays()``."""

    __events__ = ("on_way_back", "on_stays")
    text = StringProperty()
    action = StringProperty()
    stay = StringProperty()

    def on_way_back(self) -> None:
        """Tell that the way back was tapped."""

    def on_stays(self) -> None:
        """Tell that it is to stay."""
