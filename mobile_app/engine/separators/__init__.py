"""Separators: trainable classifiers on frozen features, all behind the contract of :mod:`base`."""

from mobile_app.engine.separators.base import Label, Separator
from mobile_app.engine.separators.elm import ElmSeparator
from mobile_app.engine.separators.ensemble import EnsembleSeparator
from mobile_app.engine.separators.hidden import HiddenSeparator
from mobile_app.engine.separators.oselm import OsElmSeparator
from mobile_app.engine.separators.pca import PcaSeparator
from mobile_app.engine.separators.prototypes import PrototypeSeparator
from mobile_app.engine.separators.softmax import SoftmaxSeparator
from mobile_app.engine.separators.starting import SEPARATORS, separator_named, started

__all__ = [
    "SEPARATORS",
    "ElmSeparator",
    "EnsembleSeparator",
    "HiddenSeparator",
    "Label",
    "OsElmSeparator",
    "PcaSeparator",
    "PrototypeSeparator",
    "Separator",
    "SoftmaxSeparator",
    "separator_named",
    "started",
]
