"""The parent's side of a contestant: one child process, which runs only while it is asked something."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from benchmarks.record import ROOT
from mobile_app.engine.errors import UndertoneError

# Threads of the numerical libraries, where they do not take it from their own options.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ChildError(UndertoneError):
    """A contestant did not start or broke off."""


class Child:
    """A contestant's process. Between two requests it is stopped, so that no idle thread of it takes the processor.

    :param python: the interpreter to run.
    :param adapter: module in :mod:`benchmarks.speed.adapters`.
    :param options: what the adapter gets; ``threads`` and ``tasks`` among them.
    """

    def __init__(self, python: Path, adapter: str, options: Mapping[str, Any]) -> None:
        self._name = adapter
        threads = str(options["threads"])
        environment = {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, threads), "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment |= {"TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": "", "GLOG_minloglevel": "3"}
        environment.pop("PYTHONPATH", None)
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self._process = subprocess.Popen(
            [str(python), "-m", "benchmarks.speed.worker", adapter, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=ROOT,
            env=environment,
        )
        self._stopped = False

    def time(self, texts: Sequence[str]) -> list[float]:
        """Return the seconds from text to labels of each utterance."""
        return cast(list[float], self.ask({"do": "time", "texts": list(texts)})["seconds"])

    def answers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Return labels, probabilities and features of each utterance."""
        return cast(list[dict[str, Any]], self.ask({"do": "answer", "texts": list(texts)})["answers"])

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request, wait for the reply, and stop the process again.

        :raises ChildError: if the process ended instead.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            if self._stopped:
                self._process.send_signal(signal.SIGCONT)
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise ChildError(f"the contestant {self._name} to answer", self._last_words(), "run it by hand")
        self._process.send_signal(signal.SIGSTOP)
        self._stopped = True
        return cast(dict[str, Any], json.loads(line))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            if stream is not None:
                stream.close()

    def _last_words(self) -> str:
        self._process.wait()
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines() or ["nothing on stderr"]
        return f"exit code {self._process.returncode}: {lines[-1]}"


def seconds_to_first_label(python: Path, adapter: str, options: Mapping[str, Any], text: str) -> float:
    """Start a contestant, ask for the labels of one utterance, and return the seconds from start to reply."""
    start = time.perf_counter()
    child = Child(python, adapter, options)
    try:
        child.answers([text])
        return time.perf_counter() - start
    finally:
        child.close()
