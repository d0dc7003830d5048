"""The ways to learn from a person that are compared, and the settings they are chosen from."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.personalisation.users import User
from mobile_app.engine.separators import (
    EnsembleSeparator,
    HiddenSeparator,
    OsElmSeparator,
    PrototypeSeparator,
    Separator,
    SoftmaxSeparator,
)

Settings = Mapping[str, Any]
DEFAULT, BASE = "ensemble", "base kept"
N_HIDDEN = 128

# What each rule may choose from. The closed-form ELM is not among them: it gives what OS-ELM gives.
CHOICES: dict[str, tuple[Settings, ...]] = {
    BASE: ({},),
    "personal only": ({"learning_rate": 0.5},),
    "softmax": ({"learning_rate": 0.05}, {"learning_rate": 0.2}),
    "hidden": ({"learning_rate": 0.05}, {"learning_rate": 0.2}),
    "prototypes": ({"prior": None},),
    "oselm": ({"prior": None},),
    DEFAULT: (
        {"rates": (0.05, 0.2, 0.5), "share": 1e-4},
        {"rates": (0.0, 0.05, 0.2, 0.5), "share": 1e-4},
        {"rates": (0.0, 0.2), "share": 1e-2},
    ),
}
# The rules that are followed with every recipe, and not with the first one only.
EVERYWHERE = (BASE, "softmax", DEFAULT)


def starts(rule: str, user: User, settings: Settings) -> Separator:
    """Return a new separator of a rule, before the first label of the user."""
    return _STARTS[rule](user, **settings)


def _softmax(user: User, learning_rate: float) -> Separator:
    return SoftmaxSeparator.from_weights(
        user.base.labels, user.base.weights, user.base.bias, learning_rate=learning_rate
    )


def _personal(user: User, learning_rate: float) -> Separator:
    return SoftmaxSeparator(user.base.labels, user.base.n_features, learning_rate=learning_rate)


def _ensemble(user: User, **settings: Any) -> Separator:
    return EnsembleSeparator.over(user.base, **settings)


def _hidden(user: User, learning_rate: float) -> Separator:
    return HiddenSeparator.over(user.base, learning_rate=learning_rate)


def _fitted(kind: type[PrototypeSeparator | OsElmSeparator], **given: Any) -> Callable[..., Separator]:
    kept: dict[int, Separator] = {}

    def start(user: User, prior: float | None) -> Separator:
        if id(user) not in kept:
            base = kind(user.base.labels, user.base.n_features, **given)
            base.learn_many(*user.others)
            kept[id(user)] = base
        separator = copy.copy(kept[id(user)])
        if prior is not None:
            separator.limit_prior(prior)
        return separator

    return start


_STARTS: dict[str, Callable[..., Separator]] = {
    BASE: lambda user: copy.copy(user.base),
    "personal only": _personal,
    "softmax": _softmax,
    "hidden": _hidden,
    "prototypes": _fitted(PrototypeSeparator),
    "oselm": _fitted(OsElmSeparator, n_hidden=N_HIDDEN),
    DEFAULT: _ensemble,
}
