"""Where an utterance is typed or pasted."""

from typing import Any

from kivy.properties import BooleanProperty
from kivy.uix.textinput import TextInput

from mobile_app.ui.kv import load_kv
from mobile_app.ui.tidy import LONGEST, tidy

load_kv(__file__)
ENTER = (13, 271)


class SpeechInput(TextInput):
    """A text input that wraps, keeps to one paragraph of bearable length, and puts the keyboard away on Enter."""

    is_clipped = BooleanProperty(False)

    def insert_text(self, substring: str, from_undo: bool = False) -> None:
        """Insert what was typed or pasted, as far as it fits: laying out a pasted book would freeze the phone."""
        room = max(0, LONGEST - len(self.text) + len(self.selection_text))
        self.is_clipped = len(substring) > room
        super().insert_text(tidy(substring)[:room], from_undo)

    def keyboard_on_key_down(self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]) -> bool:
        """Take Enter as "that is all"; leave every other key to Kivy."""
        if keycode[0] in ENTER:
            self.focus = False
            return True
        return bool(super().keyboard_on_key_down(window, keycode, text, modifiers))
