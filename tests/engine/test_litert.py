import os

import numpy as np
import pytest

from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import TensorSpec, open_interpreter
from mobile_app.engine.litert import _without_log_lines
from tests.engine.helpers import WIDTH


def inputs(length=8):
    return {
        "input_ids": np.arange(length, dtype=np.int32)[None],
        "attention_mask": np.ones((1, length), np.int32),
    }


def test_the_first_run_writes_nothing_to_stderr(bundle_path, capfd):
    interpreter = open_interpreter(bundle_path / "model.fp32.tflite")
    interpreter.run("encode_8", inputs())
    interpreter.close()
    assert capfd.readouterr().err == ""


def test_errors_of_native_code_are_passed_on(capfd):
    with _without_log_lines():
        os.write(2, b"INFO: hello\nERROR: broken\n")
    assert capfd.readouterr().err == "ERROR: broken\n"
