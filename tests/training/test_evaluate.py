"""Measuring a run on data, task by task."""

import json

import numpy as np
import pytest

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import SIGMOID, Task
from training.checkpoint import load_run
from training.datasets import load
from training.examples import Examples
from training.metrics_table import table, table_of_run
from training.run_metrics import evaluate_run, evaluate_task
from training.thresholds import decide, tuned

TOPICS = Task("topics", ("work", "home"), SIGMOID)


def test_evaluating_gives_the_figures_of_the_run(tiny_run, tiny_csv):
    run = load_run(tiny_run)
    figures = evaluate_run(run, load(str(tiny_csv)), "test", batch_size=5)
    assert set(figures) == {"emotion", "sentiment"}
    for task, found in figures.items():
        expected = dict(run.metrics["test"][task])
        for name, value in expected.pop("calibration").items():  # of probabilities, which batches of other sizes round
            assert found["calibration"][name] == pytest.approx(value, abs=1e-5), name
        assert {name: value for name, value in found.items() if name != "calibration"} == expected


def test_only_tasks_of_the_data_are_measured(tiny_run, tiny_csv):
    figures = evaluate_run(load_run(tiny_run), load(str(tiny_csv), tasks=["sentiment"]), "dev", batch_size=64)
    assert list(figures) == ["sentiment"]


def test_data_without_a_task_of_the_run_is_refused(tiny_run, two_kinds_of_tasks):
    with pytest.raises(DataError, match=r"a task of the run \(emotion, sentiment\) in rows.jsonl; found mood, topic"):
        evaluate_run(load_run(tiny_run), load(str(two_kinds_of_tasks)), "test", batch_size=64)


def test_labels_that_the_run_does_not_know_are_refused(tiny_run):
    with pytest.raises(
        DataError, match="expected softmax labels anger, joy, neutral for task 'emotion'; found softmax"
    ):
        evaluate_run(load_run(tiny_run), load("sample"), "test", batch_size=64)


def test_unlabelled_utterances_are_left_out():
    examples = Examples(((1,), (1,), (1,)), {"topics": np.eye(3, 2, dtype="f4")}, {"topics": np.array([1, 0, 1], "f4")})
    probabilities = np.array([[0.9, 0.1], [0.9, 0.9], [0.6, 0.1]], np.float32)
    metrics = evaluate_task(TOPICS, examples, probabilities)
    assert metrics.n == 2
    assert metrics.accuracy == 0.5
    assert metrics.per_label["work"].precision == 0.5


def test_thresholds_are_those_of_best_f1_per_label():
    targets = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], np.float32)
    probabilities = np.array([[0.2, 0.5], [0.3, 0.9], [0.1, 0.8], [0.1, 0.6]], np.float32)
    task = tuned(TOPICS, targets, np.ones(4, np.float32), probabilities)
    assert 0.1 < task.threshold(0) <= 0.2
    assert 0.6 < task.threshold(1) <= 0.8
    np.testing.assert_array_equal(decide(task, probabilities), targets > 0)


def test_a_softmax_task_gets_its_most_probable_label():
    chosen = decide(Task("mood", ("up", "down")), np.array([[0.4, 0.6], [0.9, 0.1]], np.float32))
    np.testing.assert_array_equal(chosen, [[False, True], [True, False]])


def test_the_table_has_a_row_for_every_baseline(tiny_run):
    metrics = json.loads((tiny_run / "metrics.json").read_text())
    metrics["baselines"] = {"majority": {"test": metrics["dev"]}, "tfidf_lr": {"test": metrics["dev"]}}
    lines = table_of_run(metrics, "test").splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == [
        "test",
        "majority",
        "TF-IDF + LR",
        "sentiment from emotion",
        "fine-tuned",
    ]
    assert len({len(line) for line in lines}) == 1


def test_a_missing_task_leaves_its_cells_empty():
    figures = {"weighted_f1": 0.5, "macro_f1": 0.25, "accuracy": 1.0}
    text = table([("one", {"mood": figures}), ("two", {"topic": figures})], title="x")
    assert text.splitlines()[1].split() == ["one", "0.500", "0.250", "1.000"]
