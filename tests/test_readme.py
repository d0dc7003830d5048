"""The commands of README.md do what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
# Opens a window and stays; the tests of the app start it themselves.
STAYS_OPEN = "python -m mobile_app --bundle bundles/mine"


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [command.split()[1] for command in commands() if command.startswith("make ")]
    assert targets == ["demo", "test"]
    assert all(f"\n{target}:" in makefile for target in targets)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", TEXT))))
def test_linked_files_exist(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.timeout(600)
def test_commands_run_one_after_another(tmp_path: Path, tiny_csv: Path) -> None:
    shutil.copyfile(tiny_csv, tmp_path / "mine.csv")
    (tmp_path / "labels.jsonl").write_text('{"text": "we won", "labels": {"emotion": "joy"}}\n', encoding="utf-8")
    python = Path(sys.executable).parent
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}
    ran = []
    for command in commands():
        if command.startswith(("make ", ". ")) or command == STAYS_OPEN:
            continue
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        ran.append(done.stdout)
    assert len(ran) == 5
    assert set(json.loads(ran[3])["tasks"]) == {"emotion", "sentiment"}
    assert (tmp_path / "reports/mine/report.html").stat().st_size > 10_000
