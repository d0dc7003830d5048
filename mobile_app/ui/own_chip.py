"""The place beside the labels that leads to one of the person's own."""

from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui.kv import load_kv

load_kv(__file__)


class OwnChip(ButtonBehavior, BoxLayout):
    """Looks like a chip without a probability."""

    label = ""
