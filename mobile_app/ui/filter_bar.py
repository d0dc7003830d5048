"""Which saved utterances to show: all, corrected ones, those of a week, those with a label."""

from collections.abc import Callable, Sequence
from typing import Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView

from mobile_app.ui import strings
from mobile_app.ui.filters import EVERYTHING, Filter, a_week_ago
from mobile_app.ui.kv import load_kv

load_kv(__file__)


class FilterChip(ButtonBehavior, Label):
    """One choice, underlined and bold while it is in force."""

    label = StringProperty()
    is_chosen = BooleanProperty(False)


class FilterBar(ScrollView):
    """A row of choices that scrolls to the side.

    :param label_chosen: called with a label.
    :param chosen: called with any other filter.
    """

    def __init__(self, label_chosen: Callable[[str], None], chosen: Callable[[Filter], None], **options: Any) -> None:
        super().__init__(**options)
        self._label_chosen = label_chosen
        self._labels: list[str] = []
        self._plain = [
            self._chip("history.filter.all", lambda: chosen(EVERYTHING)),
            self._chip("history.filter.corrected", lambda: chosen(Filter(is_corrected=True))),
            self._chip("history.filter.week", lambda: chosen(Filter(since=a_week_ago()))),
        ]
        for chip in self._plain:
            self._row.add_widget(chip)
        self.show(EVERYTHING, [])

    @property
    def _row(self) -> BoxLayout:
        return self.ids.row

    def _chip(self, key: str, choose: Callable[[], None]) -> FilterChip:
        chip = FilterChip(text=strings.text(key))
        chip.bind(on_release=lambda _chip: choose())
        return chip

    def show(self, wanted: Filter, labels: Sequence[str]) -> None:
        """Take over what is in force, and which labels there are."""
        if list(labels) != self._labels:
            self._labels = list(labels)
            for chip in [chip for chip in self._row.children if chip.label]:
                self._row.remove_widget(chip)
            for label in labels:
                chip = FilterChip(text=strings.label_name(label), label=label)
                chip.bind(on_release=lambda chip: self._label_chosen(chip.label))
                self._row.add_widget(chip)
        kinds = (wanted == EVERYTHING, wanted.is_corrected, wanted.since is not None)
        for chip, is_chosen in zip(self._plain, kinds, strict=True):
            chip.is_chosen = is_chosen
        for chip in self._row.children:
            if chip.label:
                chip.is_chosen = chip.label == wanted.label
