"""The flow of the first page: type, see, answer each task with a tap, saved and learned. Knows no widgets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.card import Card
from mobile_app.ui.controller import Controller
from mobile_app.ui.talk import Talk
from mobile_app.ui.tidy import LONGEST, shorten, tidy

if TYPE_CHECKING:  # numpy is not needed for the first frame
    from mobile_app.engine.personalizer import Learned
    from mobile_app.engine.prediction import Prediction, TaskPrediction
    from mobile_app.engine.separators.base import Label
    from mobile_app.ui.entry import Entry
    from mobile_app.ui.opinion import Opinion


class Labelling:
    """Holds the card in hand and what the engine says about it.

    :param controller: the way to the engine.
    :param remember: keeps a card where it survives the end of the process.
    :param changed: called whenever something to be shown has changed.
    :param talk: the conversation in which utterances are turns; None for utterances by themselves.
    """

    def __init__(
        self,
        controller: Controller,
        remember: Callable[[Card], None],
        changed: Callable[[], None],
        card: Card,
        talk: Talk | None = None,
    ) -> None:
        self._controller, self._remember, self._changed = controller, remember, changed
        self.card, self.talk = card, talk or Talk()
        self.prediction: Prediction | None = None
        self.yours: Mapping[str, Label] = {}
        self.in_talk: Mapping[str, TaskPrediction] = {}
        self.notice, self.warning = "", ""
        self._undo: list[Card] = []

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of the bundle; none while it is being opened."""
        return self._controller.tasks

    @property
    def is_current(self) -> bool:
        """Whether the prediction belongs to the text as it stands."""
        return self.prediction is not None and self.prediction.encoding.text == self.card.text.strip()

    @property
    def can_undo(self) -> bool:
        """Whether there is a saved answer to take back."""
        return bool(self._undo)

    @property
    def is_answered(self) -> bool:
        """Whether the card is saved, or on its way."""
        return self.card.is_saved or self.card.is_complete(self.tasks)

    def type(self, raw: str, *, is_clipped: bool = False) -> None:
        """Take over the text of the input: another text is another card.

        :param is_clipped: whether the input had to leave some of it out.
        """
        text = tidy(raw)
        if text == self.card.text:
            return
        self.notice = strings.text("say.clipped", kept=LONGEST) if is_clipped or len(raw) > LONGEST else ""
        self._undo, self.warning = [], ""
        self._keep(Card(text))

    def speak(self, speaker: str) -> None:
        """Take over who says the utterance in hand."""
        self.talk = replace(self.talk, speaker=tidy(speaker)[:60])
        self._keep(self.card)

    def start_talk(self, *, is_on: bool) -> None:
        """Begin a conversation, or go back to utterances by themselves."""
        self.talk = Talk(dialogue=uuid.uuid4().hex if is_on else "")
        self._keep(self.card)

    def read(self) -> None:
        """Ask for a prediction of the text as it stands."""
        text = self.card.text.strip()
        if not text:
            self.prediction, self.yours = None, {}
            self._changed()
        elif self._controller.is_open and not self.is_current:
            self._ask(text)

    def _ask(self, text: str) -> None:
        if self.talk.dialogue:
            self._controller.predict(text, self._predicted, self.talk)
        else:
            self._controller.predict(text, self._predicted)

    @property
    def about_talk(self) -> str:
        """What the turns before change in what is heard, in a sentence; empty outside of conversations."""
        if not self.talk.dialogue or not self._controller.is_open:
            return ""
        if not self.talk.turns:
            return strings.text("say.talk.start")
        if not self._controller.has_context:
            return strings.text("say.talk.no_context")
        words = [
            f"{strings.label_name(task.label)} {strings.percent(task.probabilities[task.label])}"
            for task in (self.in_talk.values() if self.is_current else ())
            if isinstance(task.label, str)
        ]
        return strings.text("say.talk.context", heard=", ".join(words)) if words else ""

    def refresh(self) -> None:
        """Look again after another page may have changed what was saved and learned."""
        card = self.card
        if not self._controller.is_open or not card.text.strip():
            return
        if card.uid:
            self._controller.find(card.uid, lambda entry: self._agree(card, entry))
        self._ask(card.text.strip())

    def _agree(self, card: Card, entry: Entry | None) -> None:
        """Bring card and store in line: answers that were on their way are saved, what was changed there counts."""
        if card is not self.card:
            return
        same = entry is not None and dict(entry.labels) == dict(card.marks)
        if same:
            if not card.is_saved:
                self._keep(replace(card, is_saved=True))
        elif not card.is_saved:
            if card.is_complete(self.tasks):
                self._save(card)
        else:
            self._undo, self.notice = [], ""
            self._keep(Card(card.text) if entry is None else replace(card, marks=dict(entry.labels)))

    def _predicted(self, opinion: Opinion) -> None:
        self.prediction, self.yours, self.in_talk = opinion.prediction, opinion.yours, opinion.in_talk
        self._changed()

    def tap(self, task: Task, label: str) -> None:
        """Answer a task; when every task is answered the card is saved and learned at once."""
        if self.is_current:
            self._answer(self._with_uid().marked(task, label))

    def skip(self, task: Task) -> None:
        """Leave a task unanswered, or take that back."""
        if self.is_current:
            self._answer(self._with_uid().skipping(task.name))

    def accept(self) -> None:
        """Answer what is open with what the engine suggests, and save."""
        prediction = self.prediction
        if prediction is None or not self.is_current:
            return
        card = self._with_uid()
        suggested = {
            name: self.yours.get(name, task.label)
            for name, task in prediction.tasks.items()
            if name not in card.marks and name not in card.skipped
        }
        card = replace(card, marks={**card.marks, **suggested})
        if card.marks:
            self._save(card)

    def undo(self) -> None:
        """Take back the last saved answer: the labels before it return, or the utterance is forgotten."""
        if not self._undo:
            return
        self.warning = ""
        before = self._undo.pop()
        if before.is_saved:
            self._keep(before)
            self._controller.learn(before.text.strip(), before.marks, before.uid, self._restored, origin=before.origin)
        else:
            saved = self.card
            self._keep(Card(before.text))
            self._controller.forget(saved.uid, self._forgotten)

    def keep_warned(self) -> None:
        """Keep an answer that made the learner worse at what it knew."""
        self.warning = ""
        self._say(strings.text("say.kept"))

    def next(self) -> None:
        """Put the card away and start an empty one; a turn of a conversation stays in sight."""
        if self.talk.dialogue and self.card.text.strip():
            self.talk = self.talk.after(self.card)
        self.prediction, self.yours, self.notice, self.warning, self._undo = None, {}, "", "", []
        self._keep(Card())

    def _with_uid(self) -> Card:
        if self.card.uid:
            return self.card
        return replace(self.card, uid=uuid.uuid4().hex, origin=self.talk.origin())

    def _answer(self, card: Card) -> None:
        if card.is_complete(self.tasks) or (card.is_saved and card.marks):
            self._save(card)
        else:
            self._keep(card)

    def _save(self, card: Card) -> None:
        before = self.card
        # Marks first, the store second: killed in between, the next start finds a complete card and saves it.
        self._keep(replace(card, is_saved=False))
        self._controller.learn(
            card.text.strip(),
            card.marks,
            card.uid,
            lambda learned: self._learned(card, before, learned),
            lambda error: self._not_saved(before, error),
            card.origin,
        )

    def _learned(self, card: Card, before: Card, learned: Learned) -> None:
        if card.uid != self.card.uid:  # the person has gone on to another utterance
            return
        self._undo.append(before)
        self.prediction, self.yours = learned.after, {}
        self.notice = _what_changed(self._told(card), learned)
        self.warning = what_it_cost(learned)
        self._keep(replace(self.card, is_saved=True))

    def _told(self, card: Card) -> Card:
        """Return the card with the labels that a person hears about: not every one of a task with many."""
        many = {task.name for task in self.tasks if task.is_multi_label}
        marks = {name: label for name, label in card.marks.items() if name not in many}
        return replace(card, marks=marks) if marks else card

    def _not_saved(self, before: Card, error: Exception) -> None:
        self._keep(before)
        self._controller.report(error)

    def _restored(self, learned: Learned) -> None:
        self.prediction = learned.after
        self._say(strings.text("say.undone_to"))

    def _forgotten(self, _nothing: None) -> None:
        self.prediction = None
        self._say(strings.text("say.undone"))
        self.read()

    def _say(self, notice: str) -> None:
        self.notice = notice
        self._changed()

    def _keep(self, card: Card) -> None:
        self.card = card
        self._remember(card)
        self._changed()


def what_it_cost(learned: Learned) -> str:
    """Return a question where an answer made the learner worse at what it knew, nothing where it did not."""
    if not learned.costs:
        return ""
    return strings.text("say.warning", share=strings.percent(max(learned.costs.values())))


def _what_changed(card: Card, learned: Learned) -> str:
    changes = [
        strings.text(
            "say.change",
            label=strings.label_name(label),
            before=strings.percent(learned.before.tasks[task].probabilities.get(label, 0.0)),
            after=strings.percent(learned.after.tasks[task].probabilities.get(label, 0.0)),
        )
        for task, labels in card.marks.items()
        for label in ([labels] if isinstance(labels, str) else labels)
    ]
    together = changes[0] if changes else ""
    for change in changes[1:]:
        together = strings.text("say.and", first=together, second=change)
    if any(learned.after.tasks[task].label != labels for task, labels in card.marks.items()):
        return strings.text("say.saved_as_told", changes=together)  # heard, but it would not yet say so itself
    return strings.text("say.saved", text=shorten(card.text.strip()), changes=together)
