"""An utterance to try, as a button."""

from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label


class ExampleButton(ButtonBehavior, Label):
    """Wraps its text and is at least 48 dp high; drawn by the .kv file of the page that uses it."""
