"""Which saved utterances to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mobile_app.ui.entry import Entry


@dataclass(frozen=True)
class Filter:
    """What an entry must be.

    :param label: it carries this label in some task; None for any.
    :param is_corrected: the person said something else than the learner.
    :param since: labelled then or later; None for ever.
    """

    label: str | None = None
    is_corrected: bool = False
    since: datetime | None = None

    def fits(self, entry: Entry) -> bool:
        """Return whether to show an entry."""
        if self.is_corrected and not entry.is_corrected:
            return False
        if self.since is not None and (entry.time is None or entry.time < self.since):
            return False
        return self.label is None or any(
            self.label == carried or (isinstance(carried, tuple) and self.label in carried)
            for carried in entry.labels.values()
        )


EVERYTHING = Filter()


def a_week_ago(now: datetime | None = None) -> datetime:
    """Return the moment seven days before ``now``."""
    return (now or datetime.now(timezone.utc)) - timedelta(days=7)
