"""Where the app may write on a desktop."""

import os
import sys
from pathlib import Path

NAME = "undertone"


class DesktopFolders:
    """The folders that each system has for the data of apps."""

    def data(self) -> Path:
        """Return the folder for what must last; it exists."""
        return _made(_base("XDG_DATA_HOME", ".local/share", "Library/Application Support", "APPDATA"))

    def cache(self) -> Path:
        """Return the folder for what may vanish at any time; it exists."""
        return _made(_base("XDG_CACHE_HOME", ".cache", "Library/Caches", "LOCALAPPDATA"))


def _base(linux_variable: str, linux: str, mac: str, windows_variable: str) -> Path:
    if sys.platform == "darwin":
        return Path.home() / mac
    variable = windows_variable if sys.platform == "win32" else linux_variable
    return Path(os.environ.get(variable) or Path.home() / linux)


def _made(base: Path) -> Path:
    folder = base / NAME
    folder.mkdir(parents=True, exist_ok=True)
    return folder
