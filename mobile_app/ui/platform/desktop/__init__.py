"""The system around the app on a desktop."""

from collections.abc import Callable

from mobile_app.ui.platform.desktop.appearance import DesktopAppearance
from mobile_app.ui.platform.desktop.dialog import ask
from mobile_app.ui.platform.desktop.documents import DesktopDocuments
from mobile_app.ui.platform.desktop.folders import DesktopFolders
from mobile_app.ui.platform.desktop.sharing import DesktopSharing
from mobile_app.ui.platform.desktop.surroundings import DesktopSurroundings
from mobile_app.ui.platform.interfaces import Platform
from mobile_app.ui.worker import Deliver


def desktop_platform(deliver: Deliver, copy_text: Callable[[str], None]) -> Platform:
    """Return the desktop around the app."""
    return Platform(
        DesktopAppearance(),
        DesktopSurroundings(),
        DesktopFolders(),
        DesktopDocuments(deliver, ask),
        DesktopSharing(copy_text),
    )
