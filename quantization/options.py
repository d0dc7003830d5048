"""What ``compare`` was asked to do."""

from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.errors import UndertoneError


@dataclass(frozen=True)
class CompareOptions:
    """Options of a comparison, checked once.

    :param bundle: folder of the bundle.
    :param split: split of the dataset.
    :param recipes: to compare; None: all of the bundle. The reference is always among them.
    :param threads: of the interpreter.
    :param workers: processes that evaluate; latency is always measured in one.
    :param limit: compare so many utterances, drawn with a fixed seed; None: all.
    :param gate: file with rules.
    :param command: as it was typed, for the record.
    :raises UndertoneError: if a number is below 1.
    """

    bundle: Path
    split: str = "test"
    recipes: tuple[str, ...] | None = None
    threads: int = 1
    workers: int = 1
    limit: int | None = None
    gate: Path | None = None
    command: str = ""

    def __post_init__(self) -> None:
        for name, value in (("threads", self.threads), ("workers", self.workers), ("limit", self.limit)):
            if value is not None and value < 1:
                raise UndertoneError(f"--{name} of at least 1", str(value), "choose a larger number")
