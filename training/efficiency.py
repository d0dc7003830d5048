"""What a run costs to use on this machine: latency, throughput, peak memory, size and number of weights.

``python -m training.efficiency RUN`` reads texts from standard input, one a line, and prints one JSON object. It is a
process of its own, so that its peak memory is that of this model alone. It measures the Keras model, in order to set
variants of one method side by side; what the phone's files cost is measured by ``python -m quantization compare``.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mobile_app.engine.command_line import run, say_json
from mobile_app.engine.errors import UndertoneError
from training.memory import peak_rss_mb

WARM_UP = 20
BATCH_SIZE = 64


def measure_in_child(run_path: Path, texts: Sequence[str]) -> dict[str, Any]:
    """Measure a run in a process of its own.

    :param texts: utterances, each of which is one measurement of latency.
    :raises UndertoneError: if the process failed.
    """
    home = str(Path(__file__).parents[1])
    path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "training.efficiency", str(run_path)],
        input="\n".join(" ".join(text.split()) for text in texts),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UndertoneError(f"figures of {run_path.name}", done.stderr.strip()[-300:], "look at the run")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measure(run_path: Path, texts: Sequence[str]) -> dict[str, Any]:
    """Return the figures; latencies include the tokenizer, one utterance at a time, after a warm-up."""
    from training.checkpoint import WEIGHTS_FILE, load_run
    from training.evaluate import predict

    loaded = load_run(run_path)
    predict(loaded, texts[:WARM_UP], 1)
    milliseconds = []
    for text in texts:
        start = time.perf_counter()
        predict(loaded, [text], 1)
        milliseconds.append(1000 * (time.perf_counter() - start))
    predict(loaded, texts[:BATCH_SIZE], BATCH_SIZE)
    start = time.perf_counter()
    predict(loaded, texts, BATCH_SIZE)
    seconds = time.perf_counter() - start
    return {
        "latency_ms": {"p50": float(np.percentile(milliseconds, 50)), "p95": float(np.percentile(milliseconds, 95))},
        "utterances_per_second": len(texts) / seconds,
        "peak_rss_mb": peak_rss_mb(),
        "bytes": (run_path / WEIGHTS_FILE).stat().st_size,
        "parameters": sum(int(np.prod(variable.shape)) for variable in loaded.model.named_weights().values()),
        "n": len(texts),
        "batch_size": BATCH_SIZE,
    }


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.efficiency", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    return run(lambda given: say_json(measure(given.run, sys.stdin.read().splitlines())), parser, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
