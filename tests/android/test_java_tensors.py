import numpy as np
import pytest

from mobile_app.engine.android import AndroidInterpreter
from mobile_app.engine.errors import InterpreterError
from mobile_app.engine.interpreter import TensorSpec
from mobile_app.engine.java import java_class
from mobile_app.engine.java_tensors import JavaTensors

SPECS = {
    "flags": TensorSpec((3,), np.dtype(np.bool_)),
    "ids": TensorSpec((1, 5), np.dtype(np.int32)),
    "more": TensorSpec((2, 2), np.dtype(np.int64)),
    "values": TensorSpec((1, 3), np.dtype(np.float32)),
}


def tensors(direct):
    buffer = java_class("java.nio.ByteBuffer")
    return JavaTensors(SPECS, buffer.allocateDirect if direct else buffer.allocate)


def arrays(seed):
    random = np.random.default_rng(seed)
    return {name: random.integers(0, 100, spec.shape).astype(spec.dtype) for name, spec in SPECS.items()}


def test_arrays_come_back_as_they_went(java):
    block = tensors(direct=False)
    for seed in (1, 2):
        block.write(arrays(seed))
        found = block.read()
        for name, array in arrays(seed).items():
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)


def test_each_tensor_has_a_native_buffer_of_exactly_its_size(java):
    native = java_class("java.nio.ByteOrder").nativeOrder().toString()
    for direct in (False, True):
        block = tensors(direct)
        block.write(arrays(1))
        for name, array in arrays(1).items():
            buffer = block.by_name.get(name)
            assert (buffer.capacity(), buffer.isDirect()) == (array.nbytes, direct)
            assert (buffer.position(), buffer.order().toString()) == (0, native)
            assert [buffer.get(index) % 256 for index in range(array.nbytes)] == list(array.tobytes())


def test_every_run_uses_the_same_buffers(java, bundle_path, monkeypatch):
    interpreter = AndroidInterpreter(bundle_path / "model.fp32.tflite")
    monkeypatch.setattr(JavaTensors, "__init__", None)
    ids = np.ones((1, 8), np.int32)
    for _ in range(3):
        interpreter.run("encode_8", {"input_ids": ids, "attention_mask": ids})


def test_a_tensor_without_a_fixed_shape_is_refused(java, tmp_path):
    from training.tensorflow import tf

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((1, None), tf.int32, name="input_ids")])
        def encode(self, input_ids):
            return {"features": tf.cast(input_ids, tf.float32)}

    model = Model()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([model.encode.get_concrete_function()], model)
    path = tmp_path / "model.tflite"
    tf.saved_model.save(model, str(tmp_path / "saved"), signatures={"encode": model.encode})
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"))
    path.write_bytes(converter.convert())
    with pytest.raises(InterpreterError, match=r"input_ids to have numbers and a fixed shape; found int32 \[1, -1\]"):
        AndroidInterpreter(path)
