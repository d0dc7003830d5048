"""Which keys do what, over the page."""

from typing import Any

from kivy.uix.modalview import ModalView

from mobile_app.ui.kv import load_kv

load_kv(__file__)


class KeyHelp(ModalView):
    """Closes at a tap, at the back key or at the key that opened it."""

    def dismiss(self, *_arguments: Any, **_options: Any) -> None:
        """Close at once."""
        super().dismiss(animation=False)
