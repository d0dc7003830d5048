"""Files that a person chooses on a desktop."""

from collections.abc import Callable, Sequence
from pathlib import Path

from mobile_app.ui.platform.checks import receive
from mobile_app.ui.platform.transfer import Transfer
from mobile_app.ui.worker import Deliver

# Takes the proposed name of a file to write, or None to choose one to read; returns None if nothing was chosen.
Ask = Callable[[str | None], Path | None]


class DesktopDocuments:
    """Copies files from and to where a dialog says.

    :param deliver: hands a callable to the thread of the screens.
    :param ask: lets the person choose, and waits.
    """

    def __init__(self, deliver: Deliver, ask: Ask) -> None:
        self._deliver, self._ask = deliver, ask

    def open(
        self,
        mime_types: Sequence[str],
        copy: Path,
        done: Callable[[bool], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the person choose a file and copy it; see Documents. All files are shown: they have no MIME type here."""
        Transfer(self._deliver, "to read the chosen file", done, failed).start(lambda: self._copy(None, None, copy))

    def save(
        self,
        source: Path,
        name: str,
        mime_type: str,
        done: Callable[[bool], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the person choose a place for a file and copy it there; see Documents."""
        Transfer(self._deliver, "to write the chosen file", done, failed).start(lambda: self._copy(name, source, None))

    def _copy(self, name: str | None, source: Path | None, target: Path | None) -> bool:
        chosen = self._ask(name)
        if chosen is None:
            return False
        with (source or chosen).open("rb") as stream:
            receive(stream, target or chosen)
        return True
