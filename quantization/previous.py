"""This report beside an earlier one of the same data: what changed by more than its noise, and what became worse."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import DataError
from quantization.report import FORMAT, Change, DatasetInfo, Previous, RecipeReport

# Figure -> by how much it must grow to count: a share of what it was, or as it is.
F1_POINTS = 0.002
SIZE, TIME, ERROR = 0.01, 0.15, 0.1


def read_previous(path: Path, dataset: DatasetInfo, bundle: str) -> dict[str, Any]:
    """Return the values of an earlier report.

    :param bundle: name of the bundle; in a report of several its part is taken.
    :raises DataError: if it is no report of format 1, has no such bundle, or was measured on other data.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise ValueError(f"format {values['format']}")
        for one in values.get("bundles", []):
            if one["bundle"]["name"] == bundle:
                values = one
        found = values["dataset"]
        _ = values["recipes"], values["bundle"], values["measured_at"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = error.strerror if isinstance(error, OSError) else repr(error)
        raise DataError(f"a report.json of format {FORMAT} in {path}", str(said), "choose an earlier report") from None
    mine = (dataset.name, dataset.split, dataset.n, dataset.sha256)
    theirs = (found.get("name"), found.get("split"), found.get("n"), found.get("sha256"))
    if mine != theirs:
        raise DataError(
            f"a previous report on the same utterances ({_described(*mine)})",
            f"{_described(*theirs)} in {path}",
            "measure the earlier bundle on this data, or choose another report",
        )
    return dict(values)


def compare_with(values: Mapping[str, Any], recipes: Mapping[str, RecipeReport], cpu: str) -> Previous:
    """Return what changed since the earlier report.

    :param cpu: of this machine; times of another are not compared.
    """
    same_machine = values.get("machine", {}).get("cpu") == cpu
    changes = [
        change
        for name, recipe in recipes.items()
        if name in values["recipes"]
        for change in _changes(name, recipe, values["recipes"][name], same_machine)
    ]
    bundle = values["bundle"]
    return Previous(str(values["measured_at"]), f"{bundle['name']} {bundle['version']}", tuple(changes))


def _changes(name: str, recipe: RecipeReport, before: Mapping[str, Any], same_machine: bool) -> Iterator[Change]:
    yield from _change("size", "bytes", name, None, before.get("bytes"), recipe.bytes, SIZE)
    if same_machine:
        earlier = before.get("latency_ms", {}).get("p95")
        yield from _change("p95 latency", "ms", name, None, earlier, recipe.latency_ms.p95, TIME)
    earlier = before.get("feature_squared_error", {}).get("mean")
    if recipe.feature_squared_error:
        error = recipe.feature_squared_error.mean
        yield from _change("mean squared feature error", "", name, None, earlier, error, ERROR)
    yield from _change("non-finite values", "", name, None, before.get("non_finite"), recipe.non_finite, 0.0)
    for task, now in recipe.tasks.items():
        earlier = before.get("tasks", {}).get(task, {})
        yield from _fall("weighted F1", name, task, earlier.get("weighted_f1"), now.weighted_f1)
        yield from _fall("agreement", name, task, earlier.get("agreement"), now.agreement)


def _change(
    figure: str, unit: str, recipe: str, task: str | None, before: float | None, after: float, share: float
) -> Iterator[Change]:
    """Yield a change of a figure that should be small."""
    if before is None or abs(after - before) <= share * abs(before):
        return
    yield _named(figure, unit, recipe, task, before, after, worse=after > before)


def _fall(figure: str, recipe: str, task: str, before: float | None, after: float | None) -> Iterator[Change]:
    """Yield a change of a figure that should be large."""
    if before is not None and after is not None and abs(after - before) > F1_POINTS:
        yield _named(figure, "", recipe, task, before, after, worse=after < before)


def _named(
    figure: str, unit: str, recipe: str, task: str | None, before: float, after: float, *, worse: bool
) -> Change:
    where = f"{recipe} on {task}" if task else recipe
    words = f"{figure} of {where}: {_number(before)} -> {_number(after)} {unit}".rstrip()
    return Change(figure, recipe, task, float(before), float(after), worse, words)


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


def _described(name: object, split: object, n: object, sha256: object) -> str:
    return f"{n} of {name} {split}, sha256 {str(sha256)[:12]}"
