"""Findings as a table for people."""

import textwrap
from collections.abc import Iterator, Sequence

from mobile_app.packaging.finding import Finding

_WIDTHS = (6, 32, 46, 40)


def table(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines of a table: one row per finding, long cells on several lines."""
    yield _row(("", "where", "what is wrong", "what to do"))
    yield _row(tuple("-" * width for width in _WIDTHS))
    for finding in findings:
        cells = ("FAULT" if finding.is_fault else "note", finding.where, finding.problem, finding.remedy)
        columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, _WIDTHS, strict=True)]
        for number in range(max(map(len, columns))):
            yield _row(tuple(column[number] if number < len(column) else "" for column in columns))


def _row(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
