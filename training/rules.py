"""Rules for the values of choices, and the sentence when one is broken."""

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from mobile_app.engine.errors import UndertoneError

# The field of a choice, whether its rule holds, and what is expected of it.
Rule = tuple[str, bool, str]


def check(choices: Any, rules: Iterable[Rule]) -> None:
    """Refuse the first value that breaks a rule, by the name of its option.

    :param choices: a dataclass.
    :raises UndertoneError: if one does.
    """
    for name, holds, expected in rules:
        if not holds:
            found = repr(asdict(choices)[name])
            raise UndertoneError(f"--{name.replace('_', '-')} {expected}", found, "choose another value")


def training_rules(choices: Any) -> tuple[Rule, ...]:
    """Return the rules of what everything trained by epochs has: data, tasks, epochs, batch size, rate and so on."""
    tasks = choices.tasks
    return (
        ("data", bool(choices.data), "with a dataset's name or a path"),
        ("tasks", tasks is None or 0 < len(tasks) == len(set(tasks)), "with different task names"),
        ("epochs", choices.epochs >= 1, "of at least 1"),
        ("batch_size", choices.batch_size >= 1, "of at least 1"),
        ("learning_rate", math.isfinite(choices.learning_rate) and choices.learning_rate > 0, "above 0"),
        ("weight_decay", 0 <= choices.weight_decay < 1, "from 0 to below 1"),
        ("patience", choices.patience >= 1, "of at least 1"),
        ("dropout", 0 <= choices.dropout < 1, "from 0 to below 1"),
        ("max_length", 3 <= choices.max_length <= 512, "from 3 to 512 tokens"),
        ("seed", 0 <= choices.seed < 2**32, "from 0 to 4294967295"),
    )
