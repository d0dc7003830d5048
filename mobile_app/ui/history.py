"""The second page: everything saved, newest first; tap to put right or to forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from kivy.clock import Clock
from kivy.properties import StringProperty
from kivy.uix.screenmanager import Screen

from mobile_app.ui import history_row, strings
from mobile_app.ui.controller import Controller
from mobile_app.ui.edit_sheet import EditSheet
from mobile_app.ui.entry import Entry
from mobile_app.ui.kv import load_kv
from mobile_app.ui.tidy import is_right_to_left

load_kv(history_row.__file__)
load_kv(__file__)
PAGE = 100  # entries read at once
PAUSE = 0.25  # seconds without a key until the search runs


class HistoryScreen(Screen):
    """A list that grows by a page whenever its end comes into sight."""

    message = StringProperty()
    notice = StringProperty()
    count = StringProperty()

    def __init__(self, controller: Controller, **options: Any) -> None:
        super().__init__(name="history", **options)
        self._controller = controller
        self._entries: list[Entry] = []
        self._has_more, self._is_reading = False, False
        self._search = Clock.create_trigger(lambda _seconds: self.reload(), PAUSE)
        self.sheet: EditSheet | None = None

    def on_pre_enter(self) -> None:
        """Read the list anew."""
        self.notice = ""
        self.reload()

    def search(self) -> None:
        """Read the list anew once the person has stopped typing."""
        self._search.cancel()  # the pause counts from the last key
        self._search()

    def reload(self) -> None:
        """Read the first page."""
        if self._controller.is_open:
            query = self.ids.search.text.strip()
            self._controller.history(query, None, PAGE, lambda page: self._show(query, [], page))
            self._controller.count(self._counted)

    def _counted(self, number: int) -> None:
        self.count = strings.plural("history.count", number)

    def _show(self, query: str, before: list[Entry], page: Sequence[Entry]) -> None:
        self._is_reading = False
        if query != self.ids.search.text.strip():
            return
        self._entries = [*before, *page]
        self._has_more = len(page) == PAGE
        now = datetime.now(timezone.utc).astimezone()
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
        self.message = ""
        if not self._entries:
            self.message = strings.text("history.no_match", query=query) if query else strings.text("history.empty")

    def scrolled(self, position: float) -> None:
        """Read the next page when the end of the list is near.

        :param position: 1 at the top, 0 at the end.
        """
        ahead = position * max(0, len(self._entries) - 10)
        if self._has_more and not self._is_reading and ahead < PAGE / 4:
            self._is_reading = True
            query, entries = self.ids.search.text.strip(), self._entries
            self._controller.history(query, entries[-1], PAGE, lambda page: self._show(query, entries, page))

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
