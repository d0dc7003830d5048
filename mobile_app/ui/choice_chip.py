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
    hint = StringProperty()
    key = StringProperty()
    fraction = NumericProperty(0.0)
    is_marked = BooleanProperty(False)
    is_suggested = BooleanProperty(False)
    is_large = BooleanProperty(False)

    def show(
        self,
        label: str,
        probability: float | None,
        *,
        is_marked: bool,
        is_suggested: bool,
        is_large: bool = False,
        name: str = "",
        hint: str = "",
        key: str = "",
    ) -> None:
        """Take over what is known about a label; the bar glides to its new length.

        :param probability: None where there is none yet.
        :param name: what to call it here; empty for its usual name.
        :param hint: a word beside the name.
        :param key: what to press for it on a keyboard.
        """
        glides = self.label == label
        self.label, self.name, self.icon = label, name or strings.label_name(label), strings.icon(label)
        self.is_marked, self.is_suggested, self.is_large = is_marked, is_suggested, is_large
        self.hint, self.key = hint, key
        self.percent = "" if probability is None else strings.percent(probability)
        Animation.cancel_all(self, "fraction")
        if glides:
            Animation(fraction=probability or 0.0, duration=0.25, transition="out_cubic").start(self)
        else:
            self.fraction = probability or 0.0
