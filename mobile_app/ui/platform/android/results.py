"""Answers of other apps that were opened for a result."""

import itertools
from collections.abc import Callable
from typing import Any

_OK = -1  # android.app.Activity.RESULT_OK
_FIRST_CODE = 0x5D00  # apart from the codes of other libraries

# Takes the answer as an android.net.Uri; None if the person went back.
Answered = Callable[[Any], None]


class ActivityResults:
    """Starts other apps and brings each answer to whoever asked.

    :param activity: the running ``android.app.Activity``.
    """

    def __init__(self, activity: Any) -> None:
        from android import activity as events  # type: ignore[import-not-found]  # python-for-android

        self._activity = activity
        self._codes = itertools.count(_FIRST_CODE)
        self._waiting: dict[int, Answered] = {}
        events.bind(on_activity_result=self._arrived)

    def start(self, intent: Any, answered: Answered) -> None:
        """Open another app for a result.

        :param answered: called with it, on a thread of Android's.
        :raises JavaException: if there is no app for this.
        """
        code = next(self._codes)
        self._waiting[code] = answered
        try:
            self._activity.startActivityForResult(intent, code)
        except Exception:
            del self._waiting[code]
            raise

    def _arrived(self, code: int, result: int, intent: Any) -> None:
        answered = self._waiting.pop(code, None)
        if answered is not None:
            answered(intent.getData() if result == _OK else None)
