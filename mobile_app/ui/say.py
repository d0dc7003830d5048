"""The first page: type an utterance, see what it sounds like, put it right with a tap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.properties import BooleanProperty
from kivy.uix.screenmanager import Screen
from kivy.uix.widget import Widget

from mobile_app.ui import speech_input, strings
from mobile_app.ui.kv import load_kv
from mobile_app.ui.labelling import Labelling
from mobile_app.ui.own_label import OwnLabelSheet
from mobile_app.ui.say_parts import CardGrid, EmptyCard, MessageCard, NoticeBar
from mobile_app.ui.task_card import TaskCard

load_kv(speech_input.__file__)
load_kv(__file__)
PAUSE = 0.3  # seconds without a key until the text is read


def asks_if_pleasant(task: str, marks: Mapping[str, Any]) -> bool:
    """Return whether to ask in this task if the surprise was a pleasant one."""
    return task == "sentiment" and marks.get("emotion") == "surprise" and task not in marks


class SayScreen(Screen):
    """Shows what :class:`Labelling` holds, and passes taps and keys on to it; tells ``on_intro_seen()``."""

    __events__ = ("on_intro_seen",)
    is_wide = BooleanProperty(False)
    can_clear = BooleanProperty(False)

    def __init__(self, **options: Any) -> None:
        super().__init__(name="say", **options)
        self._labelling: Labelling | None = None
        self._problem = ""
        self._read = Clock.create_trigger(lambda _seconds: self.labelling.read(), PAUSE)
        self._action = Factory.FilledButton()
        self._action.bind(on_release=lambda _button: self.press_action())
        self._notice = NoticeBar()
        self._notice.bind(on_way_back=lambda _bar: self.labelling.undo())
        self._notice.bind(on_stays=lambda _bar: self.labelling.keep_warned())
        self._grid = CardGrid()
        self._empty = EmptyCard()
        self._empty.bind(on_example=lambda _card, text: self._take_example(text))
        self._empty.bind(on_talk=lambda _card: self._talk(is_on=True))
        self._intro: Widget | None = None
        self._talk_bar: Any = None
        self.sheet: OwnLabelSheet | None = None
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

    def introduce(self) -> None:
        """Show what the app is, below the input, until the person has seen it."""
        from mobile_app.ui.intro_card import IntroCard  # needed once in a lifetime

        self._intro = IntroCard()
        self._intro.bind(on_finish=lambda _card: self._finish_intro())
        self.refresh()

    def _finish_intro(self) -> None:
        self._intro = None
        self.dispatch("on_intro_seen")
        self.refresh()
        self.ids.speech.focus = True

    def on_intro_seen(self) -> None:
        """Tell that the person knows what the app is."""

    def on_pre_enter(self) -> None:
        """Catch up with the store: an utterance may have been relabelled or forgotten on another page."""
        if self._labelling is not None:
            self.labelling.refresh()

    def _typed(self, speech: Any, text: str) -> None:
        self._problem = ""
        self.labelling.type(text, is_clipped=speech.is_clipped)
        self._read.cancel()  # the pause counts from the last key
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
        if self.labelling.is_answered:
            self.clear()
        else:
            self.labelling.accept()

    def clear(self) -> None:
        """Put the card away and wait for the next utterance."""
        if self._intro is not None and self.labelling.card.is_saved:
            self._finish_intro()  # the person has found out alone
        self.labelling.next()
        self.ids.speech.text = ""
        self.ids.speech.focus = True

    def refresh(self) -> None:
        """Bring the widgets in line with the card."""
        labelling = self.labelling
        self.can_clear = bool(labelling.card.text)
        self._show_talk()
        self._show_body(self._body())
        self._show_foot()

    @property
    def action(self) -> str:
        """The words of the button to press next; empty where there is nothing to press."""
        labelling = self.labelling
        if not labelling.is_current:
            return ""
        if labelling.is_answered:
            return strings.text("say.next")
        return strings.text("say.accept_rest" if labelling.card.marks else "say.accept")

    def _body(self) -> Widget:
        labelling = self.labelling
        if not labelling.card.text.strip():
            return self._intro or self._empty
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
                card.bind(on_choice=self._tapped, on_skip=self._skipped, on_own=self._ask_own)
                self._cards[task.name] = card
                self._grid.add_widget(card)
            marks, skipped = labelling.card.marks, labelling.card.skipped
            self._cards[task.name].show(
                labelling.prediction.tasks[task.name],
                marks.get(task.name),
                is_skipped=task.name in skipped,
                yours=None if task.name in marks or not labelling.is_current else labelling.yours.get(task.name),
                is_surprise=asks_if_pleasant(task.name, marks),
            )
        # A guess about the text of a moment ago stays visible, but pale, until the new one is there.
        self._grid.opacity = 1.0 if labelling.is_current else 0.5

    def _show_foot(self) -> None:
        foot, warning = self.ids.foot, "" if self._problem else self.labelling.warning
        notice = self._problem or warning or self.labelling.notice
        can_undo = self.labelling.can_undo and not self._problem
        self._notice.text, self._notice.stay = notice, strings.text("say.keep") if warning else ""
        back = strings.text("say.discard" if warning else "say.undo")
        self._notice.action = back if can_undo else ""
        self._action.text = self.action
        wanted = [widget for widget, words in ((self._notice, notice), (self._action, self.action)) if words]
        if list(reversed(foot.children)) != wanted:
            foot.clear_widgets()
            for widget in wanted:
                foot.add_widget(widget)

    def on_is_wide(self, _screen: Any, is_wide: bool) -> None:
        """Keep the button beside the cards, not below them, where the window is low."""
        foot, holder = self.ids.foot, self.ids.left if is_wide else self.ids.right
        foot.parent.remove_widget(foot)
        holder.add_widget(foot)

    def _ask_own(self, card: TaskCard) -> None:
        assert self.labelling.prediction is not None
        taken = self.labelling.prediction.tasks[card.task.name].probabilities
        self.sheet = OwnLabelSheet(taken, lambda name: self._tapped(card, name))
        self.sheet.bind(on_dismiss=lambda _sheet: setattr(self, "sheet", None))
        self.sheet.open(animation=False)

    def go_back(self) -> bool:
        """Close what is open on this page; return whether there was something."""
        if self.sheet is None:
            return False
        self.sheet.dismiss()
        return True

    def _talk(self, *, is_on: bool) -> None:
        self.labelling.start_talk(is_on=is_on)

    def _show_talk(self) -> None:
        talk = self.labelling.talk
        if not talk.dialogue:
            if self._talk_bar is not None and self._talk_bar.parent:
                self.ids.talk.remove_widget(self._talk_bar)
            return
        if self._talk_bar is None:
            from mobile_app.ui.talk_bar import TalkBar  # not needed for the first frame

            self._talk_bar = TalkBar()
            self._talk_bar.bind(on_named=lambda _bar, name: self._speak(name))
            self._talk_bar.bind(on_new=lambda _bar: self._talk(is_on=True))
            self._talk_bar.bind(on_close=lambda _bar: self._talk(is_on=False))
        if self._talk_bar.parent is None:
            self.ids.talk.add_widget(self._talk_bar)
        self._talk_bar.show(talk, self.labelling.about_talk)

    def _speak(self, name: str) -> None:
        if name != self.labelling.talk.speaker:
            self.labelling.speak(name)

    def _scroll_on(self, answered: TaskCard) -> None:
        """Bring the next open task into sight, where the window is too low for all of them."""
        labelling = self.labelling
        for task in labelling.tasks:
            if task.name not in labelling.card.marks and task.name not in labelling.card.skipped:
                card = self._cards[task.name]
                if card is not answered and self.ids.body.height > self.ids.scroller.height:
                    self.ids.scroller.scroll_to(card, padding=0)
                return

    def _tapped(self, card: TaskCard, label: str) -> None:
        self.labelling.tap(card.task, label)
        self._scroll_on(card)

    def _skipped(self, card: TaskCard) -> None:
        self.labelling.skip(card.task)
        self._scroll_on(card)
