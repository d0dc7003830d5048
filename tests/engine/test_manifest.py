import json

import pytest

from mobile_app.engine.errors import BundleError, UndertoneError
from mobile_app.engine.manifest import Manifest


@pytest.fixture
def values(bundle_path):
    return json.loads((bundle_path / "manifest.json").read_text())


def test_a_manifest_survives_a_round_trip(bundle_path):
    text = (bundle_path / "manifest.json").read_text()
    assert Manifest.from_json(text).to_json() == text


def test_a_task_is_found_by_name(values):
    manifest = Manifest.from_json(json.dumps(values))
    assert manifest.task("topics").thresholds == (0.4, 0.6)
    with pytest.raises(UndertoneError, match=r"a task of this bundle \(emotion, topics\); found 'mood'"):
        manifest.task("mood")


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_text_that_is_no_json_object_is_refused(text):
    with pytest.raises(BundleError, match="JSON"):
        Manifest.from_json(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "expected bundle format 1; found the newer format 2; update Undertone"),
        ({"format": 0}, "format in manifest.json to be the number 1; found 0"),
        ({"format": "1"}, "found '1'"),
        ({"format": True}, "found True"),
        ({"lengths": []}, "lengths in manifest.json to be ascending"),
        ({"lengths": [16, 8]}, "ascending"),
        ({"lengths": [2]}, "at least 3"),
        ({"lengths": 8}, "values of the types of bundle format 1"),
        ({"feature_dimension": 0}, "a positive number; found 0"),
        ({"tasks": []}, "at least one task"),
        ({"default_recipe": "fp64"}, "default_recipe in manifest.json to be one of fp32, fp16; found fp64"),
        ({"recipes": {}}, "default_recipe"),
        ({"files": {}}, "the model file of recipe fp32; found no entry"),
        ({"tokenizer": {}}, "values of the types of bundle format 1"),
        ({"tokenizer": None}, "values of the types of bundle format 1"),
    ],
)
def test_a_wrong_field_is_refused(values, change, message):
    with pytest.raises(BundleError, match=message):
        Manifest.from_json(json.dumps({**values, **change}))


@pytest.mark.parametrize("name", ["../model.tflite", "a/b", "a\\b", ".hidden"])
def test_files_outside_the_folder_are_refused(values, name):
    values["files"][name] = {"sha256": "0", "bytes": 1}
    with pytest.raises(BundleError, match="plain file names"):
        Manifest.from_json(json.dumps(values))


@pytest.mark.parametrize("name", ["name", "tokenizer", "lengths", "files", "training"])
def test_a_missing_field_is_refused(values, name):
    del values[name]
    with pytest.raises(BundleError, match=f"{name} in manifest.json to be a value; found nothing"):
        Manifest.from_json(json.dumps(values))


def test_an_unknown_recipe_is_refused(values):
    values["recipes"]["int8"] = values["recipes"].pop("fp16")
    with pytest.raises(UndertoneError, match="a recipe, one of fp32"):
        Manifest.from_json(json.dumps(values))
