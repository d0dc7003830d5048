"""A labelled utterance, as a person gives it and as the store keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mobile_app.engine.separators.base import Label


@dataclass(frozen=True)
class LabelledUtterance:
    """An utterance and the labels that a person gave it.

    :param uid: identifies it in the store and in every export.
    :param text: what was said or written.
    :param labels: per task one label, or for a sigmoid task any number of them; a task that is absent is not labelled.
    :param when: time of labelling, ISO 8601.
    :param speaker: who said it.
    :param dialogue: identifier of the dialogue.
    :param position: place in the dialogue, counted from 0.
    """

    uid: str
    text: str
    labels: Mapping[str, Label]
    when: str
    speaker: str | None = None
    dialogue: str | None = None
    position: int | None = None


@dataclass(frozen=True)
class Said:
    """What was said about an utterance in one task at the moment when its label came.

    :param label: by the personal learner.
    :param probabilities: by the personal learner; label to probability.
    :param base_label: by the bundle's own model, which never learns.
    :param learner_version: how many updates the personal learner had seen.
    """

    label: Label
    probabilities: Mapping[str, float]
    base_label: Label
    learner_version: int


@dataclass(frozen=True)
class StoredUtterance:
    """A labelled utterance of the store.

    :param number: grows with every utterance that is learned; never used twice.
    :param bundle: name and version of the bundle that said what was said.
    :param model_hash: SHA-256 of its model file.
    :param said: per labelled task.
    """

    number: int
    utterance: LabelledUtterance
    bundle: str
    model_hash: str
    said: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class LearnerState:
    """The saved separator of one task.

    :param version: how many updates it has seen.
    :param up_to: number of the last utterance it has learned; 0 before the first.
    :param arrays: what the separator's ``to_arrays`` gave, as the bytes of an .npz file.
    """

    version: int
    up_to: int
    arrays: bytes
