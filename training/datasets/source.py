"""Where a published dataset comes from, and finding it on this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.command_line import note
from mobile_app.engine.errors import DataError
from mobile_app.engine.files import sha256_of

VARIABLE = "UNDERTONE_DATA"


@dataclass(frozen=True)
class Source:
    """A published dataset.

    :param folder: its folder below the data folder.
    :param address: the official page.
    :param download: where the files are, if not on that page.
    :param files: SHA-256 by file name, of the release that our results were measured with; empty if unknown.
    :param licence: as its publisher states it.
    :param citation: the paper to cite.
    """

    folder: str
    address: str
    files: Mapping[str, str]
    licence: str
    citation: str
    download: str = ""

    def locate(self, data_dir: Path | None, needed: tuple[str, ...] | None = None) -> Path:
        """Return the dataset's folder, after checking that the needed files are there.

        A file of another release than ours is said on stderr and used: publishers do repair their files.

        :param data_dir: the data folder; None: the one named by the variable ``UNDERTONE_DATA``.
        :param needed: file names; None: all of them.
        :raises DataError: if something is missing, saying what to get, from where, and where to put it.
        """
        folder = self.find(data_dir)
        needed = tuple(self.files) if needed is None else needed
        if folder is None:
            raise self._missing(f"data/{self.folder}", f"no --data-dir and no {VARIABLE}", needed)
        absent = [name for name in needed if not (folder / name).is_file()]
        if absent or not folder.is_dir():
            raise self._missing(str(folder), f"no {', '.join(absent) or 'such folder'} there", needed)
        for name in needed:
            if sha256_of(folder / name) != self.files[name]:
                note(f"{folder / name}: sha256 differs from the release that our results stem from; read all the same")
        return folder

    def find(self, data_dir: Path | None) -> Path | None:
        """Return where the dataset's folder should be, or None if no data folder is named."""
        if data_dir is None and os.environ.get(VARIABLE):
            data_dir = Path(os.environ[VARIABLE])
        return None if data_dir is None else data_dir / self.folder

    def is_present(self, data_dir: Path | None, needed: tuple[str, ...] | None = None) -> bool:
        """Return whether the folder with the needed files (None: all) is there."""
        folder = self.find(data_dir)
        names = tuple(self.files) if needed is None else needed
        return folder is not None and folder.is_dir() and all((folder / name).is_file() for name in names)

    def _missing(self, place: str, found: str, needed: tuple[str, ...]) -> DataError:
        what = ", ".join(needed) or "the dataset"
        return DataError(
            f"{what} in {place}",
            found,
            f"get it from {self.download or self.address}, put it into a folder {self.folder}/, and name the folder "
            f"above that with --data-dir or {VARIABLE}",
        )
