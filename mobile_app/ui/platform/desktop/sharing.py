"""Text for other apps on a desktop."""

from collections.abc import Callable

from mobile_app.ui.platform.checks import check_shared


class DesktopSharing:
    """Puts the text on the clipboard: desktops have no common way to hand it to an app.

    :param copy_text: puts text on the clipboard.
    """

    def __init__(self, copy_text: Callable[[str], None]) -> None:
        self._copy_text = copy_text

    def share(self, text: str, title: str) -> bool:
        """Copy the text and return False: no choice of apps is shown.

        :raises UndertoneError: if the text is empty or too long.
        """
        check_shared(text)
        self._copy_text(text)
        return False
