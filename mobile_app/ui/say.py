"""The first page: type an utterance, see what it sounds like, put it right with a tap."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.screenmanager import Screen
from kivy.uix.widget import Widget

from mobile_app.ui import speech_input, strings
from mobile_app.ui.kv import load_kv
from mobile_app.ui.labelling import Labelling
from mobile_app.ui.say_parts import CardGrid, EmptyCard, MessageCard, NoticeBar
from mobile_app.ui.task_card import TaskCard

load_kv(speech_input.__file__)
load_kv(__file__)
PAUSE = 0.3  # seconds without a key until the text is read


class SayScreen(Screen):
    """Shows what :class:`Labelling` holds, and passes taps and keys on to it."""

    is_wide = BooleanProperty(False)
    can_clear = BooleanProperty(False)
    action = StringProperty()
    content_width = NumericProperty(0)

    def __init__(self, **options: Any) -> None:
        super().__init__(name="say", **options)
        self._labelling: Labelling | None = None
        self._problem = ""
        self._read = Clock.create_trigger(lambda _seconds: self.labelling.read(), PAUSE)
        self._notice = NoticeBar()
        self._notice.bind(on_way_back=lambda _bar: self.labelling.undo())
        self._grid = CardGrid()
        self._empty = EmptyCard()
        self._empty.bind(on_example=lambda _card, text: self._take_example(text))
        self._message = MessageCard()
        self._cards: dict[str, TaskCard] = {}

    @property
    def labelling(self) -> Labelling:
        """The card in hand."""
        assert self._labelling is not None, "attach() comes first"
        return self._labelling

    def attach(self, labelling: Labelling) -> None:
        """Show the card in hand from now on."""
        self._labelling = labelling
        self.ids.speech.text = labelling.card.text
        self.ids.speech.bind(text=self._typed)
        self.refresh()

    def on_pre_enter(self) -> None:
        """Catch up with the store: an utterance may have been relabelled or forgotten on another page."""
        if self._labelling is not None:
            self.labelling.refresh()

    def _typed(self, speech: Any, text: str) -> None:
        self._problem = ""
        self.labelling.type(text, is_clipped=speech.is_clipped)
        self._read()

    def _take_example(self, text: str) -> None:
        self.ids.speech.text = text
        self._read.cancel()
        self.labelling.read()

    def show_problem(self, sentence: str) -> None:
        """Say in one sentence what did not work."""
        self._problem = sentence
        self.refresh()

    def press_action(self) -> None:
        """Accept what is suggested, or go on to the next utterance once this one is saved."""
        if self.labelling.card.is_saved:
            self.clear()
        else:
            self.labelling.accept()

    def clear(self) -> None:
        """Put the card away and wait for the next utterance."""
        self.labelling.next()
        self.ids.speech.text = ""
        self.ids.speech.focus = True

    def refresh(self) -> None:
        """Bring the widgets in line with the card."""
        labelling = self.labelling
        self.can_clear = bool(labelling.card.text)
        self._show_body(self._body())
        self._show_notice(self._problem or labelling.notice)
        self.action = self._action()

    def _action(self) -> str:
        labelling = self.labelling
        if not labelling.is_current:
            return ""
        if labelling.card.is_saved:
            return strings.text("say.next")
        return strings.text("say.accept_rest" if labelling.card.marks else "say.accept")

    def _body(self) -> Widget:
        labelling = self.labelling
        if not labelling.card.text.strip():
            return self._empty
        if labelling.prediction is None:
            self._message.text = strings.text("say.reading" if labelling.tasks else "say.loading")
            return self._message
        self._show_cards()
        return self._grid

    def _show_body(self, body: Widget) -> None:
        if body.parent is None:
            self.ids.body.clear_widgets()
            self.ids.body.add_widget(body)

    def _show_cards(self) -> None:
        labelling = self.labelling
        assert labelling.prediction is not None
        for task in labelling.tasks:
            if task.name not in self._cards:
                card = TaskCard(task=task)
                card.bind(on_choice=lambda card, label: self.labelling.tap(card.task, label))
                card.bind(on_skip=lambda card: self.labelling.skip(card.task))
                self._cards[task.name] = card
                self._grid.add_widget(card)
            self._cards[task.name].show(
                labelling.prediction.tasks[task.name],
                labelling.card.marks.get(task.name),
                is_skipped=task.name in labelling.card.skipped,
            )
        # A guess about the text of a moment ago stays visible, but pale, until the new one is there.
        self._grid.opacity = 1.0 if labelling.is_current else 0.5

    def _show_notice(self, words: str) -> None:
        bar, holder = self._notice, self.ids.foot
        bar.text, bar.action = words, strings.text("say.undo") if self._can_undo() else ""
        if words and bar.parent is None:
            holder.add_widget(bar, index=len(holder.children))
        elif not words and bar.parent is not None:
            holder.remove_widget(bar)

    def _can_undo(self) -> bool:
        return self.labelling.can_undo and not self._problem
