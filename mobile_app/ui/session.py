"""The engine as the app uses it: opened once, then used from one thread alone."""

from collections.abc import Mapping
from pathlib import Path

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.labelled import StoredUtterance
from mobile_app.engine.personalizer import Learned, Personalizer
from mobile_app.engine.prediction import Prediction
from mobile_app.engine.separators.base import Label
from mobile_app.engine.store import Store
from mobile_app.engine.task import Task
from mobile_app.ui.entry import Entry


class Session:
    """Opens the bundle, the model and the store, and keeps them together.

    :param bundle: folder of the bundle.
    :param store: file of the store.
    :param recipe: which model file of the bundle to run; None for the bundle's default.
    :raises UndertoneError: if one of them cannot be used.
    """

    def __init__(self, bundle: Path, store: Path, recipe: str | None) -> None:
        opened = Bundle.open(bundle)
        self.tasks: tuple[Task, ...] = opened.manifest.tasks
        self._encoder = Encoder(opened, recipe)
        self._store = Store(store)
        self._personalizer = Personalizer(opened, self._encoder, self._store)

    def predict(self, text: str) -> Prediction:
        """Return what the learner thinks of ``text``."""
        return self._personalizer.predict(text)

    def learn(self, text: str, labels: Mapping[str, Label], uid: str) -> Learned:
        """Save the labels of an utterance and learn from them; one saved before gets the new labels."""
        if uid in self._store:
            if not set(self._store.get(uid).utterance.labels) <= set(labels):  # a task is no longer answered
                self._personalizer.forget(uid)
                return self._personalizer.learn(text, labels, uid=uid)
            return self._personalizer.relabel(uid, labels)
        return self._personalizer.learn(text, labels, uid=uid)

    def forget(self, uid: str) -> None:
        """Remove an utterance, and what was learned from it."""
        self._personalizer.forget(uid)

    def find(self, uid: str) -> Entry | None:
        """Return a saved utterance; None where there is none of that id."""
        return _entry(self._store.get(uid)) if uid in self._store else None

    def history(self, query: str, after: Entry | None, limit: int) -> list[Entry]:
        """Return a page of saved utterances, newest first."""
        before = None if after is None else after.number
        return [_entry(stored) for stored in self._store.history(limit=limit, before=before, search=query)]

    def count(self) -> int:
        """Return the number of saved utterances."""
        return len(self._store)

    def close(self) -> None:
        """Release the model and the store."""
        self._encoder.close()
        self._store.close()


def _entry(stored: StoredUtterance) -> Entry:
    utterance = stored.utterance
    return Entry(stored.number, utterance.uid, utterance.text, dict(utterance.labels), utterance.when)
