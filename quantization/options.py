"""What ``compare`` was asked to do."""

from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.errors import UndertoneError
from quantization.engines import LOCAL, RAY
from quantization.study import MOST_TRAIN


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
    :param engine: where the comparison runs: ``local`` processes or a ``ray`` cluster at ``address``.
    :param resume: folder in which finished parts are kept and found again.
    :param study: train utterances for the separator study at most; 0: no study.
    :param phones: result files of phones to merge.
    :param previous: report.json to compare with.
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
    engine: str = LOCAL
    address: str | None = None
    resume: Path | None = None
    study: int = MOST_TRAIN
    phones: tuple[Path, ...] = ()
    previous: Path | None = None
    command: str = ""

    def __post_init__(self) -> None:
        for name, value in (("threads", self.threads), ("workers", self.workers), ("limit", self.limit)):
            if value is not None and value < 1:
                raise UndertoneError(f"--{name} of at least 1", str(value), "choose a larger number")
        if self.study < 0:
            raise UndertoneError("--study of at least 0", str(self.study), "choose 0 to leave the study out")
        if self.address is not None and self.engine != RAY:
            raise UndertoneError("--address together with --engine ray", f"--engine {self.engine}", "add --engine ray")
