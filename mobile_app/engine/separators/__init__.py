"""Separators: trainable classifiers on frozen features, all behind the contract of :mod:`base`."""

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.base import Label, Separator
from mobile_app.engine.separators.elm import ElmSeparator
from mobile_app.engine.separators.oselm import OsElmSeparator
from mobile_app.engine.separators.prototypes import PrototypeSeparator
from mobile_app.engine.separators.softmax import SoftmaxSeparator

__all__ = [
    "SEPARATORS",
    "ElmSeparator",
    "Label",
    "OsElmSeparator",
    "PrototypeSeparator",
    "Separator",
    "SoftmaxSeparator",
    "separator_named",
]

SEPARATORS: dict[str, type[Separator]] = {
    separator.kind: separator for separator in (SoftmaxSeparator, PrototypeSeparator, ElmSeparator, OsElmSeparator)
}


def separator_named(kind: str) -> type[Separator]:
    """Return the class of that kind.

    :raises SeparatorError: if there is none.
    """
    if kind not in SEPARATORS:
        raise SeparatorError(f"a separator, one of {', '.join(SEPARATORS)}", repr(kind), "choose one of these names")
    return SEPARATORS[kind]
