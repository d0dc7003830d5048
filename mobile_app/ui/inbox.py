"""The inbox: bring utterances in, then label them one at a time by tap, swipe or key."""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window
from kivy.metrics import dp
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.screenmanager import Screen

from mobile_app.engine.errors import UndertoneError
from mobile_app.ui import strings
from mobile_app.ui.chosen_copy import new_copy
from mobile_app.ui.inbox_flow import InboxFlow
from mobile_app.ui.key_help import KeyHelp
from mobile_app.ui.kv import load_kv
from mobile_app.ui.own_label import OwnLabelSheet
from mobile_app.ui.say import asks_if_pleasant
from mobile_app.ui.say_parts import NoticeBar
from mobile_app.ui.screens import Surroundings
from mobile_app.ui.task_card import TaskCard
from mobile_app.ui.tidy import is_right_to_left

load_kv(__file__)
SWIPE = 72  # dp that a finger goes to the side before it counts
MIME_TYPES = ("text/plain", "text/csv", "text/comma-separated-values", "application/json", "*/*")
LEFT, RIGHT, QUESTION, UNDO, ENTER = 276, 275, "?", ord("u"), (13, 271)
PASTED = 2_000_000  # characters of a paste that are looked at


class InboxScreen(Screen):
    """Shows what :class:`InboxFlow` holds, and passes taps, swipes and keys on to it."""

    text = StringProperty()
    speaker = StringProperty()
    waiting = StringProperty()
    counts = StringProperty()
    message = StringProperty()
    accept = StringProperty()
    is_adding = BooleanProperty(True)
    is_finished = BooleanProperty(False)
    can_label = BooleanProperty(False)
    is_right_to_left = BooleanProperty(False)
    has_keys = BooleanProperty(False)
    is_wide = BooleanProperty(False)

    def __init__(self, around: Surroundings, **options: Any) -> None:
        super().__init__(name="inbox", **options)
        self._around = around
        self.flow = InboxFlow(around.controller, lambda uid: around.remember(inbox=uid), self.refresh)
        self._cards: dict[str, TaskCard] = {}
        self._problem = ""
        self._notice = NoticeBar()
        self._notice.bind(on_way_back=lambda _bar: self.flow.undo())
        self.sheet: Any = None

    def on_pre_enter(self) -> None:
        """Go on where the person left."""
        Window.bind(on_key_down=self._key)
        if self._around.controller.is_open:
            self.flow.start(self._around.state().inbox)

    def on_leave(self) -> None:
        """Leave the keys to other pages."""
        Window.unbind(on_key_down=self._key)

    def refresh(self) -> None:
        """Bring the widgets in line with the flow."""
        flow = self.flow
        self.is_adding = flow.is_adding or (flow.current is None and not flow.is_busy)
        self.can_label, self.is_finished = flow.current is not None, flow.current is None and flow.can_undo
        self.waiting = strings.plural("inbox.waiting", flow.state.waiting) if flow.state.waiting else ""
        names = [f"{strings.label_name(label)} {n}" for label, n in flow.state.per_label.items()]
        self.counts = " · ".join(names)
        self.message = strings.text("inbox.sorting") if flow.is_busy and flow.current is None else ""
        self._show_utterance()
        self._show_foot()

    def _show_utterance(self) -> None:
        flow = self.flow
        task = flow.task
        holder = self.ids.card
        if flow.current is None or flow.opinion is None or task is None or self.is_adding:
            holder.clear_widgets()
            return
        self.text, self.is_right_to_left = flow.current.text, is_right_to_left(flow.current.text)
        speaker = flow.current.speaker
        self.speaker = strings.text("inbox.by", speaker=speaker) if speaker else ""
        if task.name not in self._cards:
            self._cards[task.name] = TaskCard(task=task, can_skip=False, has_keys=True)
            self._cards[task.name].bind(on_choice=lambda _card, label: self.flow.tap(label), on_own=self._ask_own)
        card = self._cards[task.name]
        if card.parent is None:
            holder.clear_widgets()
            holder.add_widget(card)
        card.has_keys = self.has_keys
        card.show(
            flow.opinion.prediction.tasks[task.name],
            None,
            is_skipped=False,
            yours=flow.opinion.yours.get(task.name),
            is_surprise=asks_if_pleasant(task.name, flow.marks),
        )

    def _show_foot(self) -> None:
        flow, foot = self.flow, self.ids.notice
        suggested = [label for label in flow.suggested().values() if label] if self.can_label else []
        names = [strings.label_name(label if isinstance(label, str) else label[0]) for label in suggested]
        self.accept = strings.text("inbox.accept", label=", ".join(dict.fromkeys(names))) if names else ""
        words = self._problem or flow.notice or (" " if flow.can_undo else "")
        self._notice.text = words
        self._notice.action = strings.text("say.undo") if flow.can_undo else ""
        wanted = bool(words)
        if wanted and self._notice.parent is None:
            foot.add_widget(self._notice)
        elif not wanted:
            foot.clear_widgets()

    def paste(self) -> None:
        """Bring in what was pasted."""
        self._problem = ""
        text = self.ids.paste.whole
        self.ids.paste.clear()
        if text.strip():
            self.flow.add_text(text[:PASTED])

    def choose_file(self) -> None:
        """Let the person choose a file to bring in."""
        self._problem = ""
        copy = new_copy(self._around.platform.folders.cache())
        report = self._around.controller.report
        try:
            self._around.platform.documents.open(MIME_TYPES, copy, lambda there: self._chosen(there, copy), report)
        except UndertoneError as error:  # a phone without a document picker
            report(error)

    def _chosen(self, there: bool, copy: Any) -> None:
        if there:
            self.flow.add_file(copy)

    def toggle_adding(self) -> None:
        """Show the place to bring utterances in, or the utterance in hand again."""
        self.flow.is_adding = not self.flow.is_adding
        self.refresh()

    def _ask_own(self, card: TaskCard) -> None:
        assert self.flow.opinion is not None
        taken = self.flow.opinion.prediction.tasks[card.task.name].probabilities
        self._open(OwnLabelSheet(taken, self.flow.tap))

    def show_help(self) -> None:
        """Show the keys, or hide them."""
        if self.sheet is None:
            self._open(KeyHelp())
        else:
            self.sheet.dismiss()

    def _open(self, sheet: Any) -> None:
        self.sheet = sheet
        sheet.bind(on_dismiss=lambda _sheet: setattr(self, "sheet", None))
        sheet.open(animation=False)

    def show_problem(self, sentence: str) -> None:
        """Say in one sentence what did not work."""
        self._problem = sentence
        self.refresh()

    def go_back(self) -> bool:
        """Close what is open on this page; return whether there was something."""
        if self.sheet is not None:
            self.sheet.dismiss()
            return True
        if self.flow.is_adding and self.can_label:
            self.toggle_adding()
            return True
        return False

    def swiped(self, distance: float) -> None:
        """Accept after a swipe to the right, skip after one to the left.

        :param distance: pixels to the right.
        """
        if distance > dp(SWIPE):
            self.flow.accept()
        elif distance < -dp(SWIPE):
            self.flow.skip()

    def _key(self, _window: Any, key: int, _code: int, text: str | None, modifiers: list[str]) -> bool:
        if (
            self.get_root_window() is None
            or self.ids.paste.focus
            or isinstance(self.sheet, OwnLabelSheet)
            or {"ctrl", "alt", "meta"} & set(modifiers)
        ):
            return False
        if text == QUESTION:
            self.has_keys = True
            self.show_help()
        elif self.sheet is None and self.can_label and not self.is_adding:
            self._problem = ""
            return self._label_by_key(key)
        else:
            return False
        self.refresh()
        return True

    def _label_by_key(self, key: int) -> bool:
        self.has_keys = True
        number = key - ord("0")
        task = self.flow.task
        labels = self._cards[task.name].labels if task is not None and task.name in self._cards else []
        if key in ENTER or key == RIGHT:
            self.flow.accept()
        elif key == LEFT:
            self.flow.skip()
        elif key == UNDO:
            self.flow.undo()
        elif 1 <= number <= min(9, len(labels)):
            self.flow.tap(labels[number - 1])
        else:
            return False
        return True
