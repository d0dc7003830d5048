"""What lies over the edges of a desktop window."""

from mobile_app.ui.platform.interfaces import Insets


class DesktopSurroundings:
    """Nothing: bars stay outside of windows, and keys under the fingers."""

    def insets(self) -> Insets:
        """Return no insets."""
        return Insets()
