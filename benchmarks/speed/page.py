"""The generated parts of docs/performance.md: tables, written between two marks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import write_file

PAGE = ROOT / "docs" / "performance.md"


def write_part(name: str, text: str, page: Path = PAGE) -> None:
    """Replace what stands between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``.

    :raises UndertoneError: if the page has no such marks.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    whole = page.read_text(encoding="utf-8")
    before, found, rest = whole.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise UndertoneError(f"{begin} and {end} in {page}", "other text", "put the marks back")
    write_file(page, f"{before}{begin}\n{text.strip()}\n{end}{after}".encode())


def speed_tables(values: Mapping[str, Any]) -> str:
    """Return the tables of ``results/speed.json``."""
    rows, machine = values["rows"], values["machine"]
    timed = [row for row in rows if row["kind"] == "warm"]
    parts = [
        f"Measured {values['measured_at'][:10]} on {machine['cpu']}, {machine['cores']} cores, {machine['system']}; "
        f"{values['data']['dataset']} {values['data']['split']}, {values['data']['utterances']:,} utterances; "
        f"buckets of {', '.join(map(str, values['data']['lengths']))} tokens. "
        "Times are medians with quartiles; *times ours* is the median of the ratios utterance by utterance to "
        "Undertone INT8 (dynamic range) at the same number of threads: above 1 is slower than ours."
    ]
    for model in dict.fromkeys(row["model"] for row in timed):
        parts += [f"### {model}", _warm_table([row for row in timed if row["model"] == model])]
    cold = [row for row in rows if row["kind"] == "cold"]
    if cold:
        parts += ["### From process start to the first label", _cold_table(cold)]
    left_out = [row for row in rows if row["kind"] == "failed"]
    if left_out:
        parts.append("Did not run: " + "; ".join(f"{row['shown_as']} ({row['note']})" for row in left_out) + ".")
    versions = {name: version for row in timed for name, version in row["versions"].items()}
    parts.append("Versions: " + ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) + ".")
    return "\n\n".join(parts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; all columns but the first are numbers."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _warm_table(rows: Sequence[Mapping[str, Any]]) -> str:
    counts = sorted({row["threads"] for row in rows})
    by_name: dict[str, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["contestant"], {})[row["threads"]] = row
    head = ["way"]
    for count in counts:
        head += [f"ms, {count} thread{'s' if count > 1 else ''}", "times ours"]
    head += ["peak memory MB", "model MB", "packages MB", "same labels"]
    lines = []
    for found in by_name.values():
        row = next(iter(found.values()))
        cells = [row["shown_as"]]
        for count in counts:
            cells += _timing(found.get(count))
        cells += [f"{row['peak_rss_mb']:.0f}", f"{row['model_bytes'] / 1e6:.1f}", f"{row['package_bytes'] / 1e6:.0f}"]
        lines.append([*cells, f"{100 * row['same_labels']:.0f} %"])
    return table(head, lines)


def _timing(row: Mapping[str, Any] | None) -> list[str]:
    if row is None:
        return ["", ""]
    (low, high), (least, most) = row["ms_quartiles"], row["times_ours_quartiles"]
    return [
        f"{row['ms']:.2f} ({low:.2f}-{high:.2f})",
        f"{row['times_ours']:.2f} ({least:.2f}-{most:.2f})",
    ]


def _cold_table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for row in rows:
        low, high = row["s_quartiles"]
        lines.append(
            [row["shown_as"], f"{row['s']:.2f} ({low:.2f}-{high:.2f})", f"{row['times_ours']:.1f}", f"{row['n']}"]
        )
    return table(["way", "seconds", "times ours", "starts"], lines)
