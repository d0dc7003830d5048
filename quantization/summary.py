"""The report as a few lines for a terminal."""

from collections.abc import Sequence

from quantization.detective import describe
from quantization.report import Report


def summary(report: Report) -> list[str]:
    """Return a table of the recipes, a verdict line for each, what broke those that collapsed, and regressions."""
    tasks = [name for name, task in report.recipes[report.reference].tasks.items() if task.weighted_f1 is not None]
    header = ["recipe", *(f"{task} wF1" for task in tasks), "size MB", "p50 ms", "p95 ms", "feature MSE", "non-finite"]
    rows = [header]
    for name in dict.fromkeys(baseline.name for baseline in report.baselines):
        of_task = {one.task: one.weighted_f1 for one in report.baselines if one.name == name}
        rows.append([name, *(_f1(of_task.get(task)) for task in tasks), "", "", "", "", ""])
    for recipe in report.recipes.values():
        error = recipe.feature_squared_error
        rows.append(
            [
                recipe.shown_as,
                *(_f1(recipe.tasks[task].weighted_f1) for task in tasks),
                f"{recipe.bytes / 1e6:.2f}",
                f"{recipe.latency_ms.p50:.3f}",
                f"{recipe.latency_ms.p95:.3f}",
                f"{error.mean:.2e}" if error else "",
                f"{recipe.non_finite:,}",
            ]
        )
    verdicts = [recipe.verdict for recipe in report.recipes.values() if recipe.verdict]
    culprits = [
        describe(recipe.collapse.culprit, recipe.shown_as)
        for recipe in report.recipes.values()
        if recipe.collapse and recipe.collapse.culprit
    ]
    worse = (
        [f"worse than before: {change.sentence}" for change in report.previous.regressions] if report.previous else []
    )
    return [*_aligned(rows), "", *verdicts, *culprits, *worse]


def _f1(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in rows)
    ]
