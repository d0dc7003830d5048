import shutil

import numpy as np
import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError
from mobile_app.engine.files import sha256_of
from tests.engine.helpers import PIECES, TASKS, changed_bundle, rehash


@pytest.fixture
def copy(bundle_path, tmp_path):
    """Return a copy that a test may break."""
    return shutil.copytree(bundle_path, tmp_path / "copy")


def test_a_bundle_opens_with_everything_in_it(bundle_path):
    bundle = Bundle.open(bundle_path)
    assert bundle.tokenizer().pieces == PIECES
    assert bundle.manifest.tasks == TASKS
    assert bundle.base_separators()["emotion"]["softmax"]["weights"].shape == (6, 3)
    assert bundle.golden().texts[0] == "I am happy."
    assert bundle.model_hash("fp16") == sha256_of(bundle_path / "model.fp16.tflite")
    interpreter = bundle.open_recipe()
    assert "encode_8" in interpreter.signatures
    interpreter.close()


@pytest.mark.parametrize(
    "name", ["model.fp16.tflite", "vocab.txt", "labels.emotion.txt", "separators.npz", "golden.json"]
)
def test_one_flipped_bit_is_found(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(bytes(content))
    with pytest.raises(BundleError, match=rf"{name} with sha256 .*build or copy the bundle again"):
        Bundle.open(copy)


def test_a_changed_model_is_found_when_it_is_opened_if_not_before(copy):
    path = copy / "model.fp16.tflite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    bundle = Bundle.open(copy, verify_models=False)
    bundle.open_recipe("fp32").close()
    with pytest.raises(BundleError, match=r"model\.fp16\.tflite with sha256 "):
        bundle.open_recipe("fp16")


def test_a_truncated_file_is_found(copy):
    path = copy / "model.fp32.tflite"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match=r"bytes in .*model\.fp32\.tflite; found"):
        Bundle.open(copy)


def test_a_missing_file_is_found(copy):
    (copy / "separators.npz").unlink()
    with pytest.raises(BundleError, match=r"the file .*separators\.npz; found No such file"):
        Bundle.open(copy)


def test_a_folder_in_the_place_of_a_file_is_found(copy):
    (copy / "golden.json").unlink()
    (copy / "golden.json").mkdir()
    with pytest.raises(BundleError, match=r"golden\.json"):
        Bundle.open(copy)


def test_a_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"a bundle with manifest\.json; found no "):
        Bundle.open(tmp_path)


def test_a_manifest_that_is_no_utf8_is_refused(copy):
    (copy / "manifest.json").write_bytes(b'{"format": 1, "name": "\xff"}')
    with pytest.raises(BundleError, match=r"UTF-8 in .*manifest\.json"):
        Bundle.open(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(format=2), r"the newer format 2; update Undertone"),
        (lambda m: m["tokenizer"].update(vocabulary_sha256="0" * 64), r"trained with \(sha256 000000000000"),
        (lambda m: m["tokenizer"].update(vocabulary="pieces.txt"), r"pieces\.txt among the files"),
        (lambda m: m["files"].pop("labels.topics.txt"), r"labels\.topics\.txt among the files"),
        (lambda m: m["tasks"][0]["labels"].reverse(), r"the labels neutral, sadness, joy in .*found joy, sadness"),
    ],
)
def test_a_manifest_that_does_not_fit_its_files_is_refused(bundle_path, tmp_path, change, message):
    with pytest.raises(BundleError, match=message):
        Bundle.open(changed_bundle(bundle_path, tmp_path / "copy", change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(feature_dimension=7), r"features float32 \[1, 7\].*found .*features float32 \[1, 6\]"),
        (
            lambda m: m.update(lengths=[8, 16, 32]),
            r"a signature encode_32 in .*found encode_16, encode_8|encode_8, enc",
        ),
    ],
)
def test_a_model_that_does_not_fit_the_manifest_is_refused(bundle_path, tmp_path, change, message):
    bundle = Bundle.open(changed_bundle(bundle_path, tmp_path / "copy", change))
    with pytest.raises(BundleError, match=message):
        bundle.open_recipe("fp32")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["tokenizer"].update(vocabulary_size=7), r"7 pieces with special ids"),
        (lambda m: m["tokenizer"]["special_ids"].update(cls=9), r"'cls': 9.*found \d+ pieces with .*'cls': 2"),
        (lambda m: m["tokenizer"].update(type="sentence"), r"of type wordpiece, .*; found 'sentence'; update"),
    ],
)
def test_a_tokenizer_that_does_not_fit_the_manifest_is_refused(bundle_path, tmp_path, change, message):
    bundle = Bundle.open(changed_bundle(bundle_path, tmp_path / "copy", change))
    with pytest.raises(BundleError, match=message):
        bundle.tokenizer()


def test_an_unknown_recipe_is_refused(bundle_path):
    with pytest.raises(BundleError, match=r"a recipe of this bundle \(fp32, fp16\); found 'int8'"):
        Bundle.open(bundle_path).open_recipe("int8")


def test_pickled_arrays_are_refused(copy):
    np.savez(copy / "separators.npz", **{"emotion.softmax.weights": np.array([{"a": 1}], object)})
    rehash(copy, "separators.npz")
    with pytest.raises(BundleError, match=r"plain arrays named task\.kind\.array"):
        Bundle.open(copy).base_separators()


def test_arrays_of_other_names_are_refused(copy):
    np.savez(copy / "separators.npz", weights=np.ones(3))
    rehash(copy, "separators.npz")
    with pytest.raises(BundleError, match=r"plain arrays named task\.kind\.array"):
        Bundle.open(copy).base_separators()
