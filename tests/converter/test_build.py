"""Building bundles: what is written, that it is the model, and what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from converter.build import BuildOptions, build
from converter.census import census
from converter.check import check
from converter.proof import Difference, require_close
from mobile_app.engine.batch import pad
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import CheckFailedError, UndertoneError
from mobile_app.engine.recipe import recipe_named
from training.checkpoint import load_run
from training.evaluate import predict

TEXTS = ("we won", "how dare you", "the bus is here", "great cake again!", "x", "so so so so so so so happy today")


def run_file(bundle: Bundle, recipe: str, text: str, length: int) -> dict[str, np.ndarray]:
    tokenizer = bundle.tokenizer()
    ids, mask = pad([tokenizer.encode(text)], length, tokenizer.pad_id)
    interpreter = bundle.open_recipe(recipe)
    return interpreter.run(f"encode_{length}", {"input_ids": ids, "attention_mask": mask})


def test_bundle_holds_what_the_format_names(tiny_bundle: Path) -> None:
    names = {path.name for path in tiny_bundle.iterdir()}
    models = {"model.fp32.tflite", "model.fp16.tflite", "model.dynamic_wi8_afp32.tflite"}
    assert names == models | {
        "manifest.json", "vocab.txt", "labels.emotion.txt", "labels.sentiment.txt", "separators.npz", "golden.json",
    }  # fmt: skip


def test_the_manifest_tells_how_the_model_was_trained_and_of_no_folder(tiny_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(tiny_run, tmp_path / "run")
    values = json.loads((run / "config.json").read_text("utf-8"))
    values["provenance"]["command"] = "python -m training fit --data /home/ada/mine.csv --out runs/mine"
    (run / "config.json").write_text(json.dumps(values), encoding="utf-8")
    build(run, tmp_path / "bundle", BuildOptions(recipes=("fp32",), lengths=(8,)))
    training = Bundle.open(tmp_path / "bundle").manifest.training
    assert training["command"] == "python -m training fit --data mine.csv --out runs/mine"


def test_fp32_equals_keras_and_every_bucket_agrees(tiny_bundle: Path, tiny_run: Path) -> None:
    bundle = Bundle.open(tiny_bundle)
    keras = predict(load_run(tiny_run), TEXTS)
    for row, text in enumerate(TEXTS):
        fitting = [length for length in (8, 16, 32) if length >= len(bundle.tokenizer().encode(text))]
        for length in fitting:
            built = run_file(bundle, "fp32", text, length)
            np.testing.assert_allclose(built["features"][0], keras.features[row], atol=1e-4)
            np.testing.assert_allclose(built["emotion"][0], keras.probabilities["emotion"][row], atol=1e-4)


def test_smaller_recipes_are_smaller_and_close(tiny_bundle: Path) -> None:
    bundle = Bundle.open(tiny_bundle)
    sizes = [bundle.manifest.files[f"model.{name}.tflite"].bytes for name in ("fp32", "fp16", "dynamic_wi8_afp32")]
    assert sizes[0] > 1.7 * sizes[1] > 1.7 * sizes[2]
    for recipe, atol in (("fp16", 1e-2), ("dynamic_wi8_afp32", 0.15)):
        reference, target = run_file(bundle, "fp32", "we won", 8), run_file(bundle, recipe, "we won", 8)
        assert 0 < np.abs(reference["features"] - target["features"]).max() < atol


def test_census_tells_recipes_apart(tiny_bundle: Path) -> None:
    counted = {name: census((tiny_bundle / f"model.{name}.tflite").read_bytes())
               for name in ("fp32", "fp16", "dynamic_wi8_afp32")}  # fmt: skip
    most = {name: max(found["weight_bytes"], key=found["weight_bytes"].get) for name, found in counted.items()}
    assert most == {"fp32": "float32", "fp16": "float16", "dynamic_wi8_afp32": "int8"}
    assert all(not found["flex_ops"] and found["dynamic_tensors"] == 0 for found in counted.values())


def test_check_passes_a_fresh_bundle(tiny_bundle: Path) -> None:
    assert [finding.text for finding in check(tiny_bundle) if not finding.passed] == []


def test_check_finds_a_recipe_that_is_not_what_its_name_says(tiny_bundle: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(tiny_bundle, forged)
    shutil.copyfile(forged / "model.fp32.tflite", forged / "model.dynamic_wi8_afp32.tflite")
    manifest = json.loads((forged / "manifest.json").read_text())
    manifest["files"]["model.dynamic_wi8_afp32.tflite"] = manifest["files"]["model.fp32.tflite"]
    (forged / "manifest.json").write_text(json.dumps(manifest))
    failed = [finding.text for finding in check(forged) if not finding.passed]
    assert any("is not dynamic_wi8_afp32" in text for text in failed)
    assert any("byte for byte" in text for text in failed)


def test_a_file_far_from_keras_is_refused() -> None:
    with pytest.raises(CheckFailedError, match=r"FP32 within 0\.0001 of Keras"):
        require_close(recipe_named("fp32"), Difference(0.01, 1e-6, 1.0, 10))
    with pytest.raises(CheckFailedError, match="nothing was written"):
        require_close(recipe_named("dynamic_wi8_afp32"), Difference(float("inf"), float("inf"), -1.0, 10))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"recipes": ("fp16",)}, "expected fp32 among the recipes"),
        ({"recipes": ("fp32", "int8")}, "expected a recipe, one of"),
        ({"recipes": ("fp32", "mixed")}, "--mixed FILE exactly when mixed"),
        ({"lengths": (16, 8)}, "ascending lengths"),
        ({"lengths": ()}, "ascending lengths"),
    ],
)
def test_contradictory_options_are_refused(options: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(UndertoneError, match=message):
        BuildOptions(**options)


def test_longest_bucket_must_fit_the_backbone(tiny_run: Path, tmp_path: Path) -> None:
    with pytest.raises(UndertoneError, match="choose shorter --lengths"):
        build(tiny_run, tmp_path / "bundle", BuildOptions(recipes=("fp32",), lengths=(8, 4096)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_run_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UndertoneError, match="training fit"):
        build(tmp_path / "empty", tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_an_existing_bundle_is_kept_unless_overwritten(tiny_run: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    with pytest.raises(UndertoneError, match="--overwrite"):
        build(tiny_run, tmp_path / "bundle")
