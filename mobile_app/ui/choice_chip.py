"""A label to choose: its sign, name, probability as a bar and as a number."""

from kivy.animation import Animation
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from mobile_app.ui import strings
from mobile_app.ui.kv import load_kv

load_kv(__file__)


class ChoiceChip(ButtonBehavior, BoxLayout):
    """One label of a task, as wide as its place and at least 48 dp high."""

    label = StringProperty()
    name = StringProperty()
    icon = StringProperty()
    percent = StringProperty()
    fraction = NumericProperty(0.0)
    is_marked = BooleanProperty(False)
    is_suggested = BooleanProperty(False)

    def show(self, label: str, probability: float | None, *, is_marked: bool, is_suggested: bool) -> None:
        """Take over what is known about a label; the bar glides to its new length.

        :param probability: None where there is none yet.
        """
        glides = self.label == label
        self.label, self.name, self.icon = label, strings.label_name(label), strings.icon(label)
        self.is_marked, self.is_suggested = is_marked, is_suggested
        self.percent = "" if probability is None else strings.percent(probability)
        Animation.cancel_all(self, "fraction")
        if glides:
            Animation(fraction=probability or 0.0, duration=0.25, transition="out_cubic").start(self)
        else:
            self.fraction = probability or 0.0
