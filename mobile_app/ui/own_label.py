"""The sheet in which a person names a feeling of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from kivy.properties import StringProperty
from kivy.uix.modalview import ModalView

from mobile_app.ui import strings
from mobile_app.ui.kv import load_kv
from mobile_app.ui.own_name import LONGEST, own_name

load_kv(__file__)


class OwnLabelSheet(ModalView):
    """Asks for a name.

    :param taken: labels that exist already.
    :param chosen: called with the name.
    """

    message = StringProperty()

    def __init__(self, taken: Collection[str], chosen: Callable[[str], None], **options: Any) -> None:
        super().__init__(**options)
        self._taken, self._chosen = taken, chosen

    def use(self) -> None:
        """Take the name, or say what is wrong with it."""
        name = own_name(self.ids.name.text, self._taken)
        if name is None:
            self.message = strings.text("say.own.wrong", longest=LONGEST)
            return
        self.dismiss()
        self._chosen(name)

    def dismiss(self, *_arguments: Any, **_options: Any) -> None:
        """Close at once."""
        super().dismiss(animation=False)
