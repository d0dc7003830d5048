import json
import shutil

import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError
from mobile_app.engine.golden import Golden, self_check
from tests.engine.helpers import RECIPES, rehash


@pytest.fixture
def changed(bundle_path, tmp_path):
    """Return a function that changes golden.json of a copy and opens it."""

    def change(edit):
        copy = shutil.copytree(bundle_path, tmp_path / "copy")
        values = json.loads((copy / "golden.json").read_text())
        edit(values)
        (copy / "golden.json").write_text(json.dumps(values))
        rehash(copy, "golden.json")
        return Bundle.open(copy)

    return change


@pytest.mark.parametrize("recipe", RECIPES)
def test_an_untouched_bundle_passes(bundle_path, recipe):
    result = self_check(Bundle.open(bundle_path), recipe)
    assert result.passed, result.summary
    assert (result.equal_ids, result.equal_labels, result.non_finite) == (3, 1.0, 0)
    assert result.features_cosine > 0.999999


def test_other_token_ids_fail(changed):
    bundle = changed(lambda values: values["input_ids"][1].append(5))
    result = self_check(bundle, "fp32")
    assert not result.passed
    assert "token ids equal for 2 of 3 texts" in result.summary


def test_a_feature_beyond_the_tolerance_fails(changed):
    def edit(values):
        values["recipes"]["fp32"]["features"][0][0] += 0.01

    bundle = changed(edit)
    assert not self_check(bundle, "fp32").passed
    assert self_check(bundle, "fp16").passed


def test_another_label_fails(changed):
    def edit(values):
        values["recipes"]["fp32"]["probabilities"]["topics"][0].reverse()

    result = self_check(changed(edit), "fp32")
    assert result.equal_labels == pytest.approx(5 / 6)
    assert not result.passed


def test_a_recipe_without_vectors_is_refused(changed):
    with pytest.raises(BundleError, match="no vectors of recipe fp16"):
        self_check(changed(lambda values: values["recipes"].pop("fp16")), "fp16")


def test_vectors_of_another_width_are_refused(changed):
    def edit(values):
        values["recipes"]["fp32"]["features"] = [[1.0], [2.0], [3.0]]

    with pytest.raises(BundleError, match="arrays of shapes"):
        self_check(changed(edit), "fp32")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"texts": ["a"], "input_ids": []}', "KeyError"),
        ('{"texts": ["a"], "input_ids": [], "recipes": {}}', "1 texts with .0. answers"),
    ],
)
def test_a_file_of_another_layout_is_refused(text, message):
    with pytest.raises(BundleError, match=message):
        Golden.from_json(text)
