"""What belongs to the person: where it lives, out and in, look and language, going back, forgetting."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty
from kivy.uix.screenmanager import Screen

from mobile_app.ui import action_row, strings
from mobile_app.ui.action_row import ActionRow
from mobile_app.ui.kv import load_kv
from mobile_app.ui.own_data import Day
from mobile_app.ui.saved_state import DARK, LIGHT, SYSTEM
from mobile_app.ui.say_parts import NoticeBar
from mobile_app.ui.screens import Surroundings
from mobile_app.ui.yours_flow import YoursFlow

load_kv(action_row.__file__)
load_kv(__file__)
THEMES = {SYSTEM: "yours.system", LIGHT: "yours.light", DARK: "yours.dark"}


class YoursScreen(Screen):
    """Shows what :class:`YoursFlow` says, and passes taps on to it."""

    where = StringProperty()

    def __init__(self, around: Surroundings, **options: Any) -> None:
        super().__init__(name="yours", **options)
        self._around = around
        self.flow = YoursFlow(around.controller, around.platform, around.emptied, self.refresh)
        self._problem = ""
        self._shown_days: list[Day] | None = None
        self._notice = NoticeBar()
        self._notice.bind(on_way_back=lambda _bar: self.flow.take_conflicts())
        self._choice("themes", {name: strings.text(key) for name, key in THEMES.items()}, self.choose_theme)
        languages = {SYSTEM: strings.text("yours.system"), **strings.OWN_NAMES}
        self._choice("languages", languages, self.choose_language)
        self.refresh()

    def _choice(self, place: str, names: dict[str, str], choose: Any) -> None:
        for name, words in names.items():
            row = ActionRow(title=words)
            row.value = name
            row.bind(on_action=lambda row: choose(row.value))
            self.ids[place].add_widget(row)

    def on_pre_enter(self) -> None:
        """Read anew how much there is."""
        self._problem = ""
        self.flow.notice = ""
        self.flow.days = None
        self.flow.refresh()
        self.refresh()

    def refresh(self) -> None:
        """Bring the widgets in line with the flow."""
        flow, state = self.flow, self._around.state()
        self.where = strings.text("yours.where.body", size=strings.size(flow.size))
        for place, current in (("themes", state.theme), ("languages", state.language)):
            for row in self.ids[place].children:
                if isinstance(row, ActionRow):
                    row.is_chosen = row.value == current
        self._show_days()
        words = self._problem or flow.notice
        self._notice.text = words
        self._notice.action = strings.text("yours.take") if flow.conflicts and not self._problem else ""
        if words and self._notice.parent is None:
            self.ids.notice.add_widget(self._notice)
        elif not words:
            self.ids.notice.clear_widgets()

    def _show_days(self) -> None:
        if self.flow.days is self._shown_days:
            return
        self._shown_days = self.flow.days
        holder = self.ids.days
        holder.clear_widgets()
        for day in self.flow.days or []:
            month = strings.choices("time.months")[day.day.month - 1]
            title = strings.text("time.year", day=day.day.day, month=month, year=day.day.year)
            row = ActionRow(
                title=strings.text("yours.rollback.before") if day.is_first else title,
                more=strings.plural("yours.rollback.later", day.later),
                sure=strings.text("yours.sure"),
                tone="danger",
            )
            row.bind(on_action=lambda _row, day=day: self.do(self.flow.roll_back, day))
            holder.add_widget(row)

    def do(self, action: Any, *values: Any) -> None:
        """Do what a row stands for, unless something is under way."""
        self._problem = ""
        if not self.flow.is_busy and self._around.controller.is_open:
            action(*values)

    def choose_theme(self, name: str) -> None:
        """Take a theme, at once."""
        self._around.remember(theme=name)
        self._around.appearance_changed()
        self.refresh()

    def choose_language(self, name: str) -> None:
        """Take a language, at once."""
        self._around.remember(language=name)
        self.refresh()
        self._around.appearance_changed()

    def open_model(self) -> None:
        """Turn to the page about the model."""
        self._around.show("model")

    def show_problem(self, sentence: str) -> None:
        """Say in one sentence what did not work."""
        self._problem = sentence
        self.refresh()

    def go_back(self) -> bool:
        """Close the list of days; return whether it was open."""
        if self.flow.days is None:
            return False
        self.flow.days = None
        self.refresh()
        return True
