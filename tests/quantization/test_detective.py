"""The detective on a real collapse: static INT8 with the mask's sentinel in its range, and what fixing it does."""

import numpy as np
import pytest

from benchmarks.mask_sentinel import with_sentinel
from mobile_app.engine.batch import pad
from mobile_app.engine.bundle import Bundle
from quantization.collapse import entropy, signs
from quantization.detective import MASK, OVERFLOW, REMEDIES, SATURATED, SOFTMAX, UNKNOWN, describe, find_culprit
from quantization.feature_error import Cosine, FeatureError
from quantization.graph import Graph, Operator, layer_of
from quantization.inside import look_inside
from quantization.layers import HIGHEST_SQNR, LayerError, LayerView, align, view_layers
from quantization.tensor_trace import TensorTrace
from tests.conftest import tiny_rows
from tests.quantization.reports import task_report

KEY = "encode_16"


@pytest.fixture(scope="module")
def encoded(tiny_bundle):
    """Return a function from length bucket to inputs."""
    tokenizer = Bundle.open(tiny_bundle).tokenizer()

    def encode(length):
        batches = [pad([tokenizer.encode(row["text"])[:length]], length, tokenizer.pad_id) for row in tiny_rows()[::18]]
        return [{"input_ids": ids, "attention_mask": mask} for ids, mask in batches]

    return encode


@pytest.fixture(scope="module")
def inputs(encoded):
    return encoded(16)


@pytest.fixture(scope="module")
def quantized(tiny_bundle, encoded, tmp_path_factory):
    """Return a function from sentinel (and an operator kept in float) to the FP32 and the full-integer file."""
    from ai_edge_quantizer import quantizer, recipe

    folder = tmp_path_factory.mktemp("static")
    fp32 = (tiny_bundle / "model.fp32.tflite").read_bytes()
    # The signatures share their weights, so all must be calibrated.
    calibration = {f"encode_{length}": encoded(length) for length in Bundle.open(tiny_bundle).manifest.lengths}

    def make(sentinel, in_float=None):
        before, after = (folder / f"{name}{sentinel}{in_float}.tflite" for name in ("fp32", "static"))
        before.write_bytes(with_sentinel(fp32, sentinel))
        maker = quantizer.Quantizer(str(before))
        maker.load_quantization_recipe(recipe.static_wi8_ai8())
        if in_float:
            maker.update_quantization_recipe(regex=".*", operation_name=in_float, algorithm_key="no_quantize")
        after.write_bytes(bytes(maker.quantize(maker.calibrate(calibration)).quantized_model))
        return before, after

    return make


def view(paths, inputs):
    return view_layers(*(TensorTrace(path, KEY) for path in paths), inputs)


def error_of(found, name):
    return next(one for one in found.computed() if one.operator == name)


def test_the_mask_is_named_and_bounding_it_alone_recovers(quantized, inputs):
    naive = view(quantized(-10000.0), inputs)
    culprit = find_culprit(naive)
    assert culprit.cause == MASK
    assert (culprit.at.layer, culprit.at.operator) == ("layer 1 attention", "ADD")
    assert (culprit.first_bad.layer, culprit.first_bad.operator) == ("layer 1 attention", "SOFTMAX")
    assert culprit.at.step == pytest.approx(10000 / 255, rel=0.01)
    assert "bound the additive attention mask" in describe(culprit, "INT8")

    # The same recipe and calibration, and only the named cause removed.
    fixed = view(quantized(-20.0), inputs)
    assert find_culprit(fixed) is None
    assert error_of(naive, "SOFTMAX").cosine < 0.8
    assert error_of(fixed, "SOFTMAX").cosine > 0.99

    # Removing something else, the operator where the damage shows, does not.
    other = view(quantized(-10000.0, "SOFTMAX"), inputs)
    assert find_culprit(other).cause == MASK
    assert error_of(other, "SOFTMAX").cosine < 0.8


def test_a_healthy_recipe_has_no_culprit_and_every_tensor_aligned(tiny_bundle):
    texts = [row["text"] for row in tiny_rows()]
    found = look_inside(Bundle.open(tiny_bundle), ["fp32", "fp16", "dynamic_wi8_afp32"], "fp32", texts)
    assert found.culprits == {}
    assert set(found.layers) == {"fp16", "dynamic_wi8_afp32"}
    assert (found.conditions.utterances, found.conditions.length) == (8, 8)
    errors = {name: float(np.median([one.mse for one in layers])) for name, layers in found.layers.items()}
    assert 0 < errors["fp16"] < errors["dynamic_wi8_afp32"]
    assert all(one.non_finite == 0 for layers in found.layers.values() for one in layers)


def test_a_model_against_itself_has_no_error(tiny_bundle, inputs):
    path = tiny_bundle / "model.fp32.tflite"
    found = view((path, path), inputs)
    assert len(found.errors) == len(found.graph.producers)
    assert {one.sqnr_db for one in found.errors.values()} == {HIGHEST_SQNR}
    assert {one.mse for one in found.errors.values()} == {0.0}


def chain(*kinds):
    """Return a graph of operators in a row: tensor 0 is the input, operator i computes tensor i + 1."""
    names = tuple(f"t{place}" for place in range(len(kinds) + 1))
    return Graph(0, names, tuple(Operator(kind, (i,), (i + 1,)) for i, kind in enumerate(kinds)), {0: "input_ids"})


def layer(name, operator, **changes):
    values = {"sqnr_db": 40.0, "cosine": 1.0, "mse": 1e-4, "low": -1.0, "high": 1.0, "std": 1.0} | changes
    return LayerError(name, "layer 1 attention", operator, **values)


def test_infinite_values_beyond_float16_are_an_overflow():
    graph = chain("FULLY_CONNECTED", "GELU")
    errors = {1: layer("t1", "FULLY_CONNECTED"), 2: layer("t2", "GELU", high=1e5, non_finite=3)}
    assert find_culprit(LayerView(graph, errors)).cause == OVERFLOW
    errors[2] = layer("t2", "GELU", high=10.0, non_finite=3)
    found = find_culprit(LayerView(graph, errors))
    assert (found.cause, found.remedy) == (UNKNOWN, REMEDIES[UNKNOWN])


def test_a_bad_tensor_that_reaches_the_output_counts_and_one_that_heals_does_not():
    graph = chain("FULLY_CONNECTED", "GELU", "FULLY_CONNECTED")
    bad = layer("t2", "GELU", cosine=0.2, sqnr_db=0.0)
    errors = {1: layer("t1", "FULLY_CONNECTED"), 2: bad, 3: layer("t3", "FULLY_CONNECTED", cosine=0.3, sqnr_db=1.0)}
    assert find_culprit(LayerView(graph, errors)).first_bad is bad
    errors[3] = layer("t3", "FULLY_CONNECTED")
    assert find_culprit(LayerView(graph, errors)) is None


def test_an_error_is_followed_to_the_tensor_that_rounds_it():
    graph = chain("MUL", "SOFTMAX", "BATCH_MATMUL")
    scores = layer("t1", "MUL", sqnr_db=30.0, mse=0.02, step=0.5, std=7.0)
    # Neither step explains the error beside it: 0.004^2 / 12 and 0.02^2 / 12 are far smaller.
    soft = layer("t2", "SOFTMAX", sqnr_db=8.0, mse=1e-3, step=0.004, std=0.1, cosine=0.93)
    bad = layer("t3", "BATCH_MATMUL", sqnr_db=2.0, mse=0.02, step=0.02, std=0.2, cosine=0.7)
    found = find_culprit(LayerView(graph, {1: scores, 2: soft, 3: bad}))
    assert (found.first_bad, found.at, found.cause) == (bad, scores, SOFTMAX)
    assert "one step of 0.5 in the scores of a softmax is a factor of 1.65" in found.because


def test_values_beyond_what_a_tensor_can_hold_are_saturated():
    tokens = layer("t1", "SUM", sqnr_db=5.9, mse=77.0, low=4.0, high=32.0, std=8.0, step=0.04, limits=(0.0, 10.8))
    mean = layer("t2", "DIV", sqnr_db=2.0, cosine=0.8, mse=1.0, step=0.01, limits=(-1.0, 1.6))
    found = find_culprit(LayerView(chain("SUM", "DIV"), {1: tokens, 2: mean}))
    assert (found.at, found.cause) == (tokens, SATURATED)
    assert "calibrated from 0 to 10.8: values from 4 to 32" in found.because


def test_of_two_independent_faults_the_one_that_spoils_more_counts():
    names = tuple(f"t{place}" for place in range(5))
    operators = (Operator("SUM", (0,), (1,)), *(Operator("GELU", (i,), (i + 1,)) for i in (2, 3)))
    graph = Graph(0, names, (operators[0], Operator("MUL", (0,), (2,)), *operators[1:]), {0: "input_ids"})
    bad = {"cosine": 0.5, "sqnr_db": 1.0}
    errors = {1: layer("t1", "SUM", **bad), 2: layer("t2", "MUL", **bad)}
    errors |= {i: layer(f"t{i}", "GELU", **bad) for i in (3, 4)}
    assert find_culprit(LayerView(graph, errors)).first_bad is errors[2]


def test_an_input_that_is_far_better_than_the_output_is_not_blamed():
    mask = layer("t1", "SUB", sqnr_db=140.0, mse=1e-15)
    found = find_culprit(LayerView(chain("SUB", "SUM"), {1: mask, 2: layer("t2", "SUM", sqnr_db=1.0, cosine=0.5)}))
    assert found.at.name == "t2"


def test_tensors_are_aligned_by_name_and_else_by_position():
    one = Graph(0, ("x", "a", "b"), (Operator("GATHER", (0,), (1,)), Operator("GELU", (1,), (2,))), {})
    other = Graph(
        0,
        ("x", "q", "a", "other"),
        (Operator("QUANTIZE", (0,), (1,)), Operator("GATHER", (1,), (2,)), Operator("GELU", (2,), (3,))),
        {},
    )
    assert align(one, other) == {1: 2, 2: 3}


@pytest.mark.parametrize(
    ("name", "layer_name"),
    [
        ("a;bert/encoder/layer_._3/attention/self/Softmax1", "layer 4 attention"),
        ("bert/encoder/layer_._0/output/LayerNorm/moments/mean", "layer 1 feed-forward output LayerNorm"),
        ("bert/embeddings/Gather", "embeddings"),
        ("StatefulPartitionedCall:0", "outside the layers"),
    ],
)
def test_names_say_where_a_tensor_is(name, layer_name):
    assert layer_of(name) == layer_name


def found_signs(task=None, **changes):
    values = {"non_finite": 0, "cosine": Cosine(0.99, 0.9), "dead": 0, "dimension": 100} | changes
    before = task_report(predicted={"joy": 500, "anger": 500})
    return signs({"emotion": task or before}, {"emotion": before}, **values)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"non_finite": 7}, "7 features or probabilities are NaN or infinite"),
        ({"cosine": Cosine(0.27, 0.1)}, "mean cosine 0.270"),
        ({"dead": 11}, "11 of 100 features are constant"),
        ({"task": task_report(predicted={"joy": 1000, "anger": 0})}, "every emotion is “joy”"),
        ({"task": task_report(predicted={"joy": 990, "anger": 10})}, "0.08 bits in its labels, 1.00 in the reference"),
    ],
)
def test_each_sign_of_a_collapse_is_named(changes, words):
    (sign,) = found_signs(**changes)
    assert words in sign


def test_a_healthy_recipe_has_no_signs():
    assert found_signs() == []
    assert entropy({}) == 0


def test_features_that_stopped_varying_are_dead():
    errors = FeatureError(3)
    random = np.random.default_rng(0)
    for _ in range(50):
        one = random.normal(size=3)
        errors.add(one, np.array([one[0], 5.0, one[2] + 3.0]), 8)
    assert errors.dead_features() == [1]
    again = FeatureError.from_arrays(errors.to_arrays())
    assert (again.dead_features(), again.mean_by_feature()) == ([1], errors.mean_by_feature())
