"""Learning from the probabilities of fine-tuned models beside people's labels."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import SIGMOID, Task
from training.checkpoint import load_run
from training.config import FitConfig
from training.datasets import load
from training.evaluate import predict_proba
from training.examples import Examples, targets_of
from training.fit import fit
from training.soft_labels import blended, shares, with_soft_labels
from training.teacher import Teacher

SMALL = {"epochs": 2, "batch_size": 16, "learning_rate": 1e-3, "max_length": 16}


@pytest.fixture(scope="module")
def taught(tmp_path_factory, tiny_run, tiny_csv):
    out = tmp_path_factory.mktemp("taught") / "run"
    fit(FitConfig(data=str(tiny_csv), teacher=str(tiny_run), soft=0.7, **SMALL), out, baselines=False)
    return out


@pytest.fixture
def teacher(tmp_path, tiny_run):
    return Teacher(tiny_run, tmp_path / "answers")


def examples_of(dataset, teacher):
    return Examples.of(dataset.split("train"), dataset.tasks, teacher.run.tokenizer, 16)


def test_targets_are_shares_of_label_and_probability(tiny_csv, teacher):
    dataset = load(str(tiny_csv))
    train = dataset.split("train")
    examples = with_soft_labels(examples_of(dataset, teacher), train, dataset.tasks, [teacher], 0.25)
    said = predict_proba(teacher.run, [one.text for one in train])
    for task in dataset.tasks:
        expected = 0.75 * targets_of(train, task) + 0.25 * said[task.name]
        np.testing.assert_allclose(examples.targets[task.name], expected, atol=1e-6)
        np.testing.assert_allclose(examples.targets[task.name].sum(axis=1), 1.0, atol=1e-5)


def test_several_teachers_are_averaged(tiny_csv, teacher, taught, tmp_path):
    dataset = load(str(tiny_csv))
    other = Teacher(taught, tmp_path / "answers")
    train = dataset.split("train")
    examples, tasks = examples_of(dataset, teacher), dataset.tasks
    both, first, second = (
        with_soft_labels(examples, train, tasks, some, 1.0).targets["emotion"]
        for some in ([teacher, other], [teacher], [other])
    )
    np.testing.assert_allclose(both, (first + second) / 2, atol=1e-6)
    assert not np.allclose(first, second)


def test_what_nobody_labelled_is_learned_from_the_teacher_alone(tiny_csv, teacher):
    dataset = load(str(tiny_csv))
    train = [replace(one, labels={"emotion": one.labels["emotion"]}) for one in dataset.split("train")]
    plain = Examples.of(train, dataset.tasks, teacher.run.tokenizer, 16)
    assert not plain.masks["sentiment"].any()
    examples = with_soft_labels(plain, train, dataset.tasks, [teacher], 0.5)
    assert examples.masks["sentiment"].all()
    said = predict_proba(teacher.run, [one.text for one in train])["sentiment"]
    np.testing.assert_allclose(examples.targets["sentiment"], said, atol=1e-6)


def test_a_task_that_no_teacher_knows_keeps_its_labels(tiny_csv, teacher):
    dataset = load(str(tiny_csv))
    emotion, sentiment = dataset.tasks
    other = replace(emotion, name="feeling")
    train = [
        replace(one, labels={"feeling": one.labels["emotion"], "sentiment": one.labels["sentiment"]})
        for one in dataset.split("train")
    ]
    plain = Examples.of(train, (other, sentiment), teacher.run.tokenizer, 16)
    examples = with_soft_labels(plain, train, (other, sentiment), [teacher], 0.5)
    np.testing.assert_array_equal(examples.targets["feeling"], plain.targets["feeling"])
    assert not np.array_equal(examples.targets["sentiment"], plain.targets["sentiment"])
    with pytest.raises(UndertoneError, match=r"a teacher of task feeling.*found .* with emotion, sentiment"):
        with_soft_labels(plain, train, (other,), [teacher], 0.5)


def test_blending_follows_the_shares_of_each_label_and_hears_that_none_fits():
    hard, soft = np.array([[1, 0], [0, 0], [0, 0]], np.float32), np.array([[0.5, 0.25]] * 3, np.float32)
    found = blended(hard, soft, np.array([0.5, 0.0], np.float32), np.array([1, 1, 0]))
    np.testing.assert_allclose(found, [[0.75, 0.0], [0.25, 0.0], [0.5, 0.25]])


def test_labels_that_no_teacher_gets_right_are_learned_from_people_alone():
    """As in a distillation: a teacher that never says "grief" would teach that there is none."""
    task = Task("topic", ("me", "you"), SIGMOID)

    def teacher(**f1: float) -> SimpleNamespace:
        scores = {"topic": {"per_label": {label: {"f1": value} for label, value in f1.items()}}}
        return SimpleNamespace(run=SimpleNamespace(metrics={"dev": scores}))

    blind, seeing = teacher(me=0.5, you=0.0), teacher(me=0.5, you=0.1)
    np.testing.assert_allclose(shares(task, [blind], 0.7), [0.7, 0.0])
    np.testing.assert_allclose(shares(task, [blind, seeing], 0.7), [0.7, 0.7])
    np.testing.assert_allclose(shares(Task("topic", ("me", "you")), [blind], 0.7), [0.7, 0.7])


def test_a_run_says_who_taught_it(taught, tiny_run):
    values = json.loads((taught / "config.json").read_text())
    assert load_run(taught).config.soft_share == 0.7
    (about,) = values["provenance"]["teachers"]
    assert about["sha256"] == json.loads((tiny_run / "config.json").read_text())["provenance"]["sha256"]
    assert not list(taught.parent.glob("*.partial"))


def test_a_run_taught_by_others_is_not_continued(tmp_path, tiny_run, taught, tiny_csv, monkeypatch):
    """The weights of a teacher belong to what must be the same, not its name alone."""
    import shutil

    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_run, "teacher")
    config = FitConfig(data=str(tiny_csv), teacher="teacher", **SMALL)
    with monkeypatch.context() as broken:
        broken.setattr("training.fit.write_run", _killed)
        with pytest.raises(KeyboardInterrupt):
            fit(config, tmp_path / "run", baselines=False)
    shutil.rmtree("teacher")
    shutil.copytree(taught, "teacher")
    with pytest.raises(UndertoneError, match="teachers sha256"):
        fit(config, tmp_path / "run", baselines=False, resume=True)


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_teacher_that_is_none_is_refused_before_training(tmp_path, tiny_csv):
    with pytest.raises(UndertoneError, match="nowhere"):
        fit(FitConfig(data=str(tiny_csv), teacher=str(tmp_path / "nowhere")), tmp_path / "run")
    assert not (tmp_path / "run").exists()
