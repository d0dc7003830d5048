"""From the arrays of a bundle to a separator of any kind."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from mobile_app.engine.errors import SeparatorError
from mobile_app.engine.separators.base import Separator
from mobile_app.engine.separators.elm import ElmSeparator
from mobile_app.engine.separators.ensemble import EnsembleSeparator
from mobile_app.engine.separators.hidden import HiddenSeparator
from mobile_app.engine.separators.oselm import OsElmSeparator
from mobile_app.engine.separators.prototypes import PrototypeSeparator
from mobile_app.engine.separators.softmax import SoftmaxSeparator

SEPARATORS: dict[str, type[Separator]] = {
    separator.kind: separator
    for separator in (
        EnsembleSeparator,
        SoftmaxSeparator,
        HiddenSeparator,
        PrototypeSeparator,
        ElmSeparator,
        OsElmSeparator,
    )
}


def separator_named(kind: str) -> type[Separator]:
    """Return the class of that kind.

    :raises SeparatorError: if there is none.
    """
    if kind not in SEPARATORS:
        raise SeparatorError(f"a separator, one of {', '.join(SEPARATORS)}", repr(kind), "choose one of these names")
    return SEPARATORS[kind]


def started(kind: str, bases: Mapping[str, Mapping[str, NDArray[Any]]]) -> Separator:
    """Return a separator that has learned the base: its own arrays, or those of the linear layer that it builds on.

    :param bases: arrays by kind, of one task of a bundle.
    :raises SeparatorError: if the kind is unknown, or neither is there.
    """
    separator = separator_named(kind)
    if kind in bases:
        return separator.from_arrays(bases[kind])
    for built_on_linear in (EnsembleSeparator, HiddenSeparator):
        if separator is built_on_linear and SoftmaxSeparator.kind in bases:
            return built_on_linear.over(SoftmaxSeparator.from_arrays(bases[SoftmaxSeparator.kind]))
    raise SeparatorError(
        f"a base separator {kind!r}",
        ", ".join(name for name in bases if name in SEPARATORS) or "none",
        "choose one that the bundle has, or build the bundle again",
    )
