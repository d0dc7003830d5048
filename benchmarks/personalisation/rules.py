"""The ways to learn from a person that are compared, and the settings they are chosen from."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.personalisation.users import User
from mobile_app.engine.separators import (
    ElmSeparator,
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

# What each rule may choose from; the first is what it starts the comparison with where nothing is chosen.
CHOICES: dict[str, tuple[Settings, ...]] = {
    BASE: ({},),
    "personal only": tuple({"learning_rate": rate} for rate in (0.5, 0.2, 1.0)),
    "softmax": tuple({"learning_rate": rate} for rate in (0.2, 0.05, 0.1, 0.5)),
    "hidden": tuple({"learning_rate": rate} for rate in (0.2, 0.05, 0.5)),
    "prototypes": tuple({"prior": prior} for prior in (1000, 50, 200, None)),
    "oselm": tuple({"prior": prior} for prior in (1000, 200, None)),
    "elm": ({"prior": None},),
    DEFAULT: (
        {"rates": (0.0, 0.1, 0.5)},
        {"rates": (0.0, 0.2)},
        {"rates": (0.0, 0.1, 0.3)},
        {"rates": (0.0, 0.05, 0.2, 0.5)},
        {"rates": (0.0, 0.1, 0.5), "share": 0.001},
        {"rates": (0.0, 0.2), "share": 0.001},
    ),
}


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


def _fitted(kind: type[PrototypeSeparator | ElmSeparator | OsElmSeparator], **given: Any) -> Callable[..., Separator]:
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
    "elm": _fitted(ElmSeparator, n_hidden=N_HIDDEN),
    DEFAULT: _ensemble,
}
