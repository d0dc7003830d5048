"""Frozen features and simple classifiers: each row is what it says, dev chooses, and the whole runs on small models."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import SIGMOID, Task
from tests.conftest import tiny_rows
from training import checkpoint
from training.config import FitConfig
from training.datasets import load
from training.separator_tables.candidates import linear, measure, oselm, pca, rows_of
from training.separator_tables.choices import SeparatorChoices, name_of, place_of
from training.separator_tables.labelled import Labelled, Splits
from training.separator_tables.linear import Standard, fit_linear
from training.separator_tables.networks import adam, hidden_by_steps, linear_by_steps
from training.separator_tables.pretraining import final_score, stop_at

from .test_cli import call

MOOD = Task("mood", ("up", "down", "flat"))
CHOICES = SeparatorChoices(("tiny",), "sample", epochs=8, units=(10,))


def part(n: int, seed: int, *, signal: float = 1.5, task: Task = MOOD) -> Labelled:
    """Return features of 12 dimensions, of which three tell the label, on scales from 0.01 to 100."""
    random = np.random.default_rng(seed)
    gold = random.choice(3, n, p=(0.6, 0.3, 0.1))
    x = random.normal(size=(n, 12))
    x[:, :3] += signal * np.eye(3)[gold]
    x = x * np.logspace(-2, 2, 12) + 3.0
    targets = np.eye(3, dtype=np.float32)[gold]
    sets = tuple((task.labels[place],) for place in gold)
    labels = sets if task.is_multi_label else tuple(one[0] for one in sets)
    return Labelled(x.astype(np.float32), targets, labels, tuple("ab"[place % 2] for place in range(n)))


def splits(*, signal: float = 1.5, task: Task = MOOD) -> Splits:
    return Splits(task, *(part(n, seed, signal=signal, task=task) for seed, n in enumerate((400, 120, 120))))


def test_standardisation_is_folded_into_the_weights_of_the_phones_separator():
    train = part(200, 0)
    standard = Standard.of(train.x)
    weights, bias = np.random.default_rng(1).normal(size=(3, 12)), np.array([0.1, -0.2, 0.3])
    logits = standard(train.x).astype(np.float64) @ weights.T + bias
    wanted = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(standard.separator(MOOD, weights, bias).predict_proba_many(train.x), wanted, atol=1e-4)


def test_balance_gives_rare_labels_more_room():
    train = part(400, 0, signal=0.7)
    ((_, plain),) = fit_linear(MOOD, train, (1e-3,), (0.0,))
    ((_, balanced),) = fit_linear(MOOD, train, (1e-3,), (0.5,))
    rare = [separator.predict_proba_many(train.x)[:, 2].mean() for separator in (plain, balanced)]
    assert rare[1] > 1.3 * rare[0]


def test_a_label_that_train_lacks_is_never_given():
    train = part(200, 0)
    without = train.take(np.flatnonzero(train.targets[:, 2] == 0))
    ((_, separator),) = fit_linear(MOOD, without, (1e-3,), (0.25,))
    assert separator.labels == MOOD.labels
    assert separator.predict_proba_many(train.x)[:, 2].max() < 1e-6


def test_layers_trained_by_steps_predict_through_the_phones_separators():
    both = splits()
    for fitted in (
        linear_by_steps(MOOD, both.train, both.dev, replace(CHOICES, epochs=30), adam),
        hidden_by_steps(MOOD, both.train, both.dev, replace(CHOICES, epochs=30), adam, units=8, l2=0.001),
    ):
        measured = measure(both, [({}, fitted)])
        again = type(fitted).from_arrays(fitted.to_arrays())
        np.testing.assert_array_equal(again.predict_proba_many(both.test.x), fitted.predict_proba_many(both.test.x))
        assert measured.test.n == 120
    # 210 steps of 1e-4 are too few to learn much, but better than none: the loss on dev fell.
    start = -np.log(1 / 3)
    probabilities = fitted.predict_proba_many(both.dev.x)
    assert -np.log(probabilities[both.dev.targets > 0]).mean() < start


def test_every_row_of_the_tables_is_measured_and_the_linear_one_learns():
    both = splits()
    rows = {name: fit() for name, fit in rows_of(both, CHOICES)}
    assert list(rows) == [
        "Linear",
        "Linear, Adam",
        "Hidden",
        "ELM",
        "OS-ELM",
        "Prototypes",
        "PCA 50%",
        "PCA 25%",
        "PCA 12.5%",
    ]
    assert rows["Linear"].test.weighted_f1 > 0.7
    assert rows["PCA 25%"].setting["components"] == 3
    assert rows["Hidden"].setting["units"] in CHOICES.units


def test_the_online_extreme_learning_machine_ends_where_the_batch_one_does():
    both = splits()
    rows = dict(rows_of(both, CHOICES))
    batch = rows["ELM"]()
    online = oselm(both, CHOICES, batch.setting)
    np.testing.assert_allclose(
        online.separator.predict_proba_many(both.test.x), batch.separator.predict_proba_many(both.test.x), atol=1e-5
    )


def test_labels_of_the_test_split_choose_nothing():
    both = splits()
    shuffled = np.random.default_rng(4).permutation(len(both.test))
    other = replace(both, test=replace(both.test.take(shuffled), x=both.test.x))
    for fit in (linear, lambda one: pca(one, 0.5)):
        assert fit(both).setting == fit(other).setting
        assert fit(both).dev == fit(other).dev


def test_noise_instead_of_features_is_no_better_than_the_majority():
    noise = linear(splits(signal=0.0))
    majority = 0.6
    assert noise.test.accuracy <= majority + 3 * (majority * (1 - majority) / 120) ** 0.5


def test_a_sigmoid_task_gets_its_thresholds_from_dev():
    both = splits(task=Task("moods", MOOD.labels, SIGMOID))
    measured = linear(both)
    assert measured.setting.keys() == {"l2"}
    assert measured.test.weighted_f1 > 0.6


def test_a_backbone_may_have_a_name_of_its_own():
    assert (name_of("small=/some/folder"), place_of("small=/some/folder")) == ("small", "/some/folder")
    assert (name_of("org/model"), place_of("org/model")) == ("org/model", "org/model")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"backbones": ("tiny", "tiny")}, "--backbone with different names; found tiny, tiny"),
        ({"share": 1.0}, "--share between 0 and 1; found 1.0"),
        ({"pretrain": "sample"}, "--pretrain with other data than --data"),
        ({"pretrain_task": "fine"}, "--pretrain-task only with --pretrain"),
        ({"units": ()}, "--units with numbers of at least 1"),
        ({"max_length": 2}, "--max-length from 3 to 512"),
    ],
)
def test_choices_that_cannot_be_are_refused(changed, message):
    with pytest.raises(UndertoneError, match=message):
        SeparatorChoices(**{"backbones": ("tiny",), "data": "sample", **changed})


def test_pretraining_stops_when_dev_reaches_the_wanted_score(tiny_csv, tmp_path):
    config = FitConfig(data=str(tiny_csv), backbone="cnn", epochs=3, batch_size=8, learning_rate=1e-3, max_length=16)
    stop_at(0.01, config, load(str(tiny_csv)), tmp_path / "stopped")
    stopped = checkpoint.load_run(tmp_path / "stopped").provenance["stopped_at"]
    assert stopped["batches"] == stopped["curve"][0][0] < 9
    assert stopped["dev_score"] >= 0.01
    assert final_score(tmp_path / "stopped") == stopped["dev_score"]


@pytest.fixture
def two_speakers(tmp_path: Path) -> Path:
    """The tiny utterances, each dialogue by one speaker, so that both speak in every split."""
    path = tmp_path / "speakers.csv"
    rows = [{**row, "speaker": ("Ada", "Ben")[int(row["dialogue"][-1]) % 2]} for row in tiny_rows()]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_command_writes_tables_and_a_second_call_computes_nothing(two_speakers, tiny_run, tmp_path, capsys):
    out = tmp_path / "tables"
    words = ["separators", "--backbone", f"small={tiny_run}", "--data", two_speakers, "--out", out]
    words += ["--epochs", 2, "--units", "5", "--task", "emotion", "--max-length", 16]
    assert call(*words, "--json") == 0
    results = json.loads(capsys.readouterr().out)
    assert list(results["backbones"]) == ["small"]
    assert results["backbones"]["small"]["trained_on"] == "tiny.csv"
    for rows in (results["speaker_baselines"], results["backbones"]["small"]["speakers"]):
        assert [(row["speaker"], row["size"], row["n"]) for row in rows] == [("Ada", None, 36), ("Ben", None, 36)]
    assert (out / "separators.png").stat().st_size > 10_000

    before = {path: path.stat().st_mtime_ns for folder in ("parts", "features") for path in (out / folder).iterdir()}
    assert call(*words) == 0
    printed = capsys.readouterr().out
    for title in ("Table 4", "Table 5", "Table 6", "Table 7", "tfidf_lr", "majority", "second-hand"):
        assert title in printed
    assert printed.strip() == (out / "separators.md").read_text().strip()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert str(Path(tiny_run).parent) not in json.dumps(results)
