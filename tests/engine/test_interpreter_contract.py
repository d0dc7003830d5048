"""Every implementation of the interpreter, every promise of the seam: same model file, same expected values."""

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mobile_app.engine.android import AndroidInterpreter
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.golden import self_check
from mobile_app.engine.interpreter import TensorSpec, open_interpreter
from mobile_app.engine.java import prepare_interpreter
from mobile_app.engine.litert import LiteRTInterpreter
from tests.android.jvm import start_jvm
from tests.engine.helpers import LENGTHS, RECIPES, TASKS, WIDTH


@pytest.fixture(params=["litert", "java"])
def implementation(request, monkeypatch):
    """Let ``open_interpreter`` choose this implementation, and return the class that it must choose."""
    if request.param == "litert":
        return LiteRTInterpreter
    start_jvm()
    monkeypatch.setenv("ANDROID_ARGUMENT", "")
    prepare_interpreter()
    return AndroidInterpreter


@pytest.fixture(params=RECIPES)
def model(request, bundle_path):
    return bundle_path / f"model.{request.param}.tflite"


@pytest.fixture
def interpreter(implementation, model):
    interpreter = open_interpreter(model)
    yield interpreter
    interpreter.close()


def inputs(length=8, masked=3):
    mask = np.ones((1, length), np.int32)
    mask[0, length - masked :] = 0
    return {"input_ids": np.arange(length, dtype=np.int32)[None], "attention_mask": mask}


def computed(given):
    """Return what the tiny model computes, from its weights, in NumPy."""
    random = np.random.default_rng(5)
    embedding, dense, emotion, topics = (
        random.normal(size=shape).astype(np.float32)
        for shape in ((29, WIDTH), (WIDTH, WIDTH), *((WIDTH, len(task.labels)) for task in TASKS))
    )
    mask = given["attention_mask"][0]
    mean = (embedding[given["input_ids"][0]] * mask[:, None]).sum(0) / mask.sum()
    features = np.tanh(mean @ dense)
    scores = np.exp(features @ emotion)
    return {
        "features": features[None],
        "emotion": (scores / scores.sum())[None],
        "topics": (1 / (1 + np.exp(-features @ topics)))[None],
    }


def test_the_machine_decides_which_implementation_opens_a_model(implementation, interpreter):
    assert type(interpreter) is implementation


def test_signatures_carry_names_shapes_and_types(interpreter):
    assert set(interpreter.signatures) == {f"encode_{length}" for length in LENGTHS}
    for length in LENGTHS:
        signature = interpreter.signatures[f"encode_{length}"]
        ids = TensorSpec((1, length), np.dtype(np.int32))
        assert signature.inputs == {"input_ids": ids, "attention_mask": ids}
        outputs = {task.name: TensorSpec((1, len(task.labels)), np.dtype(np.float32)) for task in TASKS}
        assert signature.outputs == {"features": TensorSpec((1, WIDTH), np.dtype(np.float32)), **outputs}


@pytest.mark.parametrize("length", LENGTHS)
def test_every_signature_computes_the_model(interpreter, model, length):
    given = inputs(length)
    found, expected = interpreter.run(f"encode_{length}", given), computed(given)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], values, atol=1e-6 if "fp32" in model.name else 5e-3)


def test_inputs_are_bound_by_name(interpreter):
    expected = interpreter.run("encode_8", inputs())["features"]
    swapped = dict(reversed(inputs().items()))
    np.testing.assert_array_equal(interpreter.run("encode_8", swapped)["features"], expected)
    exchanged = {"input_ids": inputs()["attention_mask"], "attention_mask": inputs()["input_ids"]}
    assert not np.allclose(interpreter.run("encode_8", exchanged)["features"], expected)


def test_runs_do_not_depend_on_the_runs_before(interpreter):
    first = {length: interpreter.run(f"encode_{length}", inputs(length)) for length in LENGTHS}
    for length in (8, 8, 16, 8, 16, 16):
        interpreter.run(f"encode_{length}", inputs(length, masked=1))
        again = interpreter.run(f"encode_{length}", inputs(length))
        for name, values in first[length].items():
            np.testing.assert_array_equal(again[name], values)


def test_inputs_may_lie_in_memory_in_any_way(interpreter):
    expected = interpreter.run("encode_8", inputs())["features"]
    apart = {name: np.repeat(array, 2, axis=1)[:, ::2] for name, array in inputs().items()}
    assert not apart["input_ids"].flags.c_contiguous
    np.testing.assert_array_equal(interpreter.run("encode_8", apart)["features"], expected)


def test_inputs_are_left_as_they_were(interpreter):
    given = inputs()
    for array in given.values():
        array.flags.writeable = False
    interpreter.run("encode_8", given)
    np.testing.assert_array_equal(given["input_ids"], inputs()["input_ids"])


def test_outputs_belong_to_the_caller(interpreter):
    first = interpreter.run("encode_8", inputs())
    kept = first["features"].copy()
    interpreter.run("encode_8", inputs(masked=1))
    np.testing.assert_array_equal(first["features"], kept)
    interpreter.close()
    first["features"][:] = 0


def test_two_interpreters_do_not_disturb_each_other(interpreter, model):
    expected = interpreter.run("encode_8", inputs())["features"]
    other = open_interpreter(model)
    other.run("encode_8", inputs(masked=1))
    other.close()
    gc.collect()
    np.testing.assert_array_equal(interpreter.run("encode_8", inputs())["features"], expected)


def test_another_thread_may_open_run_and_close_it(implementation, model):
    def work():
        interpreter = open_interpreter(model, threads=2)
        outputs = interpreter.run("encode_8", inputs())
        interpreter.close()
        return outputs

    with ThreadPoolExecutor(1) as thread:
        outputs = thread.submit(work).result()
    np.testing.assert_allclose(outputs["features"], computed(inputs())["features"], atol=5e-3)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_golden_vectors_of_a_bundle_hold(implementation, bundle_path, recipe):
    result = self_check(Bundle.open(bundle_path), recipe)
    assert result.passed
    assert result.features_max < 1e-6


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


@pytest.mark.parametrize("length", LENGTHS)
def test_ids_outside_the_vocabulary_are_an_error(interpreter, length):
    given = inputs(length)
    given["input_ids"] = np.full((1, length), 10_000, np.int32)
    with pytest.raises(InterpreterError, match=f"to run encode_{length}; found .*gather index out of bounds"):
        interpreter.run(f"encode_{length}", given)
    found = interpreter.run(f"encode_{length}", inputs(length))["features"]
    np.testing.assert_allclose(found, computed(inputs(length))["features"], atol=5e-3)


def test_a_closed_interpreter_is_refused(interpreter):
    interpreter.close()
    interpreter.close()
    with pytest.raises(InterpreterError, match="found a closed one"):
        interpreter.run("encode_8", inputs())


@pytest.mark.parametrize("share", [0.002, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(implementation, model, tmp_path, share):
    content = model.read_bytes()
    path = tmp_path / "model.tflite"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InterpreterError, match=r"a whole TFLite model in .*model\.tflite") as refused:
        open_interpreter(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "found an empty file"), (b"PK\3\4 something else", "found bytes that begin with")]
)
def test_a_foreign_file_is_refused(implementation, tmp_path, content, message):
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(InterpreterError, match=message):
        open_interpreter(path)


def test_a_missing_file_is_refused(implementation, tmp_path):
    with pytest.raises(InterpreterError, match="No such file"):
        open_interpreter(tmp_path / "model.tflite")
