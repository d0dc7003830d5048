"""The report as Markdown, short enough for a comment on a pull request."""

from collections.abc import Iterator, Sequence

from quantization import formats
from quantization.report import Report

MOST_CHANGES = 12


def markdown(reports: Sequence[Report]) -> str:
    """Return verdicts, table, gate and regressions of every bundle."""
    return "\n".join(line for report in reports for line in [*_one(report), ""])


def _one(report: Report) -> Iterator[str]:
    dataset = report.dataset
    yield f"### Quantization of {_plain(report.bundle.name)}"
    yield ""
    yield f"{dataset.n:,} utterances of {_plain(dataset.name)} ({dataset.split}), against {report.reference}."
    yield ""
    for recipe in report.recipes.values():
        if recipe.verdict:
            yield f"- {_plain(recipe.verdict)}"
    yield ""
    yield from _table(report)
    if report.gate:
        yield ""
        yield f"**Gate {_plain(report.gate.file)}: {'passed' if report.gate.passed else 'broken'}**"
        yield ""
        for rule in report.gate.rules:
            yield f"- {'kept' if rule.passed else '**broken**'}: {_plain(rule.sentence)}"
    if report.previous:
        worse = report.previous.regressions
        yield ""
        since = f"since {report.previous.measured_at} ({_plain(report.previous.bundle)})"
        yield f"**{len(worse)} regression{'' if len(worse) == 1 else 's'} {since}**"
        yield ""
        for change in worse[:MOST_CHANGES]:
            yield f"- {_plain(change.sentence)}"
        if len(worse) > MOST_CHANGES:
            yield f"- and {len(worse) - MOST_CHANGES} more in report.json"


def _table(report: Report) -> Iterator[str]:
    reference = report.recipes[report.reference]
    tasks = [name for name, task in reference.tasks.items() if task.weighted_f1 is not None]
    header = ["recipe", "MB", "p50 ms", "p95 ms", *(f"{task} F1 (difference, 95 %)" for task in tasks), "same label"]
    yield _row(header)
    yield _row(["---", *["---:"] * (len(header) - 1)])
    for name, recipe in report.recipes.items():
        cells = [recipe.shown_as, formats.significant(recipe.bytes / 1e6)]
        cells += [formats.significant(recipe.latency_ms.p50), formats.significant(recipe.latency_ms.p95)]
        for task in tasks:
            found = recipe.tasks[task]
            words = formats.number(found.weighted_f1, 4)
            if found.delta_weighted_f1:
                low, high = found.delta_weighted_f1.ci95
                delta = formats.points(found.delta_weighted_f1.value)
                words += f" ({delta}, {formats.points(low)} to {formats.points(high)})"
            cells.append(words)
        agreements = [task.agreement for task in recipe.tasks.values() if task.agreement is not None]
        cells.append("" if name == report.reference else formats.share(min(agreements, default=None), 2))
        yield _row(cells)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return text that Markdown takes as it is: names and labels come from data."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in text)
