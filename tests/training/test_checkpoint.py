"""Run folders that come back, and those that are refused."""

import json
import shutil
from pathlib import Path

import pytest

from mobile_app.engine.errors import UndertoneError
from training.checkpoint import is_run, load_run
from training.evaluate import predict_features, predict_proba


@pytest.fixture
def copy(tiny_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_run, tmp_path / "copy"))


def test_a_run_comes_back_whole(tiny_run):
    run = load_run(tiny_run)
    assert [task.name for task in run.tasks] == ["emotion", "sentiment"]
    assert run.feature_dimension == 128
    assert run.tokenizer_spec.special_ids == {"pad": 0, "unk": 1, "cls": 2, "sep": 3, "mask": 4}
    assert run.metrics["test"]["emotion"]["n"] == 18
    assert predict_features(run, ["at six"]).shape == (1, 128)
    assert predict_proba(run, ["at six"])["emotion"].sum() == pytest.approx(1.0, abs=1e-6)


def test_two_loads_of_a_run_are_the_same_model(tiny_run):
    first, second = (predict_features(load_run(tiny_run), ["we won", "shut up"]) for _ in range(2))
    assert (first == second).all()


def test_it_is_told_from_other_folders(tiny_run, tmp_path):
    assert is_run(tiny_run)
    assert not is_run(tmp_path)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UndertoneError, match=r"expected a run folder with config.json in .*written by training fit"):
        load_run(tmp_path)


def test_a_newer_format_is_refused(copy):
    values = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(values | {"format": 2}))
    with pytest.raises(UndertoneError, match="expected a run of format 1; found the newer format 2; update Undertone"):
        load_run(copy)


def test_a_config_of_something_else_is_refused(copy):
    (copy / "config.json").write_text("[]")
    with pytest.raises(UndertoneError, match=r"expected a run of format 1 in .*; found another config.json"):
        load_run(copy)


def test_a_changed_vocabulary_is_refused(copy):
    path = copy / "tokenizer" / "vocab.txt"
    path.write_bytes(path.read_bytes() + b"more\n")
    with pytest.raises(UndertoneError, match=r"expected the vocabulary with hash [0-9a-f]{12} in .*; found hash"):
        load_run(copy)


def test_truncated_weights_are_refused(copy):
    path = copy / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UndertoneError, match=r"expected weights in .*weights.safetensors"):
        load_run(copy)
