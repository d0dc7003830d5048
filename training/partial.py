"""The state of an unfinished run, kept beside its place after every epoch so that a killed run continues."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import write_file

Arrays = dict[str, NDArray[Any]]


@dataclass
class Progress:
    """What an unfinished run has done.

    :param history: one entry per finished epoch.
    :param best_epoch: the epoch with the best dev score; 0 before the first one.
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = 0

    @property
    def best_score(self) -> float:
        """The best dev score so far."""
        return float(self.history[self.best_epoch - 1]["dev_score"]) if self.best_epoch else float("-inf")


@dataclass(frozen=True)
class State:
    """All that an epoch leaves to the next one."""

    progress: Progress
    weights: Arrays
    best_weights: Arrays
    optimizer: Arrays


class PartialRun:
    """The folder ``.NAME.partial`` beside a run, holding one file that is replaced as a whole after every epoch.

    :param out: where the finished run shall be.
    :param fingerprint: what must be the same for a run to be continued, such as its choices and the hash of its data.
    """

    def __init__(self, out: Path, fingerprint: dict[str, Any]) -> None:
        self.path = out.parent / f".{out.name}.partial"
        self._file = self.path / "state.safetensors"
        self._fingerprint = json.dumps(fingerprint, sort_keys=True)

    def exists(self) -> bool:
        """Return whether an epoch was saved."""
        return self._file.is_file()

    def make_way(self, *, resume: bool, overwrite: bool) -> None:
        """See to it that a run may begin: continued, or with nothing left of an earlier one.

        :raises UndertoneError: if an unfinished run is in the way.
        """
        if resume or not self.exists():
            return
        if not overwrite:
            raise UndertoneError(
                "no unfinished run of that name",
                str(self.path),
                "continue it with --resume or discard it with --overwrite",
            )
        self.remove()

    def save(self, state: State) -> None:
        """Replace the saved state."""
        groups = {"weights": state.weights, "best": state.best_weights, "optimizer": state.optimizer}
        arrays = {f"{group}/{name}": array for group, members in groups.items() for name, array in members.items()}
        about = {"fingerprint": self._fingerprint, "progress": json.dumps(asdict(state.progress))}
        write_file(self._file, safetensors.numpy.save(arrays, metadata=about))

    def load(self) -> State:
        """Return the saved state.

        :raises UndertoneError: if it is damaged, or belongs to other choices or data.
        """
        try:
            with safetensors.safe_open(self._file, "numpy") as stream:
                about = stream.metadata()
                arrays = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - it is no mapping
        except (OSError, SafetensorError) as error:
            raise UndertoneError(
                f"the state of a run in {self.path}", str(error), "start anew with --overwrite"
            ) from None
        if about["fingerprint"] != self._fingerprint:
            raise UndertoneError(
                f"the choices and data of the run in {self.path} for --resume",
                _difference(json.loads(about["fingerprint"]), json.loads(self._fingerprint)),
                "give the same ones, or start anew with --overwrite",
            )
        groups: dict[str, Arrays] = {"weights": {}, "best": {}, "optimizer": {}}
        for name, array in arrays.items():
            group, rest = name.split("/", 1)
            groups[group][rest] = array
        return State(Progress(**json.loads(about["progress"])), groups["weights"], groups["best"], groups["optimizer"])

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)


def _difference(before: dict[str, Any], now: dict[str, Any]) -> str:
    changed = [key for key in sorted(before | now) if before.get(key) != now.get(key)]
    return ", ".join(f"{key} {now.get(key)!r} instead of {before.get(key)!r}" for key in changed)
