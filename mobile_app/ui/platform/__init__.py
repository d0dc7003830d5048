"""The system around the app, desktop or Android, behind the same small interfaces."""

from collections.abc import Callable

from mobile_app.engine.java import is_android
from mobile_app.ui.platform.interfaces import Platform
from mobile_app.ui.worker import Deliver


def this_platform(deliver: Deliver, copy_text: Callable[[str], None]) -> Platform:
    """Return the system that this process runs on. On Android call it on the main thread.

    :param deliver: hands a callable to the thread of the screens.
    :param copy_text: puts text on the clipboard.
    :raises UndertoneError: if Android lacks a class that it should have.
    """
    if is_android():
        from mobile_app.ui.platform.android import android_platform

        return android_platform(deliver)
    from mobile_app.ui.platform.desktop import desktop_platform

    return desktop_platform(deliver, copy_text)
