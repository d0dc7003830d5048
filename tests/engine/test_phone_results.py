"""What a phone measures comes back as it was, and a file that was changed on the way is refused."""

import itertools
import json

import numpy as np
import pytest

from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import BundleError, DataError, UndertoneError
from mobile_app.engine.phone_results import Device, PhoneResults, measure, this_device

TEXTS = ("I am happy.", "so very sad")
DEVICE = Device("Maker One", "Chip 1", "Android 14", {"litert": "1.4.1"})


@pytest.fixture(scope="module")
def results(learning_bundle):
    # A clock that ticks one millisecond whenever it is asked.
    ticks = itertools.count()
    return measure(learning_bundle, "fp32", TEXTS, 5, lambda: next(ticks) / 1000, device=DEVICE)


def test_latency_is_what_the_clock_says(results):
    latency = results.recipes["fp32"].latency_ms
    assert (latency.n, latency.includes_tokenizer) == (10, True)
    assert [latency.mean, latency.p50, latency.p95] == pytest.approx([1.0] * 3)
    assert latency.std == pytest.approx(0.0, abs=1e-9)


def test_features_are_the_engine_s_own(results, learning_bundle):
    encoder = Encoder(learning_bundle, "fp32")
    expected = np.stack([encoder.encode(text).features for text in TEXTS])
    np.testing.assert_array_equal(results.recipes["fp32"].features, expected)
    assert results.recipes["fp32"].model_sha256 == learning_bundle.model_hash("fp32")


def test_a_file_brings_every_value_back(results, tmp_path):
    path = tmp_path / "phone.json"
    path.write_text(results.to_json(), encoding="utf-8")
    again = PhoneResults.read(path)
    np.testing.assert_array_equal(again.recipes["fp32"].features, results.recipes["fp32"].features)
    assert (again.device, again.texts, again.bundle) == (DEVICE, TEXTS, results.bundle)
    assert again.to_json() == results.to_json()


def test_recipes_are_joined(results, learning_bundle):
    both = results.joined(measure(learning_bundle, "fp16", TEXTS, 1, device=DEVICE))
    assert list(both.recipes) == ["fp32", "fp16"]
    assert list(json.loads(both.to_json())["recipes"]) == ["fp32", "fp16"]


def test_values_that_are_not_finite_are_counted_and_written_as_null(results, tmp_path):
    values = json.loads(results.to_json())
    values["recipes"]["fp32"]["features"][0][0] = None
    path = tmp_path / "phone.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    assert PhoneResults.read(path).recipes["fp32"].non_finite == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.update(format=2), "found format 2"),
        (lambda values: values.update(kind="report"), "kind report"),
        (lambda values: values.pop("device"), "device"),
        (lambda values: values.update(texts=["one"]), "another number of answers"),
        (lambda values: values.update(recipes={}), "no texts or no recipes"),
        (lambda values: values["recipes"]["fp32"]["features"][0].__setitem__(0, 9.0), "not those of their hash"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(results, tmp_path, change, message):
    values = json.loads(results.to_json())
    change(values)
    path = tmp_path / "phone.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        PhoneResults.read(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        PhoneResults.read(tmp_path / "none.json")


def test_nothing_to_measure_and_unknown_recipes_are_refused(learning_bundle):
    with pytest.raises(UndertoneError, match="at least one text"):
        measure(learning_bundle, "fp32", [], 1)
    with pytest.raises(BundleError, match="a recipe of this bundle"):
        measure(learning_bundle, "static_wi8_ai8", TEXTS, 1)


def test_this_device_says_what_it_is():
    device = this_device()
    assert device.chipset
    assert "numpy" in device.versions
