"""The sheet that opens on a saved utterance: put its labels right with one tap, or forget it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.modalview import ModalView

from mobile_app.ui import strings
from mobile_app.ui.card import Card
from mobile_app.ui.controller import Controller
from mobile_app.ui.entry import Entry
from mobile_app.ui.kv import load_kv
from mobile_app.ui.say_parts import CardGrid
from mobile_app.ui.task_card import TaskCard

if TYPE_CHECKING:
    from mobile_app.engine.prediction import Prediction
    from mobile_app.ui.opinion import Opinion

load_kv(__file__)


class EditSheet(ModalView):
    """Shows one entry with what the learner thinks of it today.

    :param edited: called with one sentence when something has changed.
    """

    utterance = StringProperty()
    is_sure = BooleanProperty(False)

    def __init__(self, controller: Controller, entry: Entry, edited: Callable[[str], None], **options: Any) -> None:
        super().__init__(**options)
        self._controller, self._edited = controller, edited
        self.card = Card(entry.text, entry.uid, dict(entry.labels), is_saved=True)
        self.utterance = entry.text
        self._prediction: Prediction | None = None
        grid = CardGrid()
        self._cards = [TaskCard(task=task, can_skip=False, can_own=False) for task in controller.tasks]
        for card in self._cards:
            card.bind(on_choice=lambda card, label: self._relabel(card, label))
            grid.add_widget(card)
        self.ids.body.add_widget(grid)
        self._show()
        controller.predict(entry.text, self._predicted)

    def _predicted(self, opinion: Opinion) -> None:
        self._prediction = opinion.prediction
        self._show()

    def _show(self) -> None:
        for card in self._cards:
            name = card.task.name
            prediction = None if self._prediction is None else self._prediction.tasks[name]
            card.show(prediction, self.card.marks.get(name), is_skipped=False)

    def _relabel(self, card: TaskCard, label: str) -> None:
        before, self.card = self.card, self.card.marked(card.task, label)
        self.is_sure = False
        self._show()

        def done(learned: Any) -> None:
            self._prediction = learned.after
            self._show()
            self._edited(strings.text("history.relabelled"))

        def failed(error: Exception) -> None:
            self.card = before
            self._show()
            self._controller.report(error)

        self._controller.learn(self.card.text, self.card.marks, self.card.uid, done, failed)

    def dismiss(self, *_arguments: Any, **_options: Any) -> None:
        """Close at once, whoever asks: the back key, a tap beside the sheet, or the button."""
        super().dismiss(animation=False)

    def forget(self) -> None:
        """Ask once more at the first tap, forget at the second."""
        if not self.is_sure:
            self.is_sure = True
            return
        self.card = replace(self.card, is_saved=False)
        self._controller.forget(self.card.uid, self._forgotten)

    def _forgotten(self, _nothing: None) -> None:
        self.dismiss()
        self._edited(strings.text("history.forgotten"))
