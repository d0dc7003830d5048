"""Where a run comes from: data, seed, versions, commit, command."""

import platform
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from training.datasets import SPLITS, Dataset

# What comes before the name in an absolute path, also where several stand in a list or after an option.
_FOLDERS = re.compile(r"(?<![^\s,=])/(?:[^\s,/]+/)*(?=[^\s,/])")
_PACKAGES = ("undertone", "tensorflow", "tf-keras", "transformers", "tokenizers", "numpy", "scikit-learn")


def provenance_of(dataset: Dataset, *, seed: int, command: Sequence[str]) -> dict[str, Any]:
    """Return what is known about a run that starts now, as plain JSON values.

    :param command: the words of the command line; empty when it was called from Python.
    """
    counts = Counter(utterance.split for utterance in dataset.utterances)
    return {
        "data": dataset.name,
        "source": dataset.source,
        "licence": dataset.licence,
        "sha256": dataset.sha256,
        "utterances": {split: counts[split] for split in SPLITS},
        "rejected": len(dataset.rejected),
        "seed": seed,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "machine": f"{platform.system()} {platform.machine()}",
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    } | _optional(command)


def without_folders(values: Any) -> Any:
    """Return JSON values in which absolute paths are cut down to their names: what is passed on tells of no machine."""
    if isinstance(values, dict):
        return {name: without_folders(value) for name, value in values.items()}
    if isinstance(values, list):
        return [without_folders(value) for value in values]
    if isinstance(values, str):
        return _FOLDERS.sub("", values)
    return values


def _optional(command: Sequence[str]) -> dict[str, Any]:
    commit = _commit()
    return ({"commit": commit} if commit else {}) | ({"command": " ".join(command)} if command else {})


def _commit() -> str | None:
    """Return the commit of the project's own repository, with a + if files differ from it."""
    folder = Path(__file__).parent
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return head + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()
