"""Where the app may write on a phone."""

from pathlib import Path
from typing import Any


class AndroidFolders:
    """The app's private folders; the one beside main.py is emptied by every update and never used.

    :param activity: the running ``android.app.Activity``.
    """

    def __init__(self, activity: Any) -> None:
        self._activity = activity

    def data(self) -> Path:
        """Return the folder for what must last; it exists."""
        return Path(self._activity.getFilesDir().getAbsolutePath())

    def cache(self) -> Path:
        """Return the folder for what may vanish at any time; it exists."""
        return Path(self._activity.getCacheDir().getAbsolutePath())
