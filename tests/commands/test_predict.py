import json
import shutil
from contextlib import closing

import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from tests.commands.helpers import assert_refused, mobile_app
from tests.engine.helpers import changed_bundle, rehash


def test_json_lines_hold_what_the_engine_says(bundle_path):
    texts = ["I am happy.", "Ça va 😭?", "very " * 30]
    done = mobile_app("predict", "--bundle", bundle_path, "--json", *texts)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    with closing(Encoder(Bundle.open(bundle_path))) as encoder:
        for row, text in zip(rows, texts, strict=True):
            encoding = encoder.encode(text)
            assert list(row) == ["text", "n_tokens", "truncated", "length_bucket", "tasks"]
            assert (row["text"], row["n_tokens"], row["truncated"]) == (text, encoding.n_tokens, encoding.truncated)
            found = row["tasks"]["emotion"]
            assert list(found["probabilities"].values()) == pytest.approx(encoding.probabilities["emotion"].tolist())
            assert found["label"] == max(found["probabilities"], key=found["probabilities"].get)
            assert isinstance(row["tasks"]["topics"]["label"], list)


def test_features_are_added_on_request(bundle_path):
    done = mobile_app("predict", "--bundle", bundle_path, "--recipe", "fp16", "--json", "--features", "sad")
    assert len(json.loads(done.stdout)["features"]) == 6


def test_options_before_the_command_count_too(bundle_path):
    before = mobile_app("--bundle", bundle_path, "--recipe", "fp16", "predict", "--json", "so sad")
    after = mobile_app("predict", "--bundle", bundle_path, "--recipe", "fp16", "--json", "so sad")
    assert before.stdout == after.stdout != mobile_app("predict", "--bundle", bundle_path, "--json", "so sad").stdout


def test_readable_lines_name_text_and_labels(bundle_path):
    done = mobile_app("predict", "--bundle", bundle_path, "I am happy.", "you\nare  sad")
    first, second = done.stdout.splitlines()
    assert first.startswith("I am happy.  ") and "emotion: " in first and "topics: " in first
    assert second.startswith("you are sad  ")
    assert first.index("emotion") == second.index("emotion")


def test_blank_lines_of_stdin_are_skipped_and_line_ends_do_not_count(bundle_path):
    done = mobile_app("predict", "--bundle", bundle_path, "--json", stdin="I am\r\n\n   \nsad")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["I am", "sad"]


def test_an_empty_argument_is_predicted(bundle_path):
    done = mobile_app("predict", "--bundle", bundle_path, "--json", "")
    assert json.loads(done.stdout)["n_tokens"] == 2


def test_bytes_that_are_no_utf8_are_refused_with_their_line(bundle_path):
    done = mobile_app("predict", "--bundle", bundle_path, "--json", stdin=b"fine\nca\xe9\n")
    assert_refused(done, "expected UTF-8 on stdin", "byte 0xE9 at position 3 of line 2", "iconv")
    assert json.loads(done.stdout)["text"] == "fine"


def test_features_without_json_are_refused(bundle_path):
    assert_refused(mobile_app("predict", "--bundle", bundle_path, "--features", "a"), "add --json")


def test_an_unknown_recipe_is_refused(bundle_path):
    done = mobile_app("predict", "--bundle", bundle_path, "--recipe", "int8", "a")
    assert_refused(done, "a recipe of this bundle (fp32, fp16)", "'int8'")


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    assert_refused(mobile_app("predict", "--bundle", tmp_path, "a"), "manifest.json", str(tmp_path))


def test_a_newer_format_is_refused(bundle_path, tmp_path):
    bundle = changed_bundle(bundle_path, tmp_path / "copy", lambda values: values.update(format=2))
    assert_refused(mobile_app("predict", "--bundle", bundle, "a"), "newer format 2", "update Undertone")


def test_a_vocabulary_of_another_hash_is_refused(bundle_path, tmp_path):
    bundle = shutil.copytree(bundle_path, tmp_path / "copy")
    (bundle / "vocab.txt").write_text((bundle / "vocab.txt").read_text().replace("happy", "hippo"))
    rehash(bundle, "vocab.txt")
    assert_refused(mobile_app("predict", "--bundle", bundle, "a"), "the vocabulary that the model was trained with")


def test_a_missing_file_is_refused(bundle_path, tmp_path):
    bundle = shutil.copytree(bundle_path, tmp_path / "copy")
    (bundle / "labels.topics.txt").unlink()
    assert_refused(
        mobile_app("predict", "--bundle", bundle, "a"), "labels.topics.txt", "build or copy the bundle again"
    )


def test_one_flipped_byte_is_refused(bundle_path, tmp_path):
    bundle = shutil.copytree(bundle_path, tmp_path / "copy")
    content = bytearray((bundle / "model.fp16.tflite").read_bytes())
    content[len(content) // 3] ^= 0xFF
    (bundle / "model.fp16.tflite").write_bytes(bytes(content))
    assert_refused(mobile_app("predict", "--bundle", bundle, "--recipe", "fp16", "a"), "model.fp16.tflite with sha256")


@pytest.mark.parametrize("in_manifest", [False, True], ids=["size differs", "size and hash agree"])
def test_a_truncated_model_is_refused(bundle_path, tmp_path, in_manifest):
    bundle = shutil.copytree(bundle_path, tmp_path / "copy")
    model = bundle / "model.fp32.tflite"
    model.write_bytes(model.read_bytes()[: model.stat().st_size // 2])
    if in_manifest:
        rehash(bundle, model.name)
    assert_refused(mobile_app("predict", "--bundle", bundle, "a"), "model.fp32.tflite", "again")


def test_no_bundle_at_all_names_the_remedy(tmp_path):
    from mobile_app.commands.arguments import SHIPPED_BUNDLE

    done = mobile_app("predict", "I am happy.")
    if SHIPPED_BUNDLE.is_dir():
        assert done.returncode == 0
    else:
        assert_refused(done, "make demo", "--bundle build/demo/bundle")
