"""Distillation: a tiny real teacher, a tinier student."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from converter.build import BuildOptions, build
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.task import Task
from tools.default_bundle import SHIPPED as DEFAULT_BUNDLE
from training import shipped
from training.altered import altered
from training.backbone_choice import choose_backbone
from training.checkpoint import load_run
from training.config import SHIPPED, FitConfig
from training.distill import distill, relation_loss
from training.distill_config import DistillConfig
from training.evaluate import predict
from training.fit import fit
from training.grouped import TASKS
from training.initial_student import _narrowed
from training.shipped import ship, shipped_backbone, shipped_heads


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


def test_it_learns_the_labels_and_the_features(student):
    first, *_, last = json.loads((student / "history.json").read_text())
    assert last["loss"]["features"] < first["loss"]["features"]
    assert last["loss"]["emotion"] < first["loss"]["emotion"]


def test_relations_are_similarities_within_a_batch():
    features = np.array([[3.0, 4.0], [0.0, 2.0]], np.float32)
    turned_and_longer = np.array([[4.0, -3.0, 0.0], [2.0, 0.0, 0.0]], np.float32) * 5
    unlike = np.array([[1.0], [-1.0]], np.float32)
    assert float(relation_loss(features, turned_and_longer)) == pytest.approx(0.0, abs=1e-7)
    assert float(relation_loss(features, unlike)) == pytest.approx((0.8 + 1) ** 2 / 2)  # two of the four pairs


def test_relations_are_learned_when_asked_for(tmp_path, tiny_run, tiny_csv, student):
    path = tmp_path / "related"
    distill(choices(tiny_run, tiny_csv, relation_weight=5.0), path, cache=student.parent / ".teacher")
    first, *_, last = json.loads((path / "history.json").read_text())
    assert last["loss"]["relations"] < first["loss"]["relations"]
    assert "relations" not in json.loads((student / "history.json").read_text())[0]["loss"]


def test_it_begins_as_a_cut_of_its_teacher(tmp_path, tiny_run, tiny_csv):
    """Both layers, the whole width and every axis: the student's features are the teacher's, turned."""
    config = choices(
        tiny_run, tiny_csv, layers=(1, 2), embedding=0, features=128, vocabulary=5000, epochs=1, learning_rate=1e-12
    )
    distill(config, tmp_path / "copy")
    texts = ["so happy today", "stop it", "bring the keys !"]
    copy, teacher = (predict(load_run(path), texts).features for path in (tmp_path / "copy", tiny_run))
    np.testing.assert_allclose(copy @ copy.T, teacher @ teacher.T, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("changed", [{"width": 64}, {"width": 64, "embedding": 16}, {"intermediate": 40}])
def test_a_narrower_student_learns_and_is_read_back(tmp_path, tiny_run, tiny_csv, student, changed):
    path = tmp_path / "narrow"
    distill(choices(tiny_run, tiny_csv, **changed), path, cache=student.parent / ".teacher")
    first, *_, last = json.loads((path / "history.json").read_text())
    assert last["loss"]["emotion"] < first["loss"]["emotion"]
    config = load_run(path).model.backbone.config
    assert {
        name: getattr(config, {"width": "width", "embedding": "embedding_size"}.get(name, "intermediate_size"))
        for name in changed
    } == changed
    assert load_run(path).feature_dimension == 24


def test_the_strongest_neurons_stay(tiny_run):
    """With weak neurons cut away, a layer gives what it gave."""
    layer = {name: array.copy() for name, array in _first_layer(tiny_run).items()}
    layer["output/dense/kernel"][40:] = 0.0
    kept = _narrowed(layer, 40)
    np.testing.assert_array_equal(kept["output/dense/kernel"], layer["output/dense/kernel"][:40])
    np.testing.assert_array_equal(kept["intermediate/dense/bias"], layer["intermediate/dense/bias"][:40])
    assert kept["intermediate/dense/kernel"].shape[1] == 40


def _first_layer(path):
    weights = {name: variable.numpy() for name, variable in load_run(path).model.named_weights().items()}
    prefix = "backbone/bert/encoder/layer_._0/"
    return {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}


def test_the_same_seed_gives_the_same_student_and_the_answers_are_kept(tmp_path, tiny_run, tiny_csv, student):
    cache = student.parent / ".teacher"
    before = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    distill(choices(tiny_run, tiny_csv), tmp_path / "again", cache=cache)
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == before
    assert (tmp_path / "again" / "weights.safetensors").read_bytes() == (student / "weights.safetensors").read_bytes()


def test_padding_changes_nothing(student):
    """The student counts positions from the mask, so that more padding must not move the answer."""
    model, ids = load_run(student).model, np.array([[2, 40, 41, 3]], np.int32)
    mask = np.ones_like(ids)
    short = model.infer(ids, mask)
    long = model.infer(np.pad(ids, ((0, 0), (0, 8))), np.pad(mask, ((0, 0), (0, 8))))
    for name, values in short.items():
        np.testing.assert_allclose(values, long[name], atol=1e-5)


def test_the_converter_builds_a_student_as_it_is(tmp_path, student):
    manifest = build(student, tmp_path / "bundle", BuildOptions(("fp32", "dynamic_wi8_afp32"), (8, 16)))
    assert manifest.feature_dimension == 24
    assert Bundle.open(tmp_path / "bundle").manifest.backbone["architecture"] == "undertone-student"


def test_altered_copies_keep_most_words_and_follow_the_seed():
    texts = ["the quick brown fox jumps over the lazy dog " * 20, "no"]
    copies = altered(texts, seed=1)
    assert copies == altered(texts, seed=1) != altered(texts, seed=2)
    assert 0.8 < len(copies[0].split()) / len(texts[0].split()) < 1
    assert sorted("".join(copies[0].split())) != sorted("".join(texts[0].split()))
    assert copies[1] == "no"


@pytest.mark.parametrize(("bits", "tolerance"), [(16, 2e-3), (8, 1e-2)])
def test_a_shipped_student_is_a_backbone(tmp_path, student, bits, tolerance):
    ship(student, tmp_path / "pocket", bits=bits)
    backbone = shipped_backbone(tmp_path / "pocket")
    run = load_run(student)
    for variable, other in zip(backbone.model.weights, run.model.backbone.weights, strict=True):
        np.testing.assert_allclose(variable.numpy(), other.numpy(), atol=tolerance)
    assert backbone.tokenizer.wordpiece.pieces == run.tokenizer.pieces
    about = (tmp_path / "pocket" / "provenance.json").read_text()
    assert run.config.backbone in json.dumps(run.provenance)  # a folder of this machine,
    assert str(Path(run.config.backbone).parent) not in about  # which is nobody else's business
    assert shipped_heads(run.tasks[:1], tmp_path / "pocket") is not None
    assert shipped_heads((Task("other", ("a", "b")),), tmp_path / "pocket") is None
    with (tmp_path / "pocket" / "weights.safetensors").open("ab") as stream:
        stream.write(b"!")
    with pytest.raises(UndertoneError, match=r"weights\.safetensors with sha256"):
        shipped_backbone(tmp_path / "pocket")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_backbone_is_part_of_the_project(name):
    choice = choose_backbone(name, [], TASKS, max_length=32)
    assert choice.backbone.model.config.hidden_size <= 256
    assert choice.backbone.source == {"name": name, "kind": "shipped"}
    assert set(choice.heads) == {f"heads/{task.name}/{part}" for task in TASKS for part in ("kernel", "bias")}


def test_what_ships_stays_small():
    weights = [shipped.FOLDER / name / "weights.safetensors" for name in SHIPPED]
    models = [*weights, *DEFAULT_BUNDLE.iterdir()]
    assert sum(path.stat().st_size for path in models) < 40_000_000


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"layers": (6, 1)}, "--layers in ascending order; found"),
        ({"layers": (3,)}, "--layers of at most 2, what the teacher has; found 3"),
        ({"features": 500}, "--features of at most 128"),
        ({"width": 50}, "--width a multiple of 64, the width of a head; found 50"),
        ({"width": 256}, "--width of at most 128"),
        ({"intermediate": 5000}, "--intermediate of at most"),
        ({"relation_weight": -1.0}, "--relation-weight of at least 0"),
        ({"soft": 1.5}, "--soft from 0 to 1"),
        ({"positions": 8}, "--positions from --max-length to 512"),
        ({"epochs": 0}, "--epochs of at least 1"),
    ],
)
def test_choices_that_cannot_be_are_refused(tmp_path, tiny_run, tiny_csv, student, changed, message):
    with pytest.raises(UndertoneError, match=message):
        distill(choices(tiny_run, tiny_csv, **changed), tmp_path / "no", cache=student.parent / ".teacher")
    assert not (tmp_path / "no").exists()


def test_what_is_no_teacher_or_no_data_of_it_is_refused(tmp_path, tiny_run, tiny_csv, student, two_kinds_of_tasks):
    with pytest.raises(UndertoneError, match="a teacher that is a bert with mean pooling; found undertone-student"):
        distill(choices(student, tiny_csv), tmp_path / "no")
    with pytest.raises(DataError, match=r"a task of the student, emotion \(softmax\), sentiment"):
        distill(choices(tiny_run, two_kinds_of_tasks), tmp_path / "no")


@pytest.fixture(scope="module")
def small_goemotions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a folder in GoEmotions' layout: a few words for each of three labels, and one row of every other label."""
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
