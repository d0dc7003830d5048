"""The model that learns from one person's labels."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.comparison import Comparison
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.guard import Guard
from mobile_app.engine.labelled import LabelledUtterance, Said, StoredUtterance
from mobile_app.engine.learner import Learner, as_stored
from mobile_app.engine.prediction import Encoding, Prediction, TaskPrediction
from mobile_app.engine.separators.base import Label
from mobile_app.engine.separators.inputs import as_label_sets
from mobile_app.engine.store import Store

# Of all rules the one that gained over the base for six speakers without a dip on the way: docs/learning.md.
DEFAULT_SEPARATOR = "ensemble"

# For prototypes and OS-ELM. In test-then-train over six speakers no limit at all was better by less than half a point;
# this one still lets a person who differs be heard.
PRIOR_COUNT = 1000.0

# Told how many of how many are done.
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Learned:
    """What one label did.

    :param uid: of the utterance in the store.
    :param base: what the bundle's own model says.
    :param before: what the learner said before the label.
    :param after: what it says now.
    :param costs: a warning where it is not empty: per task the share of the guard's utterances that are lost since the
        base, where this label took it past what the guard allows. Keep it, or discard it with ``forget(uid)``.
    """

    uid: str
    base: Prediction
    before: Prediction
    after: Prediction
    costs: Mapping[str, float] = field(default_factory=dict)


class Personalizer:
    """Predicts with separators that start from the bundle's and learn from every label (test-then-train).

    The store holds the truth: labels in the order they came. The learner is what a replay of them gives, saved with
    every label in the same transaction; where the saved state is missing, of another model or behind, the labels that
    it lacks are learned again on opening. Use it from one thread at a time.

    :param bundle: gives the tasks and the base separators.
    :param encoder: of that bundle; not closed by this class.
    :param store: of the person; not closed by this class.
    :param separator: kind of separator.
    :param prior_count: the base weighs at most as much as so many labels of the person.
    :param progress: is told how many of how many stored utterances were learned again, after a new model or separator.
    :raises BundleError: if the bundle has no base separators of that kind.
    :raises StoreError: if the store cannot be read or written.
    """

    def __init__(
        self,
        bundle: Bundle,
        encoder: Encoder,
        store: Store,
        *,
        separator: str = DEFAULT_SEPARATOR,
        prior_count: float = PRIOR_COUNT,
        progress: Progress | None = None,
    ) -> None:
        self._bundle, self._encoder, self._store, self._kind = bundle, encoder, store, separator
        self._model_hash = bundle.model_hash(encoder.recipe)
        self._base = Learner.base(bundle, separator, prior_count=prior_count)
        self._guard = Guard(bundle, self._base.separators())
        self._last: Encoding | None = None
        self._learner = self._base.restored(store.learner(self._model_hash, separator))
        self._catch_up(progress)
        store.keep_models([self._model_hash])

    @property
    def learner(self) -> Learner:
        """What was learned so far."""
        return self._learner

    def predict(self, text: str) -> Prediction:
        """Return what the learner says."""
        return self._learner.predict(self._encode(text))

    def base_prediction(self, text: str) -> Prediction:
        """Return what the bundle's own model says, which never learns."""
        return self._base_prediction(self._encode(text))

    def learn(
        self, text: str, labels: Mapping[str, Label], *, uid: str | None = None, when: datetime | None = None
    ) -> Learned:
        """Predict, then learn and store, all or nothing.

        :param labels: per task one label, or for a sigmoid task any number; a label that is new is added to the task.
        :param uid: identifies the utterance in the store; made up if None.
        :param when: time of the label; now if None.
        :raises UndertoneError: if a task is unknown or a label cannot be one.
        :raises StoreError: if the uid is stored already, or the store cannot be written; nothing has changed then.
        """
        time = when or datetime.now(timezone.utc)
        return self.learn_utterance(
            LabelledUtterance(uid or uuid.uuid4().hex, text, labels, time.isoformat(timespec="seconds"))
        )

    def learn_utterance(self, utterance: LabelledUtterance) -> Learned:
        """Predict, then learn and store an utterance with all that is known of it; otherwise as :meth:`learn`."""
        return self._learn(utterance, self._learner)

    def relabel(self, uid: str, labels: Mapping[str, Label]) -> Learned:
        """Forget the labels of a stored utterance and learn these; tasks that are not in ``labels`` keep theirs.

        :raises StoreError: if there is no such utterance, or the store cannot be written; nothing has changed then.
        """
        old = self._store.get(uid).utterance
        time = datetime.now(timezone.utc).isoformat(timespec="seconds")
        utterance = replace(old, labels={**old.labels, **labels}, when=time)
        return self._learn(utterance, self._without([uid]), replacing=uid)

    def forget(self, uid: str) -> None:
        """Remove an utterance, and everything that was learned from it.

        :raises StoreError: if there is no such utterance, or the store cannot be written; nothing has changed then.
        """
        self._store.get(uid)
        self._remove([uid])

    def undo_last(self) -> StoredUtterance | None:
        """Forget the utterance that was learned last, and return it; None if there is none."""
        newest = self._store.history(limit=1)
        if not newest:
            return None
        self.forget(newest[0].utterance.uid)
        return newest[0]

    def rollback(self, when: datetime) -> list[StoredUtterance]:
        """Go back to a date: forget whatever was labelled later, and return it, the oldest first.

        :param when: with a time zone.
        :raises StoreError: if the store cannot be written; nothing has changed then.
        """
        late = [stored for stored in self._store.in_order() if _time_of(stored) > when]
        if late:
            self._remove([stored.utterance.uid for stored in late])
        return late

    def replay(self, progress: Progress | None = None) -> None:
        """Learn all stored labels again, from the base; what was learned before holds until that is done.

        :param progress: is told how many of how many stored utterances are done.
        """
        learner = self._following(self._base, set(self._base.tasks), progress=progress)
        self._store.save_learner(self._model_hash, self._kind, learner.states())
        self._learner = learner

    def reset(self) -> None:
        """Remove every utterance and everything that was learned."""
        self._store.clear()
        self._learner, self._last = self._base, None

    def start_afresh(self) -> None:
        """Keep every utterance, and forget what was learned from them: only later labels are learned.

        :raises StoreError: if the store cannot be written; nothing has changed then.
        """
        self._store.start_afresh()
        self._learner = self._base

    def prequential(self) -> dict[str, Comparison]:
        """Return test-then-train scores of base and personal over all that is stored, per task."""
        comparisons = {name: Comparison() for name in self._learner.tasks}
        for stored in self._store.in_order():
            for name, said in stored.said.items():
                if name in comparisons:
                    comparisons[name].add(stored.utterance.labels[name], said.base_label, said.label)
        return comparisons

    def _learn(self, utterance: LabelledUtterance, learner: Learner, *, replacing: str | None = None) -> Learned:
        labels = self._checked(utterance.labels)
        encoding = self._encode(utterance.text)
        base, before = self._base_prediction(encoding), learner.predict(encoding)
        said = {
            name: Said(
                before.tasks[name].label,
                before.tasks[name].probabilities,
                base.tasks[name].label,
                learner.tasks[name].version,
            )
            for name in labels
        }
        features = as_stored(encoding.features)
        taught = learner.learned(features, labels)
        costs = self._guard.costs(learner.separators(), taught.separators())
        learner = taught
        changed = labels if replacing is None else learner.tasks
        number = self._store.add(
            replace(utterance, labels=labels),
            said,
            bundle=f"{self._bundle.manifest.name} {self._bundle.manifest.version}",
            model_hash=self._model_hash,
            features=features,
            kind=self._kind,
            states=learner.states(changed),
            replacing=replacing,
        )
        self._learner = learner.stored(number, changed)
        return Learned(utterance.uid, base, before, self._learner.predict(encoding), costs)

    def _checked(self, labels: Mapping[str, Label]) -> dict[str, Label]:
        if not labels:
            raise UndertoneError("a label in at least one task", "none", "choose a label")
        checked: dict[str, Label] = {}
        for name, label in labels.items():
            task = self._bundle.manifest.task(name)
            carried = as_label_sets([label], task.activation)[0]
            checked[name] = tuple(dict.fromkeys(carried)) if task.is_multi_label else carried[0]
        return checked

    def _encode(self, text: str) -> Encoding:
        # The app shows a prediction first and learns the same text a tap later.
        if self._last is None or self._last.text != text:
            self._last = self._encoder.encode(text)
        return self._last

    def _base_prediction(self, encoding: Encoding) -> Prediction:
        tasks = self._bundle.manifest.tasks
        return Prediction(
            encoding,
            {task.name: TaskPrediction.of(task, task.labels, encoding.probabilities[task.name]) for task in tasks},
        )

    def _catch_up(self, progress: Progress | None) -> None:
        last = self._store.last_labelled()
        behind = {name for name, learner in self._learner.tasks.items() if learner.up_to < last.get(name, 0)}
        if behind:
            self._learner = self._following(self._learner, behind, progress=progress)
            self._store.save_learner(self._model_hash, self._kind, self._learner.states())

    def _remove(self, uids: Collection[str]) -> None:
        learner = self._without(uids)
        self._store.remove(uids, model_hash=self._model_hash, kind=self._kind, states=learner.states())
        self._learner, self._last = learner, None

    def _without(self, uids: Collection[str]) -> Learner:
        """Return the learner that never saw these utterances, from the last snapshot before the first of them."""
        first = min(self._store.get(uid).number for uid in uids)
        start = self._base.restored(self._store.learner_before(first, self._model_hash, self._kind))
        return self._following(start, set(self._base.tasks), without=uids)

    def _following(
        self,
        learner: Learner,
        tasks: set[str],
        *,
        without: Collection[str] = (),
        progress: Progress | None = None,
    ) -> Learner:
        """Return a learner that has learned what is stored after its last update, in these tasks."""
        start = max(self._store.learned_after, min(learner.tasks[name].up_to for name in tasks))
        cached = self._store.features(self._model_hash, after=start)
        waiting = [stored for stored in self._store.in_order(after=start) if stored.utterance.uid not in without]
        for done, stored in enumerate(waiting, start=1):
            labels = {
                name: label
                for name, label in stored.utterance.labels.items()
                if name in tasks and learner.tasks[name].up_to < stored.number
            }
            if labels and stored.number not in cached:
                cached[stored.number] = as_stored(self._encoder.encode(stored.utterance.text).features)
                self._store.save_features(stored.number, self._model_hash, cached[stored.number])
            if labels:
                learner = learner.learned(cached[stored.number], labels, number=stored.number)
            if progress is not None:
                progress(done, len(waiting))
        return learner


def _time_of(stored: StoredUtterance) -> datetime:
    time = datetime.fromisoformat(stored.utterance.when)
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
