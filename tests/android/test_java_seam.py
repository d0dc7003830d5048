"""The border to Java holds out: many predictions leave nothing behind on either side."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.android.jvm import start_jvm

ROOT = Path(__file__).parents[2]
CALLS = 10_000

# A machine that counts the references which native code holds, and says so when they exceed what was asked for.
PREDICT = """
import sys
from pathlib import Path
import numpy as np
from mobile_app.engine.android import AndroidInterpreter
from tests.android.jvm import start_jvm
start_jvm("-Xcheck:jni")
interpreter = AndroidInterpreter(Path(sys.argv[1]))
ids = np.ones((1, 8), np.int32)
for _ in range(2000):
    interpreter.run("encode_8", {"input_ids": ids, "attention_mask": ids})
"""


def run(*command):
    start_jvm()  # for its sentence where Java is missing
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_ten_thousand_predictions_leave_nothing_behind(tmp_path):
    run("-m", "benchmarks.java_seam", "--calls", CALLS, "--folder", tmp_path)
    figures = json.loads((tmp_path / "java_seam.json").read_text())["figures"]
    assert figures["growth_resident_kb"]["n"] == CALLS
    assert figures["growth_resident_kb"]["value"] < 1024
    assert figures["growth_java_heap_kb"]["value"] < 64
    assert figures["growth_python_blocks"]["value"] < 500
    assert figures["java_round_trip_cpu_ms"]["value"] < 2


def test_no_reference_to_java_stays_behind(bundle_path):
    output = run("-c", PREDICT, bundle_path / "model.fp32.tflite")
    warnings = [line for line in output.splitlines() if "exceeds capacity" in line]
    assert len(warnings) <= 1, "each 32 references more are one warning more"
