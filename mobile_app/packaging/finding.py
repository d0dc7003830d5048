"""What the doctor has to say."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    :param check: name of the check that found it.
    :param where: file, key or program.
    :param problem: what is wrong with it, and what comes of that.
    :param remedy: what to do, as an imperative sentence.
    :param is_fault: whether the build, a store or the app would suffer; else it is good to know.
    :param repair: does what the remedy says, where that is safe.
    """

    check: str
    where: str
    problem: str
    remedy: str
    is_fault: bool = True
    repair: Callable[[], None] | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, object]:
        """Return the finding as plain values."""
        return {
            "check": self.check,
            "where": self.where,
            "problem": self.problem,
            "remedy": self.remedy,
            "is_fault": self.is_fault,
            "can_be_repaired": self.repair is not None,
        }
