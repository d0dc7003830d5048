"""Above the input while a conversation is written down: the turns before, and who speaks now."""

from __future__ import annotations

from typing import Any

from kivy.factory import Factory
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv
from mobile_app.ui.talk import Talk
from mobile_app.ui.tidy import is_right_to_left, shorten

load_kv(__file__)
SHOWN = 3


class TalkBar(BoxLayout):
    """Tells ``on_named(name)``, ``on_new()`` and ``on_close()``."""

    __events__ = ("on_named", "on_new", "on_close")
    speaker = StringProperty()
    about = StringProperty()

    def show(self, talk: Talk, about: str) -> None:
        """Take over a conversation, and a sentence about what the turns before change."""
        self.speaker, self.about = talk.speaker, about
        self.ids.turns.clear_widgets()
        for speaker, text in talk.turns[-SHOWN:]:
            line = shorten(text, 60)
            words = Factory.Words(text=f"{speaker}: {line}" if speaker else line, font_size="15sp", tone="muted")
            words.font_direction = "rtl" if is_right_to_left(line) else "ltr"
            self.ids.turns.add_widget(words)

    def on_named(self, name: str) -> None:
        """Tell who speaks."""

    def on_new(self, *_arguments: Any) -> None:
        """Tell that another conversation begins."""

    def on_close(self, *_arguments: Any) -> None:
        """Tell that utterances stand by themselves again."""
