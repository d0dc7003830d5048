"""Text for other apps on a phone."""

from typing import Any

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.java import java_class, java_errors
from mobile_app.ui.platform.checks import check_shared


class AndroidSharing:
    """Opens the share sheet.

    :param activity: the running ``android.app.Activity``.
    """

    def __init__(self, activity: Any) -> None:
        self._activity = activity

    def share(self, text: str, title: str) -> bool:
        """Open the share sheet with the text and return True.

        :raises UndertoneError: if the text is empty or too long, or Android refuses.
        """
        check_shared(text)
        intent = java_class("android.content.Intent")
        with java_errors(UndertoneError, "the share sheet to open", "try again, or save it as a file instead"):
            send = intent(intent.ACTION_SEND)
            send.setType("text/plain")
            send.putExtra(intent.EXTRA_TEXT, text)
            self._activity.startActivity(intent.createChooser(send, title))
        return True
