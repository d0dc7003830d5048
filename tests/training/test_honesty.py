"""Figures that mean what they say: no dependence on batches, on test labels, or on what noise happens to offer."""

import csv
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.leaky_prototypes import honest_choices, leaky_choices
from mobile_app.engine.separators import SEPARATORS
from training.base_separators import fit_base_separators
from training.baselines import majority
from training.checkpoint import load_run, read_weights
from training.config import FitConfig
from training.datasets import Dataset, load
from training.evaluate import predict
from training.examples import targets_of
from training.fit import fit
from training.heads import PrototypeHead
from training.metrics import TaskMetrics, task_metrics
from training.prototypes import leave_one_out, means
from training.thresholds import decide

from .conftest import labelled_rows, write_jsonl


def sampling_error(dataset: Dataset, floor: TaskMetrics) -> float:
    """Return three standard errors of the majority's accuracy on test."""
    return 3 * (floor.accuracy * (1 - floor.accuracy) / len(dataset.split("test"))) ** 0.5


def one_hot(dataset: Dataset, task: str, split: str) -> np.ndarray:
    labels = dataset.task(task).labels
    return np.array([[label in one.labels[task] for label in labels] for one in dataset.split(split)])


@pytest.mark.parametrize("batch_size", [1, 16, 64])
def test_predictions_do_not_depend_on_the_batch_size(tiny_run, batch_size):
    run = load_run(tiny_run)
    texts = [one.text for one in load("sample").split("test")][:70]
    reference, found = predict(run, texts, 7), predict(run, texts, batch_size)
    np.testing.assert_allclose(found.features, reference.features, atol=1e-5)
    for task in run.tasks:
        np.testing.assert_allclose(found.probabilities[task.name], reference.probabilities[task.name], atol=1e-5)


def test_predictions_do_not_depend_on_the_order(tiny_run):
    run = load_run(tiny_run)
    texts = [one.text for one in load("sample").split("test")][:70]
    order = np.random.default_rng(1).permutation(len(texts))
    straight, shuffled = predict(run, texts, 16), predict(run, [texts[place] for place in order], 16)
    np.testing.assert_allclose(shuffled.features, straight.features[order], atol=1e-5)
    np.testing.assert_allclose(shuffled.probabilities["emotion"], straight.probabilities["emotion"][order], atol=1e-5)


@pytest.mark.parametrize("kind", ["prototypes", "oselm", "elm"])
def test_noise_instead_of_features_is_no_better_than_the_majority(kind):
    dataset = load("sample")
    task = dataset.task("emotion")
    noise = np.random.default_rng(5)
    train, test = dataset.split("train"), dataset.split("test")
    heads = {"emotion": (np.zeros((32, len(task.labels))), np.zeros(len(task.labels)))}
    features = noise.normal(size=(len(train), 32)).astype(np.float32)
    arrays = fit_base_separators((task,), train, features, heads)
    prefix = f"emotion.{kind}."
    mine = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    separator = SEPARATORS[kind].from_arrays(mine)
    probabilities = separator.predict_proba_many(noise.normal(size=(len(test), 32)).astype(np.float32))
    found = task_metrics(task, one_hot(dataset, "emotion", "test"), decide(task, probabilities))
    floor = majority(dataset, "emotion").test_metrics
    assert found.accuracy <= floor.accuracy + sampling_error(dataset, floor)
    assert found.weighted_f1 <= floor.weighted_f1 + sampling_error(dataset, floor)


@pytest.mark.parametrize("batch_size", [16, 32, 64])
def test_prototypes_of_the_evaluated_batch_make_noise_look_perfect_and_those_of_train_do_not(batch_size):
    dataset = load("sample")
    task = dataset.task("emotion")
    noise = np.random.default_rng(7)
    gold = {split: targets_of(dataset.split(split), task) for split in ("train", "test")}
    features = {split: noise.normal(size=(len(rows), 128)).astype(np.float32) for split, rows in gold.items()}
    leaked = leaky_choices(features["test"], gold["test"], batch_size, seed=1)
    honest = honest_choices(features["test"], features["train"], gold["train"])
    floor = majority(dataset, "emotion").test_metrics
    assert task_metrics(task, gold["test"], leaked).weighted_f1 > 0.9
    found = task_metrics(task, gold["test"], honest)
    assert found.weighted_f1 <= floor.weighted_f1 + sampling_error(dataset, floor)


def test_scores_in_training_know_nothing_about_noise():
    dataset = load("sample")
    task, train = dataset.task("emotion"), dataset.split("train")
    gold = targets_of(train, task)
    noise = np.random.default_rng(8).normal(size=(len(train), 128)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    head = PrototypeHead(task, 128, distance="squared", temperature=0.1)
    head.freeze(*means(gold[None], noise))
    chosen = []
    for start in range(0, len(train), 64):
        rows = np.arange(start, min(start + 64, len(train)))
        logits, _ = leave_one_out(head, noise[rows], gold[rows], np.ones(len(rows), np.float32), rows, noise[rows])
        chosen.append(np.arange(len(task.labels)) == logits.numpy().argmax(axis=1)[:, None])
    frequent = gold.mean(axis=0).max()
    accuracy = task_metrics(task, gold, np.concatenate(chosen)).accuracy
    assert accuracy <= frequent + 3 * (frequent * (1 - frequent) / len(train)) ** 0.5


@pytest.mark.parametrize("head", ["linear", "prototypes"])
def test_shuffled_train_labels_are_no_better_than_the_majority(tmp_path, head):
    dataset = load("sample", tasks=["emotion"])
    path = tmp_path / "shuffled.csv"
    train = dataset.split("train")
    labels = [one.labels["emotion"][0] for one in train]
    random.Random(3).shuffle(labels)
    shuffled = [replace(one, labels={"emotion": (label,)}) for one, label in zip(train, labels, strict=True)]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "emotion", "split"])
        for one in (*shuffled, *dataset.split("dev"), *dataset.split("test")):
            writer.writerow([one.text, one.labels["emotion"][0], one.split])
    config = FitConfig(data=str(path), epochs=2, batch_size=64, learning_rate=1e-3, max_length=16, head=head)
    found = fit(config, tmp_path / "run", baselines=False)["test"]["emotion"]
    floor = majority(dataset, "emotion").test_metrics
    assert found["accuracy"] <= floor.accuracy + sampling_error(dataset, floor)
    assert found["weighted_f1"] <= floor.weighted_f1 + sampling_error(dataset, floor)


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two runs on files that differ in texts and labels of the test split alone."""
    folder = tmp_path_factory.mktemp("runs")
    rows = labelled_rows()
    strange = [
        {**row, "text": f"zebra quark {place}", "labels": {"mood": "down", "topic": ["me"]}}
        if row["split"] == "test"
        else row
        for place, row in enumerate(rows)
    ]
    runs = []
    for name, content in (("one", rows), ("other", strange)):
        data = write_jsonl(folder / f"{name}.jsonl", content)
        config = FitConfig(data=str(data), epochs=2, batch_size=16, learning_rate=1e-3, max_length=16)
        fit(config, folder / name, baselines=False)
        runs.append(folder / name)
    return runs[0], runs[1]


def test_nothing_but_the_test_figures_depends_on_the_test_split(two_runs):
    one, other = two_runs
    assert (one / "tokenizer/vocab.txt").read_bytes() == (other / "tokenizer/vocab.txt").read_bytes()
    assert load_run(one).tasks == load_run(other).tasks
    for name, array in read_weights(one).items():
        np.testing.assert_array_equal(read_weights(other)[name], array, err_msg=name)
    assert (one / "separators.npz").read_bytes() == (other / "separators.npz").read_bytes()
    metrics, others = (json.loads((run / "metrics.json").read_text()) for run in two_runs)
    assert metrics["dev"] == others["dev"]
    assert metrics["test"] != others["test"]


def test_thresholds_come_with_a_sigmoid_task_and_are_reported_beside_fixed_ones(two_runs):
    run = load_run(two_runs[0])
    mood, topic = run.tasks
    assert mood.thresholds is None
    assert len(topic.thresholds) == 2
    assert set(run.metrics["test"]["topic"]["fixed_thresholds"]) == {"0.5", "0.3"}
    assert run.metrics["dev"]["topic"]["weighted_f1"] >= max(
        fixed["weighted_f1"] for fixed in run.metrics["dev"]["topic"]["fixed_thresholds"].values()
    )
    # Half of the rows have no answer for the topic: they are counted in neither loss nor figures.
    assert run.metrics["test"]["mood"]["n"] == 2 * run.metrics["test"]["topic"]["n"] == 32


def test_pieces_of_words_of_the_test_split_are_not_in_the_vocabulary(two_runs):
    pieces = load_run(two_runs[1]).tokenizer.pieces
    assert "zebra" not in pieces
    assert "news" in pieces
