"""Where many lines are pasted: it keeps all of them, and shows only as much as can be laid out at once."""

from kivy.uix.textinput import TextInput

from mobile_app.ui.tidy import tidy_lines

SHOWN = 2000  # characters


class PasteInput(TextInput):
    """A text input of many lines; ``whole`` is what was typed and pasted, however long."""

    _rest = ""

    @property
    def whole(self) -> str:
        """All of the text."""
        return self.text + self._rest

    def insert_text(self, substring: str, from_undo: bool = False) -> None:
        """Insert what fits on the screen and keep the rest beside: laying out a book would freeze the phone."""
        clean = tidy_lines(substring)
        room = max(0, SHOWN - len(self.text))
        super().insert_text(clean[:room], from_undo)
        self._rest += clean[room:]

    def clear(self) -> None:
        """Empty it."""
        self.text, self._rest = "", ""
