"""The second page: everything saved, newest first; tap to put right or to forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.screenmanager import Screen

from mobile_app.ui import history_row, strings
from mobile_app.ui.controller import Controller
from mobile_app.ui.edit_sheet import EditSheet
from mobile_app.ui.entry import Entry
from mobile_app.ui.filter_bar import FilterBar
from mobile_app.ui.filters import EVERYTHING, Filter
from mobile_app.ui.kv import load_kv
from mobile_app.ui.tidy import is_right_to_left, shorten

load_kv(history_row.__file__)
load_kv(__file__)
PAGE = 100  # entries read at once
UNDONE_AT_MOST = 10
PAUSE = 0.25  # seconds without a key until the search runs


class HistoryScreen(Screen):
    """A list that grows by a page whenever its end comes into sight."""

    message = StringProperty()
    notice = StringProperty()
    count = StringProperty()
    can_undo = BooleanProperty(False)

    def __init__(self, controller: Controller, **options: Any) -> None:
        super().__init__(name="history", **options)
        self._controller = controller
        self._entries: list[Entry] = []
        self._has_more, self._is_reading = False, False
        self._search = Clock.create_trigger(lambda _seconds: self.reload(), PAUSE)
        self.sheet: EditSheet | None = None
        self.filter = EVERYTHING
        self._undone = 0
        self._bar = FilterBar(lambda label: self.choose(Filter(label=label)), self.choose)
        self.ids.filters.add_widget(self._bar)

    def on_pre_enter(self) -> None:
        """Read the list anew."""
        self.notice, self._undone = "", 0
        self.reload()

    def choose(self, wanted: Filter) -> None:
        """Show only what fits."""
        self.filter = wanted
        self.reload()

    def undo(self) -> None:
        """Take back the utterance that was saved last, ten at most in one visit of this page."""
        if self._undone >= UNDONE_AT_MOST:
            self.notice = strings.text("history.undo_end")
        elif self._controller.is_open and self._controller.is_idle:
            self._controller.ask(lambda session: session.undo_last(), self._taken_back)

    def _taken_back(self, entry: Entry | None) -> None:
        if entry is not None:
            self._undone += 1
            self.notice = strings.text("history.undone", text=shorten(entry.text))
        self.reload()

    def search(self) -> None:
        """Read the list anew once the person has stopped typing."""
        self._search.cancel()  # the pause counts from the last key
        self._search()

    def reload(self) -> None:
        """Read the first page."""
        if self._controller.is_open:
            query, wanted = self.ids.search.text.strip(), self.filter
            self._controller.history(query, None, PAGE, lambda page: self._show(query, wanted, [], page), wanted)
            self._controller.count(self._counted)
            self._controller.ask(
                lambda session: [*session.label_counts()], lambda labels: self._bar.show(wanted, labels)
            )

    def _counted(self, number: int) -> None:
        self.count, self.can_undo = strings.plural("history.count", number), number > 0

    def _show(self, query: str, wanted: Filter, before: list[Entry], page: Sequence[Entry]) -> None:
        self._is_reading = False
        if query != self.ids.search.text.strip() or wanted != self.filter:
            return
        self._entries = [*before, *page]
        self._has_more = len(page) == PAGE
        now = datetime.now(timezone.utc).astimezone()
        above = self._above()
        self.ids.list.data = [
            {
                "text": entry.text,
                "labels": entry.label_line(),
                "when": entry.when_line(now),
                "is_right_to_left": is_right_to_left(entry.text),
                "on_release": lambda entry=entry: self.edit(entry),
            }
            for entry in self._entries
        ]
        # A longer list must not move under the finger.
        Clock.schedule_once(lambda _seconds: self._scroll_back(above if before else 0.0))
        self.message = ""
        if not self._entries:
            is_all = not query and wanted == EVERYTHING
            self.message = strings.text("history.empty") if is_all else strings.text("history.no_match")

    def _above(self) -> float:
        """Return how many pixels of the list are above what is in sight."""
        view = self.ids.list
        return float((1 - view.scroll_y) * max(0.0, view.children[0].height - view.height))

    def _scroll_back(self, above: float) -> None:
        view = self.ids.list
        hidden = view.children[0].height - view.height
        view.scroll_y = 1.0 if hidden <= 0 else max(0.0, 1 - above / hidden)

    def scrolled(self, position: float) -> None:
        """Read the next page when the end of the list is near.

        :param position: 1 at the top, 0 at the end.
        """
        ahead = position * max(0, len(self._entries) - 10)
        if self._has_more and not self._is_reading and ahead < PAGE / 4:
            self._is_reading = True
            query, wanted, entries = self.ids.search.text.strip(), self.filter, self._entries
            self._controller.history(
                query, entries[-1], PAGE, lambda page: self._show(query, wanted, entries, page), wanted
            )

    def edit(self, entry: Entry) -> None:
        """Open the sheet in which an utterance is put right or forgotten."""
        self.ids.search.focus = False
        self.sheet = EditSheet(self._controller, entry, self._edited)
        self.sheet.bind(on_dismiss=lambda _sheet: setattr(self, "sheet", None))
        self.sheet.open(animation=False)

    def _edited(self, notice: str) -> None:
        self.notice = notice
        self.reload()

    def show_problem(self, sentence: str) -> None:
        """Say in one sentence what did not work."""
        self.notice = sentence

    def go_back(self) -> bool:
        """Close what is open on this page; return whether there was something."""
        if self.sheet is None:
            return False
        self.sheet.dismiss()
        return True
