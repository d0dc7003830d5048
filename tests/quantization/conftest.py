"""One comparison of the tiny bundle, shared by the tests that look at what it wrote."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from quantization.__main__ import main


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path, tiny_csv: Path) -> Path:
    """Return the folder with report.json and report.html of the tiny bundle on all splits of its data."""
    out = tmp_path_factory.mktemp("reports") / "tiny"
    code = main(["compare", str(tiny_bundle), "--data", str(tiny_csv), "--split", "all", "--out", str(out)])
    assert code == 0
    return out


@pytest.fixture
def run_compare(tiny_bundle: Path, tiny_csv: Path, tmp_path: Path) -> Callable[..., int]:
    """Run compare on the tiny bundle with more or other arguments; returns the exit code."""

    def run(
        *arguments: str,
        bundle: Path = tiny_bundle,
        bundles: Sequence[Path] = (),
        data: Path = tiny_csv,
        out: Path = tmp_path / "report",
    ) -> int:
        folders = [str(path) for path in bundles or [bundle]]
        return main(["compare", *folders, "--data", str(data), "--out", str(out), *arguments])

    return run


@pytest.fixture
def report_json(compared: Path) -> dict:
    return json.loads((compared / "report.json").read_text(encoding="utf-8"))
