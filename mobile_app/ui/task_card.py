"""One task of an utterance: what is suggested, and every label to choose instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.choice_chip import ChoiceChip
from mobile_app.ui.kv import load_kv
from mobile_app.ui.own_chip import OwnChip

if TYPE_CHECKING:
    from mobile_app.engine.prediction import TaskPrediction
    from mobile_app.engine.separators.base import Label

load_kv(__file__)
FEW = 4  # labels of a sigmoid task that are shown at first
WITHOUT_OWN = ("sentiment",)  # tasks whose labels are a scale
SURPRISE = {"positive": "say.pleasant", "negative": "say.unpleasant"}


class TaskCard(BoxLayout):
    """Shows a task; tells ``on_choice(label)``, ``on_skip()`` and ``on_own()``."""

    __events__ = ("on_choice", "on_skip", "on_own")
    title = StringProperty()
    is_skipped = BooleanProperty(False)
    can_skip = BooleanProperty(True)
    can_own = BooleanProperty(True)
    has_keys = BooleanProperty(False)
    is_open = BooleanProperty(False)
    more = StringProperty()
    task: Task = ObjectProperty()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._own: OwnChip | None = None
        self._last: tuple[Any, ...] = (None, None, False, None, False)

    def show(
        self,
        prediction: TaskPrediction | None,
        marked: Label | None,
        *,
        is_skipped: bool,
        yours: Label | None = None,
        is_surprise: bool = False,
    ) -> None:
        """Take over a prediction and what the person answered: the suggested label first, all others behind it.

        :param yours: what the person said about exactly this text before; it then is what is suggested.
        :param is_surprise: whether to ask if it was a pleasant surprise.
        """
        self._last = (prediction, marked, is_skipped, yours, is_surprise)
        self.is_skipped = is_skipped
        self.title = strings.text("say.surprise") if is_surprise else strings.task_title(self.task.name)
        chances = {} if prediction is None else prediction.probabilities
        chosen, own = _listed(marked), _listed(yours)
        suggested = own if yours is not None else _listed(None if prediction is None else prediction.label)
        labels = sorted(chances or self.task.labels, key=lambda label: (label not in own, -chances.get(label, 0.0)))
        labels += [label for label in chosen if label not in labels]  # new ones, until they are learned
        shown = self._shown(labels, {*chosen, *suggested})
        has_large = not self.task.is_multi_label and bool(chances)
        for place, (chip, label) in enumerate(zip(self._chips(len(shown), has_large), shown, strict=True)):
            chip.show(
                label,
                chances.get(label),
                is_marked=label in chosen,
                is_suggested=label in suggested and bool(chances),
                is_large=has_large and place == 0,
                name=strings.text(SURPRISE[label]) if is_surprise and label in SURPRISE else "",
                hint=strings.text("say.you_said") if label in own else "",
                key=str(place + 1) if self.has_keys and place < 9 else "",
            )
        self._show_own()

    def on_is_open(self, _card: Any, _is_open: bool) -> None:
        """Show all labels of a sigmoid task, or few again."""
        prediction, marked, is_skipped, yours, is_surprise = self._last
        self.show(prediction, marked, is_skipped=is_skipped, yours=yours, is_surprise=is_surprise)

    @property
    def labels(self) -> list[str]:
        """The labels in the order in which they are shown."""
        return [chip.label for chip in [*self.ids.first.children, *reversed(self.ids.rest.children)] if chip.label]

    def _shown(self, labels: list[str], wanted: set[str]) -> list[str]:
        """Return the labels to show: of a sigmoid task with many, the likeliest and the wanted ones while closed."""
        if not self.task.is_multi_label or len(labels) <= 2 * FEW:
            self.more = ""
            return labels
        self.more = strings.text("say.fewer") if self.is_open else strings.text("say.more", n=len(labels))
        first = [label for label in labels if label in wanted]
        rest = [label for label in labels if label not in wanted]
        return [*first, *(rest if self.is_open else rest[: max(0, FEW - len(first))])]

    def _chips(self, number: int, has_large: bool = True) -> list[ChoiceChip]:
        """Return the chips in reading order, as many as there are labels."""
        first, rest = self.ids.first, self.ids.rest
        if self._own is not None and self._own.parent:
            rest.remove_widget(self._own)
        while len(first.children) > has_large:
            first.remove_widget(first.children[0])
        while len(first.children) < has_large and number:
            first.add_widget(self._chip())
        while len(first.children) + len(rest.children) < number:
            rest.add_widget(self._chip())
        while len(first.children) + len(rest.children) > number:
            rest.remove_widget(rest.children[0])
        return [*first.children, *reversed(rest.children)]

    def _chip(self) -> ChoiceChip:
        chip = ChoiceChip()
        chip.bind(on_release=lambda chip: self.dispatch("on_choice", chip.label))
        return chip

    def _show_own(self) -> None:
        if not self.can_own or self.task.name in WITHOUT_OWN or (self.more and not self.is_open):
            return
        if self._own is None:
            self._own = OwnChip()
            self._own.bind(on_release=lambda _chip: self.dispatch("on_own"))
        self.ids.rest.add_widget(self._own)

    def on_choice(self, label: str) -> None:
        """Tell that a label was tapped."""

    def on_skip(self) -> None:
        """Tell that the person is not sure."""

    def on_own(self) -> None:
        """Tell that the person wants a label of their own."""


def _listed(label: Label | None) -> list[str]:
    if label is None:
        return []
    return [label] if isinstance(label, str) else list(label)
