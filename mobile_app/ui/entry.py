"""One line of the history, ready to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from mobile_app.ui import strings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mobile_app.engine.separators.base import Label


@dataclass(frozen=True)
class Entry:
    """A saved utterance.

    :param number: its place in the order of saving.
    :param when: time of labelling, ISO 8601.
    :param is_corrected: whether the learner had said something else.
    """

    number: int
    uid: str
    text: str
    labels: Mapping[str, Label]
    when: str
    is_corrected: bool = False

    @property
    def time(self) -> datetime | None:
        """The time of labelling; None where another program wrote what is no time."""
        try:
            then = datetime.fromisoformat(self.when.replace("Z", "+00:00"))
        except ValueError:
            return None
        return then if then.tzinfo else then.replace(tzinfo=timezone.utc)

    def label_line(self) -> str:
        """Return the labels with their signs, task after task."""
        parts = []
        for labels in self.labels.values():
            for label in [labels] if isinstance(labels, str) else labels:
                parts.append(f"{strings.icon(label)} {strings.label_name(label)}")
        return "   ".join(dict.fromkeys(parts)) or strings.text("history.no_label")

    def when_line(self, now: datetime) -> str:
        """Return how long ago that was, in the words of the person's own clock.

        :param now: the present, with its time zone.
        """
        if self.time is None:
            return self.when
        then = self.time.astimezone(now.tzinfo)
        minutes = int((now - then).total_seconds() // 60)
        if minutes < 1:
            return strings.text("time.now")
        if minutes < 60:
            return strings.text("time.minutes", n=minutes)
        if then.date() == now.date():
            return strings.text("time.today", clock=then.strftime("%H:%M"))
        month = strings.choices("time.months")[then.month - 1]
        key = "time.day" if then.year == now.year else "time.year"
        return strings.text(key, day=then.day, month=month, year=then.year)
