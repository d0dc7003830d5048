"""Distillation: a tiny real teacher, a tinier student."""

import json
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.errors import DataError, UndertoneError
from training.checkpoint import load_run
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
