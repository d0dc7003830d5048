"""The card: the utterance in hand, and what a person said about it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mobile_app.engine.task import Task

if TYPE_CHECKING:  # numpy is not needed for the first frame
    from mobile_app.engine.separators.base import Label


@dataclass(frozen=True)
class Card:
    """An utterance on its way into the store.

    :param text: the utterance.
    :param uid: its identifier in the store, known before it is saved so that a save can be repeated safely.
    :param marks: labels chosen so far, by task.
    :param skipped: tasks that a person is not sure about.
    :param is_saved: whether the store has it.
    :param origin: speaker, dialogue and position, where it belongs to a conversation.
    """

    text: str = ""
    uid: str = ""
    marks: Mapping[str, Label] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    is_saved: bool = False
    origin: Mapping[str, Any] = field(default_factory=dict)

    def marked(self, task: Task, label: str) -> Card:
        """Return the card after a tap on a label: a softmax task takes it, a sigmoid task adds or removes it."""
        chosen: Label = label
        if task.is_multi_label:
            old = self.marks.get(task.name, ())
            chosen = tuple(one for one in old if one != label) if label in old else (*old, label)
        skipped = tuple(name for name in self.skipped if name != task.name)
        return replace(self, marks={**self.marks, task.name: chosen}, skipped=skipped)

    def skipping(self, task: str) -> Card:
        """Return the card after "not sure" for a task, or after taking that back."""
        if task in self.skipped:
            return replace(self, skipped=tuple(name for name in self.skipped if name != task))
        marks = {name: label for name, label in self.marks.items() if name != task}
        return replace(self, marks=marks, skipped=(*self.skipped, task))

    def is_complete(self, tasks: tuple[Task, ...]) -> bool:
        """Return whether every softmax task is answered.

        Any number of labels may follow in a sigmoid task: it can be left open, and where there is no other task a
        person says when it is done.
        """
        asked = [task for task in tasks if not task.is_multi_label]
        return bool(self.marks and asked) and all(
            task.name in self.skipped or task.name in self.marks for task in asked
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "text": self.text,
            "uid": self.uid,
            "marks": {task: list(label) if isinstance(label, tuple) else label for task, label in self.marks.items()},
            "skipped": list(self.skipped),
            "is_saved": self.is_saved,
            "origin": dict(self.origin),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Card:
        """Read what :meth:`to_dict` wrote."""
        return cls(
            text=str(values["text"]),
            uid=str(values["uid"]),
            marks={
                str(task): tuple(label) if isinstance(label, list) else str(label)
                for task, label in values["marks"].items()
            },
            skipped=tuple(str(task) for task in values["skipped"]),
            is_saved=bool(values["is_saved"]),
            origin=dict(values.get("origin", {})),
        )
