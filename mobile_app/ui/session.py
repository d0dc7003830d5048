"""The engine as the app uses it: opened once, then used from one thread alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from mobile_app.engine import whole_state
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.context import Conversation
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.labelled import LabelledUtterance, StoredUtterance
from mobile_app.engine.personalizer import Learned, Personalizer, Progress
from mobile_app.engine.store import Store
from mobile_app.engine.waiting import Waiting
from mobile_app.ui.entry import Entry
from mobile_app.ui.filters import EVERYTHING, Filter
from mobile_app.ui.opinion import Opinion

if TYPE_CHECKING:
    from mobile_app.engine.prediction import TaskPrediction
    from mobile_app.engine.separators.base import Label
    from mobile_app.engine.task import Task
    from mobile_app.ui.talk import Talk

_SCANNED = 500  # entries looked at in one step while a filter is on
REMEMBERED = 64  # utterances whose predictions are kept while the app runs: a draft, its card and its saving ask again


@dataclass(frozen=True)
class Origin:
    """Where an utterance is from.

    :param speaker: who said it.
    :param dialogue: identifier of the conversation.
    :param position: place in it, counted from 0.
    """

    speaker: str | None = None
    dialogue: str | None = None
    position: int | None = None


class Session:
    """Opens the bundle, the model and the store, and keeps them together.

    :param bundle: folder of the bundle.
    :param store: file of the store.
    :param recipe: which model file of the bundle to run; None for the bundle's default.
    :param progress: is told how many of how many stored utterances were learned again, where that is needed.
    :raises UndertoneError: if one of them cannot be used.
    """

    def __init__(self, bundle: Path, store: Path, recipe: str | None, progress: Progress | None = None) -> None:
        self.bundle = Bundle.open(bundle, verify_models=False)
        self.tasks: tuple[Task, ...] = self.bundle.manifest.tasks
        self.encoder = Encoder(self.bundle, recipe, remembered=REMEMBERED)
        self.store = Store(store)
        self.personalizer = Personalizer(self.bundle, self.encoder, self.store, progress=progress)
        self.waiting = Waiting(self.store)

    @classmethod
    def opened(cls, bundle: Path, store: Path, recipe: str | None, chosen: str) -> Session:
        """Open with the recipe that was asked for, or else the one chosen in the app if the bundle still has it."""
        known = Bundle.open(bundle, verify_models=False).manifest.recipes if chosen and recipe is None else {}
        return cls(bundle, store, chosen if chosen in known else recipe)

    def predict(self, text: str, talk: Talk | None = None) -> Opinion:
        """Return what the learner thinks of ``text``, and what the person said about exactly this text before.

        :param talk: the conversation in which it is said; the context model of the bundle, where there is one, is
            asked too.
        """
        known = self.store.newest_with(text)
        return Opinion(
            self.personalizer.predict(text),
            {} if known is None else dict(known.utterance.labels),
            {} if talk is None or not self.has_context else self._in_talk(text, talk),
        )

    @property
    def has_context(self) -> bool:
        """Whether the bundle has a context model."""
        return self.bundle.manifest.context is not None

    def _in_talk(self, text: str, talk: Talk) -> dict[str, TaskPrediction]:
        with closing(Conversation(self.bundle, self.encoder.recipe)) as conversation:
            for speaker, turn in talk.turns:
                conversation.add(self.encoder.encode(turn).features, speaker or None)
            return conversation.predict(self.encoder.encode(text).features, talk.speaker.strip() or None)

    def learn(self, text: str, labels: Mapping[str, Label], uid: str, origin: Origin | None = None) -> Learned:
        """Save the labels of an utterance and learn from them; one saved before gets the new labels."""
        if uid in self.store:
            if set(self.store.get(uid).utterance.labels) <= set(labels):
                return self.personalizer.relabel(uid, labels)
            self.personalizer.forget(uid)  # a task is no longer answered
        now, where = datetime.now(timezone.utc).isoformat(timespec="seconds"), origin or Origin()
        return self.personalizer.learn_utterance(
            LabelledUtterance(uid, text, labels, now, where.speaker, where.dialogue, where.position)
        )

    def forget(self, uid: str) -> None:
        """Remove an utterance, and what was learned from it."""
        self.personalizer.forget(uid)

    def undo_last(self) -> Entry | None:
        """Forget the utterance that was learned last, and return it; None if there is none."""
        undone = self.personalizer.undo_last()
        return None if undone is None else entry_of(undone)

    def find(self, uid: str) -> Entry | None:
        """Return a saved utterance; None where the store does not have it."""
        return entry_of(self.store.get(uid)) if uid in self.store else None

    def history(self, query: str, after: Entry | None, limit: int, wanted: Filter = EVERYTHING) -> list[Entry]:
        """Return a page of saved utterances that fit, newest first."""
        before = None if after is None else after.number
        found: list[Entry] = []
        step = limit if wanted == EVERYTHING else _SCANNED
        while len(found) < limit:
            page = [entry_of(stored) for stored in self.store.history(limit=step, before=before, search=query)]
            found += [entry for entry in page if wanted.fits(entry)]
            if len(page) < step:
                break
            before = page[-1].number
        return found[:limit]

    def label_counts(self, task: str | None = None) -> dict[str, int]:
        """Return how often the person has given each label, the most frequent first.

        :param task: None counts those of all tasks.
        """
        counts = Counter[str]()
        where, values = ("", []) if task is None else (" WHERE task = ?", [task])
        for label, n in self.store.database.query(f"SELECT label, count(*) FROM label{where} GROUP BY label", values):
            carried = json.loads(label)
            counts.update(dict.fromkeys([carried] if isinstance(carried, str) else carried, n))
        return dict(counts.most_common())

    def count(self) -> int:
        """Return the number of saved utterances."""
        return len(self.store)

    def use_recipe(self, recipe: str, progress: Progress) -> None:
        """Run another model file from now on; the learner is built again from the stored labels.

        :raises UndertoneError: if it cannot be used; the one before stays in use then.
        """
        encoder = Encoder(self.bundle, recipe)
        try:
            personalizer = Personalizer(self.bundle, encoder, self.store, progress=progress)
        except BaseException:
            encoder.close()
            raise
        self.encoder.close()
        self.encoder, self.personalizer = encoder, personalizer

    def restore(self, backup: Path) -> None:
        """Put the state of a backup in place of the store.

        :raises StoreError: if it is no whole backup; everything is as before then.
        """
        path = self.store.path
        self.store.close()
        try:
            whole_state.restore(backup, path)
        finally:
            self.store = Store(path)
            self.waiting = Waiting(self.store)
            self.personalizer = Personalizer(self.bundle, self.encoder, self.store)

    def close(self) -> None:
        """Release the model and the store."""
        self.encoder.close()
        self.store.close()


def entry_of(stored: StoredUtterance) -> Entry:
    """Return a stored utterance as the screens show it."""
    utterance = stored.utterance
    corrected = any(said.label != utterance.labels.get(task) for task, said in stored.said.items())
    return Entry(
        stored.number, utterance.uid, utterance.text, dict(utterance.labels), utterance.when, is_corrected=corrected
    )
