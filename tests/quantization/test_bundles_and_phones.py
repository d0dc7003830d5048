"""Several bundles side by side, and results of phones beside this machine's."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import DataError
from mobile_app.engine.phone_results import Device, measure
from quantization.phone import merge_phones, sort_phones
from tests.quantization.test_page import Page

TEXTS = ("we won", "stop it", "at six")
DEVICE = Device("Maker One", "Chip 1", "Android 14", {"litert": "1.4.1"})
RECIPE = "dynamic_wi8_afp32"


@pytest.fixture(scope="module")
def renamed(tiny_bundle, tmp_path_factory):
    """Return a copy of the tiny bundle under another name."""
    path = tmp_path_factory.mktemp("bundles") / "second"
    shutil.copytree(tiny_bundle, path)
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    (path / "manifest.json").write_text(json.dumps(manifest | {"name": "second"}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def phone_file(tiny_bundle, tmp_path_factory):
    path = tmp_path_factory.mktemp("phones") / "phone.json"
    path.write_text(measure(Bundle.open(tiny_bundle), RECIPE, TEXTS, 3, device=DEVICE).to_json(), encoding="utf-8")
    return path


def test_two_bundles_stand_side_by_side_with_a_phone_and_a_summary(
    run_compare, tiny_bundle, renamed, phone_file, tmp_path
):
    summary = tmp_path / "summary.md"
    options = ["--recipes", RECIPE, "--phone", str(phone_file), "--markdown", str(summary), "--study", "0"]
    assert run_compare(*options, bundles=[tiny_bundle, renamed]) == 0
    values = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    names = [one["bundle"]["name"] for one in values["bundles"]]
    assert (values["format"], names[1]) == (1, "second")
    assert "phones" in values["bundles"][0]
    page = Page((tmp_path / "report" / "report.html").read_text(encoding="utf-8"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [one["href"].removeprefix("#") for one in page.all("a")]
    assert {"models", "m1-model", "m2-model"} <= set(links) <= set(ids)
    assert "Chip 1" in page.text
    assert summary.read_text(encoding="utf-8").count("### Quantization of") == 2


def test_bundles_of_one_name_cannot_be_told_apart(run_compare, tiny_bundle, capfd):
    assert run_compare(bundles=[tiny_bundle, tiny_bundle]) == 2
    assert "bundles of different names" in capfd.readouterr().err


def test_the_same_machine_as_a_phone_gives_the_same_features(tiny_bundle, phone_file):
    (found,) = merge_phones(Bundle.open(tiny_bundle), [phone_file], ["fp32", RECIPE])
    one = found.recipes[RECIPE]
    assert (found.n_texts, found.device, list(found.recipes)) == (3, DEVICE, [RECIPE])
    assert one.same_features
    assert (one.max_difference, one.equal_labels, one.non_finite) == (0.0, 1.0, 0)
    assert one.min_cosine == pytest.approx(1.0)
    assert (one.latency_ms.n, one.host_latency_ms.n) == (9, 30)


def test_a_difference_on_the_phone_is_measured(tiny_bundle, phone_file, tmp_path):
    results = measure(Bundle.open(tiny_bundle), RECIPE, TEXTS, 1, device=DEVICE)
    recipe = results.recipes[RECIPE]
    moved = recipe.features.copy()
    moved[1, 2] += 0.5
    object.__setattr__(recipe, "features", moved)
    object.__setattr__(recipe, "features_sha256", hashlib.sha256(moved.tobytes()).hexdigest())
    path = tmp_path / "moved.json"
    path.write_text(results.to_json(), encoding="utf-8")
    (found,) = merge_phones(Bundle.open(tiny_bundle), [path], [RECIPE])
    assert not found.recipes[RECIPE].same_features
    assert found.recipes[RECIPE].max_difference == pytest.approx(0.5, abs=1e-6)
    assert found.recipes[RECIPE].min_cosine < 1 - 1e-6
    assert np.isfinite(found.recipes[RECIPE].min_cosine)


def test_results_of_another_model_are_refused_naming_both(tiny_bundle, phone_file, tmp_path):
    values = json.loads(phone_file.read_text(encoding="utf-8"))
    values["recipes"][RECIPE]["model_sha256"] = "0" * 64
    values["bundle"]["name"] = "other"
    path = tmp_path / "other.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    bundle = Bundle.open(tiny_bundle)
    with pytest.raises(DataError, match=rf"phone results of {bundle.manifest.name} .* found those of other"):
        sort_phones([bundle], [path])
    with pytest.raises(DataError, match="phone results of a recipe that is compared"):
        merge_phones(bundle, [phone_file], ["fp32"])


def test_each_bundle_gets_its_own_phones(tiny_bundle, renamed, phone_file):
    # Copies of one model: the first bundle that has it takes the file.
    assert sort_phones([Bundle.open(tiny_bundle), Bundle.open(renamed)], [phone_file]) == [(phone_file,), ()]
