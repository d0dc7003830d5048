"""What LiteRT's Python package adds to the contract of every interpreter."""

import os

import numpy as np

from mobile_app.engine.interpreter import open_interpreter
from mobile_app.engine.litert import _without_log_lines


def test_the_first_run_writes_nothing_to_stderr(bundle_path, capfd):
    interpreter = open_interpreter(bundle_path / "model.fp32.tflite")
    ones = np.ones((1, 8), np.int32)
    interpreter.run("encode_8", {"input_ids": ones, "attention_mask": ones})
    interpreter.close()
    assert capfd.readouterr().err == ""


def test_errors_of_native_code_are_passed_on(capfd):
    with _without_log_lines():
        os.write(2, b"INFO: hello\nERROR: broken\n")
    assert capfd.readouterr().err == "ERROR: broken\n"
