"""``python -m training``, as a person calls it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mobile_app.engine import command_line
from training.__main__ import build_parser, main


def call(*words: object) -> int:
    return command_line.run(main, build_parser(), [str(word) for word in words])


def test_fit_prints_a_table_with_the_baselines_and_evaluate_agrees(tiny_csv, tmp_path, capsys):
    out = tmp_path / "run"
    choices = ["--epochs", 1, "--batch-size", 8, "--learning-rate", "1e-3", "--max-length", 16]
    assert call("fit", "--data", tiny_csv, "--out", out, *choices) == 0
    printed, told = capsys.readouterr()
    assert [line.split("  ")[0].strip() for line in printed.splitlines()] == [
        "test",
        "majority",
        "TF-IDF + LR",
        "sentiment from emotion",
        "fine-tuned",
    ]
    assert "epoch 1/1: loss" in told
    assert "\r" not in told  # no progress bar where there is no terminal

    assert call("evaluate", out, "--data", tiny_csv, "--split", "test", "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    metrics = json.loads((out / "metrics.json").read_text())
    assert figures["tasks"] == metrics["test"]
    assert set(metrics["baselines"]) == {"majority", "tfidf_lr"}

    assert call("evaluate", out, "--data", tiny_csv) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("run ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fit", "--data", "sample", "--out", "x", "--dropout", "2"], "expected --dropout from 0 to below 1"),
        (["fit", "--data", "nothing", "--out", "x"], "expected a dataset, one of sample"),
        (["fit", "--data", "sample", "--tasks", "mood", "--out", "x"], "found 'mood'"),
        (["evaluate", "nowhere", "--data", "sample"], "expected a run folder with config.json in nowhere"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(*words) == 2
    printed, told = capsys.readouterr()
    assert not printed
    assert message in told
    assert told.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fit", "--out", "x"], "--data"),
        (["fit", "--data", "sample", "--out", "x", "--loss-weights", "emotion"], "expected TASK=NUMBER"),
        (["evaluate", "x", "--data", "sample", "--batch-size", "0"], "expected a number of at least 1"),
    ],
)
def test_wrong_arguments_exit_with_2(words, message, capsys):
    with pytest.raises(SystemExit) as stop:
        call(*words)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("words", [["-m", "training", "--help"], ["-c", "import training.datasets, training.__main__"]])
def test_help_and_data_need_no_tensorflow(words):
    watched = ["-X", "importtime", *words]
    done = subprocess.run(
        [sys.executable, *watched], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "training.datasets" in imported
    assert not {
        name for name in imported if name.split(".")[0] in {"tensorflow", "tf_keras", "transformers", "sklearn"}
    }
