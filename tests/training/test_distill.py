"""Distillation: a tiny real teacher, a tinier student."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from training.checkpoint import load_run
from training.config import FitConfig
from training.distill import distill
from training.distill_config import DistillConfig
from training.evaluate import predict
from training.fit import fit


def choices(teacher: Path, data: Path, **changed: object) -> DistillConfig:
    small = {"layers": (1,), "vocabulary": 240, "embedding": 32, "features": 24, "positions": 16, "max_length": 16}
    fast = {"epochs": 3, "batch_size": 8, "learning_rate": 2e-3}
    return DistillConfig(teacher=str(teacher), data=str(data), **{**small, **fast, **changed})


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path, tiny_csv: Path) -> Path:
    path = tmp_path_factory.mktemp("students") / "student"
    distill(choices(tiny_run, tiny_csv), path)
    return path


def test_the_student_is_an_ordinary_run(student, tiny_run):
    run = load_run(student)
    assert run.feature_dimension == 24
    assert [task.name for task in run.tasks] == [task.name for task in load_run(tiny_run).tasks]
    assert predict(run, ["so happy today"]).features.shape == (1, 24)
    assert run.backbone_source == {"name": "tiny", "kind": "distilled"}
    assert json.loads((student / "config.json").read_text())["provenance"]["distillation"]["layers"] == [1]


@pytest.fixture(scope="module")
def small_goemotions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in GoEmotions' layout: a few words for each of three labels, and one row of every other label."""
    folder = tmp_path_factory.mktemp("published") / "goemotions"
    folder.mkdir()
    phrases = {17: ("so happy today", "what a joy"), 2: ("this is outrageous", "i hate it"), 7: ("where is it", "who")}
    rows = [f"{text} {end}\t{label}\tx" for label, texts in phrases.items() for text in texts for end in "abcd"]
    others = [f"word{label}\t{label}\ty" for label in range(28)]
    for split, lines in (("train", rows + others), ("dev", rows), ("test", rows)):
        (folder / f"{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder.parent


def test_a_teacher_of_28_labels_gives_a_student_of_three_tasks(tmp_path, small_goemotions):
    quick = {"epochs": 1, "batch_size": 16, "max_length": 16}
    fit(
        FitConfig(data="goemotions", tasks=("fine",), **quick),
        tmp_path / "teacher",
        data_dir=small_goemotions,
        baselines=False,
    )
    config = choices(tmp_path / "teacher", "goemotions,sample", **quick)
    distill(replace(config, vocabulary=400), tmp_path / "student", data_dir=small_goemotions)
    run = load_run(tmp_path / "student")
    assert [(task.name, len(task.labels), task.activation) for task in run.tasks] == [
        ("emotion", 7, "softmax"),
        ("sentiment", 3, "softmax"),
        ("fine", 28, "sigmoid"),
    ]
    assert len(run.tasks[2].thresholds) == 28
    assert json.loads((tmp_path / "student" / "metrics.json").read_text())["dev"]["fine"]["n"] == 24
