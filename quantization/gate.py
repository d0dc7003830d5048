"""The gate: rules in a TOML file that a recipe must keep to be released.

::

    recipes = ["dynamic_wi8_afp32"]       # optional; else every recipe but the reference
    use_interval = true                   # optional; judge max_f1_drop by the lower end of the 95 % interval
    max_p95_ms = 20
    max_bytes = 30_000_000
    min_agreement = 0.98                  # every task, or a table with a number per task
    max_feature_mse = 1e-2
    no_non_finite = true
    no_regressions = true                 # against the report given with --previous
    golden = "golden.txt"                 # texts, one a line, beside this file: none may change its label
    [max_f1_drop]                         # a number for every labelled task, or a table with a number per task
    emotion = 0.01

A rule about something that was not measured is broken, not passed over.
"""

import math
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import CheckFailedError, UndertoneError
from quantization.report import GateResult, GateRule, Previous, RecipeReport, TaskReport

NONE_RULES = ("no_non_finite", "no_regressions")
RECIPE_RULES = ("max_p95_ms", "max_bytes", "max_feature_mse", *NONE_RULES)
TASK_RULES = ("max_f1_drop", "min_agreement")
GOLDEN = "golden"
SHOWN_FLIPS = 5
SETTINGS = ("recipes", "use_interval", GOLDEN)


@dataclass(frozen=True)
class Gate:
    """The rules of one file.

    :param recipes: that the rules apply to.
    :param limits: rule to limit, for rules about a recipe as a whole.
    :param task_limits: rule and task to limit.
    :param golden: texts whose labels must not change.
    """

    file: str
    recipes: tuple[str, ...]
    use_interval: bool
    limits: Mapping[str, float]
    task_limits: Mapping[tuple[str, str], float]
    golden: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path, *, recipes: Sequence[str], tasks: Sequence[str], labelled: Sequence[str]) -> "Gate":
        """Read a gate file.

        :param recipes: the recipes that will be measured, without the reference.
        :param tasks: the tasks of the bundle, ``labelled`` those that the data labels.
        :raises UndertoneError: if it cannot be read, is no TOML, or holds a rule that is unknown or cannot be checked.
        """
        values = _read_toml(path)
        unknown = set(values) - {*RECIPE_RULES, *TASK_RULES, *SETTINGS}
        if unknown:
            known = ", ".join((*RECIPE_RULES, *TASK_RULES, *SETTINGS))
            raise _wrong(path, f"rules among {known}", ", ".join(sorted(unknown)))
        chosen = values.get("recipes", list(recipes))
        if not isinstance(chosen, list) or not chosen or not set(chosen) <= set(recipes):
            raise _wrong(path, f"recipes among those compared ({', '.join(recipes)})", chosen)
        use_interval = values.get("use_interval", False)
        if not isinstance(use_interval, bool):
            raise _wrong(path, "use_interval to be true or false", use_interval)
        limits = {rule: _limit(path, rule, values[rule]) for rule in RECIPE_RULES if rule in values}
        limits = {rule: limit for rule, limit in limits.items() if values[rule] is not False}
        task_limits = {
            (rule, task): limit
            for rule in TASK_RULES
            if rule in values
            for task, limit in _by_task(path, rule, values[rule], labelled if rule == "max_f1_drop" else tasks)
        }
        golden = _read_golden(path, values[GOLDEN]) if GOLDEN in values else ()
        if golden:
            limits["golden"] = 0
        if not limits and not task_limits:
            raise _wrong(path, "at least one rule", "none")
        return cls(path.name, tuple(chosen), use_interval, limits, task_limits, golden)

    def check(self, recipes: Mapping[str, RecipeReport], previous: Previous | None = None) -> GateResult:
        """Apply every rule to every recipe that it is about.

        :param previous: the comparison with an earlier report, for ``no_regressions``.
        """
        rules = tuple(rule for name in self.recipes for rule in self._check_recipe(name, recipes[name], previous))
        return GateResult(self.file, all(rule.passed for rule in rules), rules)

    def _check_recipe(self, name: str, recipe: RecipeReport, previous: Previous | None) -> Iterator[GateRule]:
        for rule, limit in self.limits.items():
            result = _apply(rule, name, None, limit, _measured(rule, name, recipe, previous))
            if rule == GOLDEN and recipe.golden_flips:
                named = ", ".join(f"“{text}”" for text in recipe.golden_flips[:SHOWN_FLIPS])
                result = replace(result, sentence=f"{result.sentence}: {named}")
            yield result
        for (rule, task), limit in self.task_limits.items():
            measured = recipe.tasks[task].agreement if rule == "min_agreement" else self._drop(recipe.tasks[task])
            yield _apply(rule, name, task, limit, measured)

    def _drop(self, task: TaskReport) -> float | None:
        if task.delta_weighted_f1 is None:
            return None
        return -(task.delta_weighted_f1.ci95[0] if self.use_interval else task.delta_weighted_f1.value)


def require_passed(result: GateResult) -> None:
    """Say the first rule that broke.

    :raises CheckFailedError: if one did.
    """
    broken = [rule for rule in result.rules if not rule.passed]
    if broken:
        more = (
            f" (and {len(broken) - 1} more {'rule' if len(broken) == 2 else 'rules'} broke)" if len(broken) > 1 else ""
        )
        first = broken[0]
        subject, bound = _subject(first.rule, first.recipe, first.task), _bound(first.rule)
        raise CheckFailedError(
            f"{subject} {bound} {_number(first.limit)} ({result.file})",
            f"{_found(first.measured)}{more}",
            "see the report's gate section",
        )


def _measured(rule: str, name: str, recipe: RecipeReport, previous: Previous | None) -> float | None:
    if rule != "no_regressions":
        return _OF_RECIPE[rule](recipe)
    return None if previous is None else sum(change.recipe == name for change in previous.regressions)


_OF_RECIPE: dict[str, Callable[[RecipeReport], float | None]] = {
    "max_p95_ms": lambda recipe: recipe.latency_ms.p95,
    "max_bytes": lambda recipe: recipe.bytes,
    "max_feature_mse": lambda recipe: recipe.feature_squared_error.mean if recipe.feature_squared_error else None,
    "no_non_finite": lambda recipe: recipe.non_finite,
    GOLDEN: lambda recipe: None if recipe.golden_flips is None else len(recipe.golden_flips),
}
_WORDS = {
    "max_p95_ms": "p95 latency (ms)",
    "max_bytes": "size (bytes)",
    "max_feature_mse": "mean squared feature error",
    "no_non_finite": "number of non-finite values",
    "no_regressions": "number of regressions since the previous report",
    GOLDEN: "number of changed labels in the golden list",
    "max_f1_drop": "drop of weighted F1",
    "min_agreement": "agreement with the reference",
}


def _apply(rule: str, recipe: str, task: str | None, limit: float, measured: float | None) -> GateRule:
    passed = measured is not None and (measured >= limit if rule == "min_agreement" else measured <= limit)
    sentence = f"{_subject(rule, recipe, task)} is {_found(measured)}, {_bound(rule)} {_number(limit)}"
    return GateRule(rule, recipe, task, limit, measured, passed, sentence)


def _subject(rule: str, recipe: str, task: str | None) -> str:
    return f"{_WORDS[rule]} of {recipe}" + (f" on {task}" if task else "")


def _bound(rule: str) -> str:
    return "at least" if rule == "min_agreement" else "at most"


def _found(measured: float | None) -> str:
    return "not measured" if measured is None else _number(measured)


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        import tomllib  # the rest of the report also runs on 3.10
    except ImportError:
        raise UndertoneError(
            "Python 3.11 or newer for --gate", platform.python_version(), "leave --gate out or use a newer Python"
        ) from None
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(path, "TOML", error) from None


def _read_golden(path: Path, name: Any) -> tuple[str, ...]:
    try:
        lines = (path.parent / str(name)).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, f"golden to name a file of texts beside it ({name})", error) from None
    texts = tuple(line.strip() for line in lines if line.strip())
    if not texts:
        raise _wrong(path, f"texts in {name}", "none")
    return texts


def _limit(path: Path, rule: str, value: Any) -> float:
    if rule in NONE_RULES:
        if not isinstance(value, bool):
            raise _wrong(path, f"{rule} to be true or false", value)
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise _wrong(path, f"{rule} to be a number that is not negative", value)
    return value


def _by_task(path: Path, rule: str, value: Any, tasks: Sequence[str]) -> list[tuple[str, float]]:
    by_task = value if isinstance(value, dict) else dict.fromkeys(tasks, value)
    unknown = set(by_task) - set(tasks)
    if unknown:
        raise _wrong(path, f"{rule} for tasks that are measured ({', '.join(tasks)})", ", ".join(sorted(unknown)))
    return [(task, _limit(path, rule, limit)) for task, limit in by_task.items()]


def _wrong(path: Path, expected: str, found: object) -> UndertoneError:
    return UndertoneError(f"{expected} in the gate file {path}", str(found), "correct the file")
