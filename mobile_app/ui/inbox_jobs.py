"""What the inbox asks of the engine; runs on the worker thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.queue import next_to_label
from mobile_app.engine.reading import Read, read_file, read_text
from mobile_app.engine.separators.base import Label
from mobile_app.engine.waiting import WaitingUtterance
from mobile_app.ui.chosen_copy import used_up
from mobile_app.ui.opinion import Opinion
from mobile_app.ui.session import Origin, Session

LOOKED_AT = 200  # utterances of which the most telling are chosen: half a second on a phone
AT_ONCE = 20  # of these are asked about before it looks again, with what was learned meanwhile


@dataclass(frozen=True)
class Added:
    """What came of bringing utterances in.

    :param new: how many wait now that did not before.
    :param is_cut: whether there were more than can wait.
    """

    new: int
    is_cut: bool


@dataclass(frozen=True)
class Asked:
    """An utterance to label.

    :param opinion: of the learner.
    :param labels: what was answered already, before the app was last closed.
    """

    utterance: WaitingUtterance
    opinion: Opinion
    labels: Mapping[str, Label]


@dataclass(frozen=True)
class State:
    """How far the inbox is.

    :param waiting: how many utterances wait.
    :param labelled: how many utterances are stored.
    :param per_label: how many of these carry each label of the first task.
    """

    waiting: int
    labelled: int
    per_label: Mapping[str, int]


def add_text(session: Session, text: str) -> Added:
    """Let pasted text wait."""
    return _add(session, read_text(text))


def add_file(session: Session, path: Path, name: str = "") -> Added:
    """Let the utterances of a file wait; the file is a copy, and is removed."""
    return used_up(path, lambda copy: _add(session, read_file(copy, name)))


def _add(session: Session, read: Read) -> Added:
    new = session.waiting.add(read.utterances)
    return Added(new, read.is_cut)


def queue(session: Session) -> list[WaitingUtterance]:
    """Return the utterances to ask about next, the most telling first."""
    waiting = session.waiting.sample(LOOKED_AT)
    predictions = [session.personalizer.predict(utterance.text) for utterance in waiting]
    return [waiting[index] for index in next_to_label(predictions, limit=AT_ONCE)]


def ask(session: Session, utterance: WaitingUtterance) -> Asked:
    """Return an utterance with what there is to say about it."""
    stored = session.find(utterance.uid)
    return Asked(utterance, session.predict(utterance.text), {} if stored is None else stored.labels)


def find(session: Session, uid: str) -> Asked | None:
    """Return the utterance that was asked about when the app was closed; None if it does not wait any more."""
    utterance = session.waiting.get(uid)
    return None if utterance is None else ask(session, utterance)


def save(session: Session, utterance: WaitingUtterance, labels: Mapping[str, Label], *, is_done: bool) -> None:
    """Save and learn what was answered; once all is, the utterance waits no longer."""
    session.learn(utterance.text, labels, utterance.uid, _origin(utterance))
    if is_done:
        session.waiting.remove(utterance.uid)


def take_back(session: Session, utterance: WaitingUtterance, labels: Mapping[str, Label]) -> None:
    """Let an utterance wait again, with the labels that it had before the last answer."""
    session.waiting.put_back(utterance)
    if labels:
        session.learn(utterance.text, labels, utterance.uid, _origin(utterance))
    elif utterance.uid in session.store:
        session.forget(utterance.uid)


def _origin(utterance: WaitingUtterance) -> Origin:
    return Origin(utterance.speaker, utterance.dialogue, utterance.position)


def state(session: Session, task: str) -> State:
    """Return how far the inbox is."""
    return State(len(session.waiting), len(session.store), session.label_counts(task))
