"""Cross-validation: folds that keep groups together, and a real one of small models."""

import json
from collections import Counter

import pytest

from mobile_app.engine.errors import DataError, UndertoneError
from training.config import FitConfig
from training.crossvalidate import RESULTS_FILE, crossvalidate, folds_of
from training.datasets import load
from training.datasets.splitting import text_key

from .test_cli import call


def test_every_utterance_of_train_and_dev_is_tested_once_and_test_takes_no_part(tiny_csv):
    dataset = load(str(tiny_csv))
    folds = folds_of(dataset, 4, by="text", seed=1)
    tested = Counter(one.text for fold in folds for one in fold.split("test"))
    assert tested == Counter(one.text for one in dataset.utterances if one.split != "test")
    for fold in folds:
        keys = [{text_key(one.text) for one in fold.split(split)} for split in ("train", "dev", "test")]
        assert not keys[0] & keys[1]
        assert not keys[0] & keys[2]
        assert not keys[1] & keys[2]
        # 30 of each emotion in 4 folds of equal labels.
        assert all(count >= 5 for count in fold.label_counts("emotion", "test").values())


def test_dialogues_are_kept_together(tiny_csv):
    for fold in folds_of(load(str(tiny_csv)), 3, by="dialogue", seed=1):
        places = {}
        for one in fold.utterances:
            places.setdefault(one.dialogue, set()).add(one.split)
        assert all(len(splits) == 1 for splits in places.values())


@pytest.mark.parametrize(
    ("folds", "by", "error", "message"),
    [
        (2, "text", UndertoneError, "--folds of at least 3"),
        (3, "speaker", DataError, "at least 3 speakers in tiny.csv; found 2"),
    ],
)
def test_folds_that_cannot_be_are_refused(tiny_csv, folds, by, error, message):
    with pytest.raises(error, match=message):
        folds_of(load(str(tiny_csv)), folds, by=by, seed=1)


def test_a_cross_validation_is_continued_and_refuses_other_choices(tiny_csv, tmp_path, capsys):
    words = [
        "fit",
        "--data",
        tiny_csv,
        "--backbone",
        "cnn",
        "--epochs",
        1,
        "--batch-size",
        16,
        "--out",
        tmp_path / "cv",
    ]
    assert call(*words, "--folds", 3, "--json") == 0
    results = json.loads(capsys.readouterr().out)
    assert results == json.loads((tmp_path / "cv" / RESULTS_FILE).read_text())
    assert len(results["folds"]) == 3
    scores = [fold["emotion"]["weighted_f1"] for fold in results["folds"]]
    assert results["tasks"]["emotion"]["weighted_f1"]["mean"] == pytest.approx(sum(scores) / 3)

    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cv").glob("fold-*/weights.safetensors")}
    assert call(*words, "--folds", 3) == 0
    assert "emotion" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in before} == before
    with pytest.raises(UndertoneError, match="other choices or data"):
        crossvalidate(FitConfig(data=str(tiny_csv), epochs=2), tmp_path / "cv", folds=3)
