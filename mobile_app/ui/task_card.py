"""One task of an utterance: what is suggested, and every label to choose instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.choice_chip import ChoiceChip
from mobile_app.ui.kv import load_kv

if TYPE_CHECKING:
    from mobile_app.engine.prediction import TaskPrediction
    from mobile_app.engine.separators.base import Label

load_kv(__file__)


class TaskCard(BoxLayout):
    """Shows a task; tells ``on_choice(label)`` and ``on_skip()``."""

    __events__ = ("on_choice", "on_skip")
    title = StringProperty()
    is_skipped = BooleanProperty(False)
    can_skip = BooleanProperty(True)
    task: Task = ObjectProperty()

    def show(self, prediction: TaskPrediction | None, marked: Label | None, *, is_skipped: bool) -> None:
        """Take over a prediction and what the person answered: the most probable label first, all others behind it."""
        self.title, self.is_skipped = strings.task_title(self.task.name), is_skipped
        chances = {} if prediction is None else prediction.probabilities
        labels = sorted(chances or self.task.labels, key=lambda label: -chances.get(label, 0.0))
        chosen = () if marked is None else (marked,) if isinstance(marked, str) else marked
        for place, (chip, label) in enumerate(zip(self._chips(len(labels)), labels, strict=True)):
            chip.show(
                label,
                chances.get(label),
                is_marked=label in chosen,
                is_suggested=place == 0 and bool(chances),
            )

    def _chips(self, number: int) -> list[ChoiceChip]:
        """Return the chips in reading order, as many as there are labels."""
        first, rest = self.ids.first, self.ids.rest
        while len(first.children) + len(rest.children) < number:
            chip = ChoiceChip()
            chip.bind(on_release=lambda chip: self.dispatch("on_choice", chip.label))
            (rest if first.children else first).add_widget(chip)
        while len(rest.children) > max(0, number - 1):
            rest.remove_widget(rest.children[0])
        return [*first.children, *reversed(rest.children)]

    def on_choice(self, label: str) -> None:
        """Tell that a label was tapped."""

    def on_skip(self) -> None:
        """Tell that the person is not sure."""
