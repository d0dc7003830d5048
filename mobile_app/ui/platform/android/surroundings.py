"""What lies over the edges of the window on a phone."""

from typing import Any

from mobile_app.engine.java import java_class
from mobile_app.ui.platform.interfaces import Insets

_CONTENT = 0x01020002  # android.R.id.content
_FIRST_WITH_TYPES = 30  # WindowInsets.Type; before, the content never lies under a bar unless an app asks for it


class AndroidSurroundings:
    """Compares what bars, cut-outs and keyboard cover of the window with where the content lies in it.

    From Android 15 on the content reaches under the bars; before, Android has moved it aside already.

    :param activity: the running ``android.app.Activity``.
    """

    def __init__(self, activity: Any) -> None:
        self._activity = activity
        self._has_types = java_class("android.os.Build$VERSION").SDK_INT >= _FIRST_WITH_TYPES

    def insets(self) -> Insets:
        """Return the insets of this moment; none while the window is not there yet."""
        window = self._activity.getWindow().getDecorView()
        covered = window.getRootWindowInsets() if self._has_types else None
        content = self._activity.findViewById(_CONTENT)
        if covered is None or content is None:
            return Insets()
        kinds = java_class("android.view.WindowInsets$Type")
        bars = covered.getInsets(kinds.systemBars() | kinds.displayCutout())
        keyboard = covered.getInsets(kinds.ime()).bottom
        place = [0, 0]
        content.getLocationInWindow(place)
        left, top = place
        right = window.getWidth() - left - content.getWidth()
        bottom = window.getHeight() - top - content.getHeight()
        return Insets(
            left=max(0, bars.left - left),
            top=max(0, bars.top - top),
            right=max(0, bars.right - right),
            bottom=max(0, bars.bottom - bottom),
            keyboard=max(0, keyboard - bottom),
        )
