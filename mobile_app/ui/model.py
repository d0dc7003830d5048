"""The page about the model: what it is, how fast, whether it computes as it should, and what it cannot do."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty
from kivy.uix.screenmanager import Screen

from mobile_app.ui import action_row, strings
from mobile_app.ui.action_row import ActionRow
from mobile_app.ui.kv import load_kv
from mobile_app.ui.model_flow import ModelFlow, ModelInfo
from mobile_app.ui.say_parts import NoticeBar
from mobile_app.ui.screens import Surroundings

load_kv(action_row.__file__)
load_kv(__file__)


class ModelScreen(Screen):
    """Shows what :class:`ModelFlow` found out, and passes taps on to it."""

    what = StringProperty()
    source = StringProperty()
    speed = StringProperty()
    check = StringProperty()

    def __init__(self, around: Surroundings, **options: Any) -> None:
        super().__init__(name="model", **options)
        self._around = around
        self.flow = ModelFlow(
            around.controller, around.platform, lambda recipe: around.remember(recipe=recipe), self.refresh
        )
        self._problem = ""
        self._shown: ModelInfo | None = None
        self._notice = NoticeBar()

    def on_pre_enter(self) -> None:
        """Read anew what there is to say."""
        self._problem = self.flow.notice = ""
        if self._around.controller.is_open:
            self.flow.refresh()

    def refresh(self) -> None:
        """Bring the widgets in line with the flow."""
        flow, info = self.flow, self.flow.info
        if info is not None:
            what = strings.text("model.what", name=info.name, version=info.version, date=info.date)
            sizes = strings.text(
                "model.sizes", bytes=strings.size(info.size), features=info.features, tokens=info.tokens
            )
            self.what = f"{what}\n{sizes}"
            self.source = strings.text("model.about.source", licence=info.licence, attribution=info.attribution)
            self._show_recipes(info)
        self.speed, self.check = flow.speed, self._check_words()
        words = self._problem or flow.busy or flow.notice
        self._notice.text = words
        if words and self._notice.parent is None:
            self.ids.notice.add_widget(self._notice)
        elif not words:
            self.ids.notice.clear_widgets()

    def _show_recipes(self, info: ModelInfo) -> None:
        if info == self._shown:
            return
        self._shown = info
        self.ids.recipes.clear_widgets()
        for recipe in info.recipes:
            size = strings.size(recipe.size)
            in_use = recipe.name == info.recipe
            row = ActionRow(
                title=recipe.shown_as,
                more=f"{size}, {strings.text('model.in_use')}" if in_use else size,
                is_chosen=in_use,
                value=recipe.name,
            )
            row.bind(on_action=lambda row: self.do(self.flow.use, row.value))
            self.ids.recipes.add_widget(row)

    def _check_words(self) -> str:
        check = self.flow.check
        if check is None:
            return ""
        first = strings.text("model.check.passed" if check.passed else "model.check.failed", n=check.n_texts)
        more = strings.text(
            "model.check.more",
            difference=strings.percent(check.features_max),
            equal=strings.percent(check.equal_labels),
        )
        return f"{first} {more}"

    def do(self, action: Any, *values: Any) -> None:
        """Do what a button stands for, unless something is under way."""
        self._problem = ""
        if not self.flow.busy and self._around.controller.is_open:
            action(*values)

    def show_problem(self, sentence: str) -> None:
        """Say in one sentence what did not work."""
        self._problem = sentence
        self.refresh()

    def go_back(self) -> bool:
        """Return False: nothing opens on this page."""
        return False
