import os

import numpy as np
import pytest

from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import TensorSpec, open_interpreter
from mobile_app.engine.litert import _without_log_lines
from tests.engine.helpers import WIDTH


@pytest.fixture
def interpreter(bundle_path):
    interpreter = open_interpreter(bundle_path / "model.fp32.tflite")
    yield interpreter
    interpreter.close()


def inputs(length=8):
    return {
        "input_ids": np.arange(length, dtype=np.int32)[None],
        "attention_mask": np.ones((1, length), np.int32),
    }


def test_signatures_carry_names_shapes_and_types(interpreter):
    signature = interpreter.signatures["encode_16"]
    assert set(interpreter.signatures) == {"encode_8", "encode_16"}
    assert signature.inputs["input_ids"] == TensorSpec((1, 16), np.dtype(np.int32))
    assert signature.outputs["features"] == TensorSpec((1, WIDTH), np.dtype(np.float32))


def test_inputs_are_bound_by_name(interpreter):
    expected = interpreter.run("encode_8", inputs())["features"]
    swapped = dict(reversed(inputs().items()))
    np.testing.assert_array_equal(interpreter.run("encode_8", swapped)["features"], expected)
    exchanged = {"input_ids": inputs()["attention_mask"], "attention_mask": inputs()["input_ids"]}
    assert not np.allclose(interpreter.run("encode_8", exchanged)["features"], expected)


def test_outputs_belong_to_the_caller(interpreter):
    first = interpreter.run("encode_8", inputs())
    kept = first["features"].copy()
    other = inputs()
    other["input_ids"] = other["input_ids"] + 5
    interpreter.run("encode_8", other)
    np.testing.assert_array_equal(first["features"], kept)
    interpreter.close()
    first["features"][:] = 0


def test_an_unknown_signature_is_refused(interpreter):
    with pytest.raises(InterpreterError, match=r"encode_8.*found 'encode_9'"):
        interpreter.run("encode_9", inputs())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attention_mask": None}, r"inputs attention_mask, input_ids for encode_8; found input_ids;"),
        ({"more": np.ones(1)}, r"found attention_mask, input_ids, more"),
        ({"input_ids": np.ones((1, 9), np.int32)}, r"input_ids of encode_8 to be int32 \[1, 8\]; found int32 \[1, 9\]"),
        ({"input_ids": np.ones(8, np.int32)}, r"found int32 \[8\]"),
        ({"input_ids": np.ones((1, 8), np.int64)}, r"found int64 \[1, 8\]"),
    ],
)
def test_wrong_inputs_are_refused(interpreter, change, message):
    given = {name: array for name, array in {**inputs(), **change}.items() if array is not None}
    with pytest.raises(InterpreterError, match=message):
        interpreter.run("encode_8", given)
    assert np.isfinite(interpreter.run("encode_8", inputs())["features"]).all(), "it still works afterwards"


def test_ids_outside_the_vocabulary_are_an_error(interpreter):
    given = inputs()
    given["input_ids"] = np.full((1, 8), 10_000, np.int32)
    with pytest.raises(InterpreterError, match="to run encode_8"):
        interpreter.run("encode_8", given)


def test_a_closed_interpreter_is_refused(interpreter):
    interpreter.close()
    interpreter.close()
    with pytest.raises(InterpreterError, match="found a closed one"):
        interpreter.run("encode_8", inputs())


@pytest.mark.parametrize("share", [0.002, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(bundle_path, tmp_path, share):
    content = (bundle_path / "model.fp32.tflite").read_bytes()
    path = tmp_path / "model.tflite"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InterpreterError, match=r"a whole TFLite model in .*model\.tflite"):
        open_interpreter(path)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "found an empty file"), (b"PK\3\4 something else", "found bytes that begin with")]
)
def test_a_foreign_file_is_refused(tmp_path, content, message):
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(InterpreterError, match=message):
        open_interpreter(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InterpreterError, match="No such file"):
        open_interpreter(tmp_path / "model.tflite")


def test_the_first_run_writes_nothing_to_stderr(bundle_path, capfd):
    interpreter = open_interpreter(bundle_path / "model.fp32.tflite")
    interpreter.run("encode_8", inputs())
    interpreter.close()
    assert capfd.readouterr().err == ""


def test_errors_of_native_code_are_passed_on(capfd):
    with _without_log_lines():
        os.write(2, b"INFO: hello\nERROR: broken\n")
    assert capfd.readouterr().err == "ERROR: broken\n"
