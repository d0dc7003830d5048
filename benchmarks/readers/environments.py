"""Environments for other readers: their wheels in a folder of the cache, run by this interpreter without the project's.

TFLite Task Library wants a protobuf that TensorFlow refuses, and MediaPipe imports TensorFlow where it finds it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_INSTALL, SECONDS_TO_RUN = 600, 300


class UnavailableError(Exception):
    """A reader cannot be had on this machine; the message says why."""


@dataclass(frozen=True)
class Reader:
    """A program that opens our single-task files.

    :param packages: what it needs, pinned; installed without what these in turn ask for.
    :param client: its script in this folder.
    :param pythons: the newest Python that has a wheel.
    """

    name: str
    packages: tuple[str, ...]
    client: str
    newest_python: tuple[int, int]

    def classify(self, model: Path, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return the score of each label for each text.

        :raises UnavailableError: if the reader cannot be installed here.
        :raises RuntimeError: if it refuses the file or crashes, with the end of what it said.
        """
        # -S: without the packages of the project; what the reader needs comes by PYTHONPATH.
        done = subprocess.run(
            [sys.executable, "-S", str(Path(__file__).with_name(self.client))],
            input=json.dumps({"model": str(model.resolve()), "texts": list(texts)}),
            env={**os.environ, "PYTHONPATH": str(self._installed()), "GLOG_minloglevel": "2"},
            capture_output=True, text=True, timeout=SECONDS_TO_RUN, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{self.name} ended with {done.returncode}: {done.stderr[-2000:]}")
        answers: list[dict[str, float]] = json.loads(done.stdout[done.stdout.index("[") :])
        return answers

    def _installed(self) -> Path:
        """Return the folder with the reader's packages, filled on first use."""
        if sys.version_info[:2] > self.newest_python:
            found = ".".join(map(str, sys.version_info[:2]))
            raise UnavailableError(f"{self.packages[0]} has no wheel for Python {found}")
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "undertone" / "readers"
        folder = cache / f"{self.packages[0]}-{sys.implementation.cache_tag}"
        if folder.is_dir():
            return folder
        cache.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".", dir=cache))
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        try:
            done = subprocess.run(
                [*command, "--only-binary=:all:", "--retries=1", "--target", str(temporary), *self.packages],
                capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False,
            )  # fmt: skip
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
                raise UnavailableError(f"{self.packages[0]} cannot be installed from the package index: {reason}")
            temporary.rename(folder)
        except subprocess.TimeoutExpired:
            raise UnavailableError(f"{self.packages[0]} could not be installed in {SECONDS_TO_INSTALL} s") from None
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return folder


TASK_LIBRARY = Reader(
    "TFLite Task Library",
    (
        "tflite-support==0.4.4", "protobuf==3.20.3", "flatbuffers==25.12.19", "absl-py==2.5.1", "numpy==1.26.4",
        "libusb-package==1.0.30.0",
    ),
    "task_library_client.py",
    (3, 11),
)  # fmt: skip
MEDIAPIPE = Reader(
    "MediaPipe",
    ("mediapipe==1.2.2", "flatbuffers==25.12.19", "absl-py==2.5.1", "numpy==2.4.6", "certifi==2026.10.18"),
    "mediapipe_client.py",
    (3, 13),
)
READERS = (TASK_LIBRARY, MEDIAPIPE)
