"""Where the contestants live: this environment, and one for the peers whose packages would disturb it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.record import ROOT
from mobile_app.engine.command_line import note
from mobile_app.engine.errors import UndertoneError

HERE, PEERS, MEDIAPIPE = "here", "peers", "mediapipe"
_FOLDERS = {PEERS: "peers", MEDIAPIPE: "peers-mediapipe"}


def python_of(environment: str) -> Path:
    """Return the interpreter of an environment."""
    return Path(sys.executable) if environment == HERE else _folder(environment) / "bin" / "python"


def is_ready(environment: str) -> bool:
    """Return whether the pinned packages of an environment are installed."""
    return environment == HERE or _read(_folder(environment) / ".done") == _wanted(environment)


def set_up(environment: str) -> None:
    """Make an environment and install its pinned packages, unless that was done before.

    :raises UndertoneError: if pip cannot install them.
    """
    if is_ready(environment):
        return
    folder = _folder(environment)
    note(f"installing {_requirements(environment).name} into {folder.relative_to(ROOT)}, once; this takes minutes")
    commands: tuple[list[str], ...] = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python_of(environment)), "-m", "pip", "install", "-q", "-r", str(_requirements(environment))],
    )
    for command in commands:
        # Without this project's own variables, which would point pip or the interpreter elsewhere.
        values = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=values)
        if done.returncode:
            words = (done.stderr.strip() or done.stdout.strip() or "nothing on stderr").splitlines()[-1]
            raise UndertoneError(
                f"{_requirements(environment).name} to install", words, "mend that, or choose contestants with --only"
            )
    (folder / ".done").write_text(_wanted(environment), encoding="utf-8")


def _folder(environment: str) -> Path:
    return ROOT / "build" / _FOLDERS[environment]


def _requirements(environment: str) -> Path:
    return Path(__file__).parent / f"requirements-{environment}.txt"


def _wanted(environment: str) -> str:
    return hashlib.sha256(_requirements(environment).read_bytes()).hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
