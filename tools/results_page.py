"""Write ``docs/results.md`` from ``results/*.json``: ``python -m tools.results_page`` (``--check``: only compare)."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import run, say
from mobile_app.engine.errors import CheckFailedError

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "results.md"
PUBLISHED = Path(__file__).with_name("published.json")
HEAD = """# Measured results

Generated from `results/*.json` by `python -m tools.results_page`; do not edit. Every table carries the command that
made it and its conditions. Single runs say so (one seed); the others give mean and standard deviation.
"""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.results_page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 if docs/results.md is not up to date")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    text = page([json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "results").glob("*.json"))])
    if arguments.check:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            raise CheckFailedError("docs/results.md to be generated from results/", "another text", "run make fix")
        return 0
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    say(str(PAGE.relative_to(ROOT)))
    return 0


def page(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the page for these experiments, in this order."""
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return HEAD + _beside_the_papers(results, published) + "".join(_section(result) for result in results)


def _beside_the_papers(results: Sequence[Mapping[str, Any]], published: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of our figures beside published ones, and how they differ."""
    found = {name: (figure, result) for result in results for name, figure in result.get("figures", {}).items()}
    rows = []
    for one in published:
        if one["figure"] in found:
            figure, result = found[one["figure"]]
            rows += [
                {
                    "what": one["what"],
                    "ours": figure["value"],
                    "sd": figure.get("sd"),
                    "published": value,
                    "of": of,
                    "source": source,
                    "difference": float(f"{figure['value'] - value:.2g}"),
                    "measured in": result["experiment"],
                }
                for of, value, source in one["published"]
            ]
    return f"\n## Beside the papers\n\n{_table(rows)}" if rows else ""


def _section(result: Mapping[str, Any]) -> str:
    parts = [f"\n## {result['experiment']}\n"]
    if result.get("about"):
        parts.append(f"\n{result['about']}\n")
    parts.append(f"\n```\n{result['command']}\n```\n")
    if result.get("figures"):
        rows = [{"figure": name, **figure} for name, figure in result["figures"].items()]
        parts.append("\n" + _table(rows))
    if result.get("rows"):
        parts.append("\n" + _table(result["rows"]))
    parts.append(f"\n{_conditions(result)}\n")
    return "".join(parts)


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    columns = [column for column in columns if any(row.get(column) not in (None, "") for row in rows)]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_number(row.get(column)) for column in columns) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _number(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 0.001 or abs(value) >= 1000 else f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value).replace("|", "\\|")


def _conditions(result: Mapping[str, Any]) -> str:
    machine = result.get("machine", {})
    versions = ", ".join(f"{name} {version}" for name, version in result.get("versions", {}).items())
    seeds = ", ".join(str(seed) for seed in result.get("seeds", [])) or "none"
    described = ", ".join(f"{key} {value}" for key, value in machine.items())
    return f"Measured {result['measured_at']} at {str(result['commit'])[:12]}; {described}; seeds {seeds}; {versions}."


if __name__ == "__main__":
    sys.exit(main())
