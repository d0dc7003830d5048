"""Bringing labels from a file into a store that may know some of them already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mobile_app.engine.labelled import LabelledUtterance, StoredUtterance
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.separators.base import Label
from mobile_app.engine.store import Store


@dataclass(frozen=True)
class Conflict:
    """An id that the store knows with another text or other labels."""

    stored: StoredUtterance
    brought: LabelledUtterance


@dataclass(frozen=True)
class Brought:
    """What came of the utterances of a file.

    :param learned: that were new.
    :param known: that the store has just so; bringing a file twice changes nothing.
    :param conflicts: that were left as they are in the store: ask the person, then ``take`` those that shall win.
    """

    learned: int
    known: int
    conflicts: tuple[Conflict, ...]


def bring(
    personalizer: Personalizer,
    store: Store,
    utterances: Sequence[LabelledUtterance],
    *,
    progress: Callable[[int, int], object] | None = None,
) -> Brought:
    """Learn the utterances that the store does not have, in their order.

    :param progress: is told how many of how many are done.
    :raises UndertoneError: if one cannot be learned; those before it are stored then.
    """
    learned, known, conflicts = 0, 0, []
    for done, utterance in enumerate(utterances, start=1):
        if utterance.uid not in store:
            personalizer.learn_utterance(utterance)
            learned += 1
        else:
            stored = store.get(utterance.uid)
            if _same(stored.utterance, utterance):
                known += 1
            else:
                conflicts.append(Conflict(stored, utterance))
        if progress is not None:
            progress(done, len(utterances))
    return Brought(learned, known, tuple(conflicts))


def take(personalizer: Personalizer, conflict: Conflict) -> None:
    """Let the brought utterance win.

    :raises StoreError: if the store cannot be written.
    """
    personalizer.forget(conflict.brought.uid)
    personalizer.learn_utterance(conflict.brought)


def _same(first: LabelledUtterance, second: LabelledUtterance) -> bool:
    def carried(label: Label) -> frozenset[str]:
        return frozenset([label] if isinstance(label, str) else label)

    labels = [{task: carried(label) for task, label in item.labels.items()} for item in (first, second)]
    return first.text == second.text and labels[0] == labels[1]
