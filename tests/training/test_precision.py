"""Matrix products of training in bfloat16."""

import json
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.errors import UndertoneError
from training.checkpoint import HISTORY_FILE
from training.config import FitConfig
from training.fit import fit
from training.precision import products_in
from training.tensorflow import tf


def has_bfloat16():
    """Whether this processor multiplies bfloat16; what it lacks is computed in float32."""
    flags = Path("/proc/cpuinfo").read_text("utf-8")
    return "avx512_bf16" in flags or "amx_bf16" in flags


@pytest.fixture(scope="module")
def matrices():
    draw = np.random.default_rng(1)
    return [tf.constant(draw.normal(size=(256, 256)).astype(np.float32)) for _ in range(2)]


def test_products_are_rounded_within_the_context_alone(matrices):
    product = tf.function(lambda left, right: tf.nn.relu(tf.matmul(left, right)))
    exact = product(*matrices).numpy()
    with products_in("bfloat16"):
        rounded = product(*matrices).numpy()
    assert rounded.dtype == np.float32
    difference = np.abs(rounded - exact).max() / np.abs(exact).max()
    assert difference < 0.01
    assert (difference > 1e-6) == has_bfloat16()
    np.testing.assert_array_equal(product(*matrices).numpy(), exact)


def test_a_run_learns_what_it_learns_in_float32(tiny_csv, tmp_path):
    runs = {}
    for precision in ("float32", "bfloat16"):
        config = FitConfig(data=str(tiny_csv), epochs=2, learning_rate=1e-3, precision=precision)
        fit(config, tmp_path / precision, baselines=False)
        history = json.loads((tmp_path / precision / HISTORY_FILE).read_text("utf-8"))
        runs[precision] = [epoch["loss"]["total"] for epoch in history]
    np.testing.assert_allclose(runs["bfloat16"], runs["float32"], rtol=0.02)


def test_another_precision_is_refused():
    with pytest.raises(UndertoneError, match="--precision one of float32, bfloat16"):
        FitConfig(data="sample", precision="int8")
