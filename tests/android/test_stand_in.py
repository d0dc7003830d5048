"""The stand-in for LiteRT's Java library refuses what the real one refuses; else the contract would prove nothing."""

import subprocess

import pytest

from mobile_app.engine.java import java_class
from tests.android.jvm import start_jvm


@pytest.fixture
def model(java, bundle_path):
    file = java_class("java.io.File")(str(bundle_path / "model.fp32.tflite"))
    model = java_class("org.tensorflow.lite.Interpreter")(file, java_class("org.tensorflow.lite.Interpreter$Options")())
    yield model
    model.close()


def buffer(size, order="native"):
    made = java_class("java.nio.ByteBuffer").allocateDirect(size)
    if order == "native":
        made.order(java_class("java.nio.ByteOrder").nativeOrder())
    return made


def mapping(**buffers):
    made = java_class("java.util.HashMap")()
    for name, value in buffers.items():
        made.put(name, value)
    return made


def ids(size=32):
    made = mapping(input_ids=buffer(size), attention_mask=buffer(32))
    for byte in range(0, 32, 4):
        made.get("attention_mask").put(byte, 1)
    return made


def refused(java, message):
    return pytest.raises(java.JavaException, match=message)


def test_a_second_run_without_rewinding_overflows(model, java):
    outputs = mapping(features=buffer(24))
    model.runSignature(ids(), outputs, "encode_8")
    with refused(java, "BufferOverflow"):
        model.runSignature(ids(), outputs, "encode_8")
    outputs.get("features").rewind()
    model.runSignature(ids(), outputs, "encode_8")


@pytest.mark.parametrize("size", [28, 36, 64])
def test_an_input_buffer_must_have_exactly_the_size_of_its_tensor(model, java, size):
    with refused(java, f"with 32 bytes from a Java Buffer with {size} bytes"):
        model.runSignature(ids(size), mapping(features=buffer(24)), "encode_8")


def test_an_output_buffer_may_be_larger_but_not_smaller(model, java):
    model.runSignature(ids(), mapping(features=buffer(40)), "encode_8")
    with refused(java, "with 24 bytes to a Java Buffer with 20 bytes"):
        model.runSignature(ids(), mapping(features=buffer(20)), "encode_8")


def test_only_a_direct_native_buffer_is_read_whatever_its_position(model, java):
    def features(**changed):
        given, outputs = ids(), mapping(features=buffer(24))
        for name, value in changed.items():
            value.position(4)
            given.put(name, value)
        model.runSignature(given, outputs, "encode_8")
        return [outputs.get("features").get(index) for index in range(24)]

    expected = features()
    assert features(input_ids=buffer(32)) == expected
    behind = java_class("java.nio.ByteBuffer").allocate(32)
    behind.put(28, 7)
    assert features(input_ids=behind) != expected


def test_unknown_names_are_refused(model, java):
    with refused(java, "Signature encode_9 not found"):
        model.runSignature(ids(), mapping(features=buffer(24)), "encode_9")
    with refused(java, "output logits not found"):
        model.runSignature(ids(), mapping(logits=buffer(24)), "encode_8")
    with refused(java, "input tokens not found"):
        model.getInputTensorFromSignature("tokens", "encode_8")
    with refused(java, "signatureKey should not be null"):
        model.runSignature(ids(), mapping(features=buffer(24)))


def test_a_closed_interpreter_is_refused(model, java):
    model.close()
    with refused(java, "already been closed"):
        model.getSignatureKeys()


def test_a_model_in_memory_must_be_direct_and_native(java, bundle_path):
    content = (bundle_path / "model.fp32.tflite").read_bytes()
    interpreter = java_class("org.tensorflow.lite.Interpreter")
    foreign, native = buffer(len(content), order="java"), buffer(len(content))
    for made in (foreign, native):
        made.put(content)
    with refused(java, "direct ByteBuffer using"):
        interpreter(foreign)
    assert list(interpreter(native).getSignatureKeys()) == ["encode_16", "encode_8"]


def test_the_classes_lie_as_in_the_real_library(java):
    def declared(name):
        command = ["javap", "-cp", start_jvm(), f"org.tensorflow.lite.{name}"]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        return lines[1].replace("org.tensorflow.lite.", "").removesuffix(" {")

    assert declared("Interpreter") == "public final class Interpreter extends InterpreterImpl implements InterpreterApi"
    assert declared("InterpreterImpl") == "class InterpreterImpl implements InterpreterApi"
    assert declared("TensorImpl") == "final class TensorImpl implements Tensor"
    options = ("Interpreter$Options", "InterpreterImpl$Options", "InterpreterApi$Options")
    assert "extends InterpreterImpl$Options" in declared(options[0])
    assert "extends InterpreterApi$Options" in declared(options[1])
    assert declared(options[2]) == "public class InterpreterApi$Options"
