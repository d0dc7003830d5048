"""The one record that every dataset is read into."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Utterance:
    """A labelled utterance.

    :param text: what was said or written, stripped, never empty.
    :param labels: per task the labels it carries: exactly one for a softmax task, any number for a sigmoid task.
        A task that is absent is not labelled here (its loss is masked), which is not the same as carrying no label.
    :param split: ``train``, ``dev`` or ``test``.
    :param dialogue: identifier of the dialogue, unique over the whole dataset; None outside dialogues.
    :param position: place in the dialogue, counted from 0.
    :param speaker: who said it.
    :param uid: identifier of the row in its source, where it has one.
    """

    text: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    split: str = "train"
    dialogue: str | None = None
    position: int | None = None
    speaker: str | None = None
    uid: str | None = None
