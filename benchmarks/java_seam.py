"""What the border to Java costs: a round trip per prediction on a desktop JVM, and growth over many of them.

``python -m benchmarks.java_seam`` needs a JDK and pyjnius. The Java side is the stand-in for LiteRT of the tests, so a
figure holds its arithmetic too; no phone was measured.
"""

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import ROOT, Figure, record
from mobile_app.engine.android import AndroidInterpreter
from mobile_app.engine.command_line import note, run, say
from mobile_app.engine.interpreter import Interpreter
from mobile_app.engine.java import java_class
from mobile_app.engine.litert import LiteRTInterpreter
from tests.android.jvm import start_jvm

LENGTH, WIDTH, WORDS, SEED = 16, 384, 1000, 1
SIGNATURE = f"encode_{LENGTH}"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.java_seam", description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=10_000, help="predictions for the growth (%(default)s)")
    parser.add_argument("--folder", type=Path, default=ROOT / "results", help="where to write (default: results)")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    start_jvm()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(_model(Path(folder) / "saved"))
        ours, python = AndroidInterpreter(path), LiteRTInterpreter(path)
        np.testing.assert_allclose(_predict(ours)(), _predict(python)(), atol=1e-5)
        growth = _growth(_predict(ours), arguments.calls)
        figures = {
            "java_round_trip_ms": _time(_predict(ours), "2 inputs of 16 ids, 384 floats out, wall clock; median"),
            "java_round_trip_cpu_ms": _time(_predict(ours), "processor time of the thread; median", time.thread_time),
            "litert_python_ms": _time(_predict(python), "the same model through ai-edge-litert, wall clock; median"),
            "read_array_ms": _time(_reading(direct=False), "1,536 bytes out of a heap buffer, as we do; median"),
            "read_direct_ms": _time(_reading(direct=True), "1,536 bytes out of a direct buffer; median"),
            **growth,
        }
    for name, figure in figures.items():
        say(f"{name:<28}{figure.value:>12,.4f}")
    data = {"inputs": [[1, LENGTH], [1, LENGTH]], "outputs": [[1, WIDTH]], "java": _java_version()}
    path = record("java_seam", figures, data=data, seeds=[SEED], packages=("pyjnius",), folder=arguments.folder)
    note(f"written: {path.name}")
    return 0


def _model(scratch: Path) -> bytes:
    """Return a model with hardly any arithmetic: the masked mean of embeddings."""
    from training.tensorflow import tf

    model = tf.Module()
    model.embedding = tf.Variable(np.random.default_rng(SEED).normal(size=(WORDS, WIDTH)).astype(np.float32))
    spec = tf.TensorSpec((1, LENGTH), tf.int32)

    @tf.function(input_signature=[spec, spec])
    def encode(input_ids: Any, attention_mask: Any) -> dict[str, Any]:
        mask = tf.cast(attention_mask, tf.float32)[:, :, None]
        total = tf.reduce_sum(tf.gather(model.embedding, input_ids) * mask, 1)
        return {"features": total / tf.reduce_sum(mask, 1)}

    model.encode = encode
    tf.saved_model.save(model, str(scratch), signatures={SIGNATURE: encode})
    return bytes(tf.lite.TFLiteConverter.from_saved_model(str(scratch)).convert())


def _predict(interpreter: Interpreter) -> Callable[[], Any]:
    ids = np.random.default_rng(SEED).integers(0, WORDS, (1, LENGTH)).astype(np.int32)
    inputs = {"input_ids": ids, "attention_mask": np.ones((1, LENGTH), np.int32)}
    return lambda: interpreter.run(SIGNATURE, inputs)["features"]


def _reading(*, direct: bool) -> Callable[[], Any]:
    make = java_class("java.nio.ByteBuffer")
    buffer = (make.allocateDirect if direct else make.allocate)(4 * WIDTH)
    target = bytearray(4 * WIDTH)

    def read() -> bytes:
        if not direct:
            content: bytes = buffer.array().tostring()
            return content
        buffer.clear()
        buffer.get(target)
        return bytes(target)

    return read


def _time(call: Callable[[], Any], note: str, clock: Callable[[], float] = time.perf_counter) -> Figure:
    """Return the median of many single calls, after a warm-up."""
    for _ in range(1000):
        call()
    times = []
    for _ in range(2000):
        start = clock()
        call()
        times.append(1000 * (clock() - start))
    return Figure(round(statistics.median(times), 4), sd=round(statistics.stdev(times), 4), n=len(times), note=note)


def _growth(call: Callable[[], Any], calls: int) -> dict[str, Figure]:
    """Return what is left over after many calls, past a warm-up, on both sides of the border."""
    for _ in range(3000):
        call()
    before = _memory()
    for _ in range(calls):
        call()
    after = _memory()
    return {
        f"growth_{name}": Figure(after[name] - value, n=calls, note="after minus before, both after collecting garbage")
        for name, value in before.items()
    }


def _memory() -> dict[str, int]:
    """Return resident memory and Java's heap in KB, and the number of blocks that Python has allocated."""
    runtime = java_class("java.lang.Runtime").getRuntime()
    for _ in range(3):
        gc.collect()
        runtime.gc()
    status = Path("/proc/self/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    heap = (runtime.totalMemory() - runtime.freeMemory()) // 1024
    return {"resident_kb": resident, "java_heap_kb": heap, "python_blocks": sys.getallocatedblocks()}


def _java_version() -> str:
    done = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    return done.stderr.splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
