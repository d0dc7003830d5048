"""The one writer of ``results/*.json``: figures never without command, commit, machine and versions."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from mobile_app.engine.files import write_file
from quantization.conditions import this_machine

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Figure:
    """A measured number.

    :param value: the number; a mean or median where it was measured more than once (the note says which).
    :param sd: standard deviation over the ``n`` measurements.
    :param n: how many measurements, or how many items were counted.
    :param note: what a reader must know to believe it.
    """

    value: float
    sd: float | None = None
    n: int | None = None
    note: str | None = None


def record(
    experiment: str,
    figures: Mapping[str, Figure],
    *,
    data: Any,
    seeds: Sequence[int] = (),
    rows: Iterable[Mapping[str, Any]] = (),
    packages: Sequence[str] = (),
    threads: int = 1,
    folder: Path = ROOT / "results",
) -> Path:
    """Write ``results/<experiment>.json``.

    :param figures: by name; promised figures under their promised names.
    :param data: what was measured on: names, counts, hashes.
    :param rows: a table for readers, one mapping of column to value per row.
    :param packages: distributions whose versions matter, beside Python, numpy and LiteRT.
    :param threads: that the measured code used.
    :return: the written file.
    """
    machine = asdict(this_machine(threads))
    versions = machine.pop("versions") | {name: metadata.version(name) for name in packages}
    values = {
        "experiment": experiment,
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": _command(),
        "commit": _commit(),
        "machine": machine,
        "versions": versions,
        "seeds": list(seeds),
        "data": data,
        "figures": {name: _without_nothing(asdict(figure)) for name, figure in figures.items()},
        "rows": list(rows),
    }
    path = folder / f"{experiment}.json"
    write_file(path, (json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode())
    return path


def _command() -> str:
    """Return the command line as one types it, without the folders of this machine."""
    spec = sys.modules["__main__"].__spec__
    module = spec.name.removesuffix(".__main__") if spec else Path(sys.argv[0]).name
    return " ".join(["python -m", module, *map(_without_folder, sys.argv[1:])])


def _without_folder(word: str) -> str:
    option, equals, value = word.rpartition("=")
    path = Path(value)
    if not path.is_absolute():
        return word
    return option + equals + (str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name)


def _commit() -> str | None:
    """Return the commit of the project, with a + if files differ from it; None outside a repository."""
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
