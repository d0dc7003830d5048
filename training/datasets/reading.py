"""What a loader collects while it reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.datasets.dataset import RejectedRow
from training.utterance import Utterance


@dataclass
class Reading:
    """Utterances and rejected rows of a dataset that is being read.

    :param tasks: the tasks of the dataset.
    """

    tasks: tuple[Task, ...]
    utterances: list[Utterance] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    def reject(self, path: Path, line: int, reason: str) -> None:
        """Leave a row out, and remember where and why."""
        self.rejected.append(RejectedRow(path.name, line, reason))


def check_label(path: Path, line: int, label: str, known: Iterable[str]) -> str:
    """Return ``label`` if it is known.

    :raises DataError: otherwise, with the line, the known labels and, where one is close, a suggestion.
    """
    known = tuple(known)
    if label in known:
        return label
    raise DataError(
        f"one of the labels {', '.join(known)}", f"{label!r} in {path.name}, line {line}", did_you_mean(label, known)
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the remedy for a misspelt word."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f"did you mean {by_folded[close[0]]!r}?" if close else "correct it"
