"""Fine-tuning: what it writes, that it repeats itself, stops, resumes and refuses."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from mobile_app.engine.errors import CheckFailedError, DataError, UndertoneError
from mobile_app.engine.npz import unpack
from mobile_app.engine.separators import SEPARATORS
from training.checkpoint import load_run, read_weights
from training.config import FitConfig
from training.datasets import load
from training.epochs import train_epochs
from training.evaluate import predict
from training.examples import Examples
from training.fit import fit, fit_dataset
from training.loop import NonFiniteLossError, TrainingLoop
from training.partial import PartialRun


def choices(run: Path, **changed: object) -> FitConfig:
    return FitConfig.from_dict({**load_run(run).config.to_dict(), **changed})


def figures(run: Path) -> dict:
    return json.loads((run / "metrics.json").read_text())


def losses(run: Path) -> list[dict]:
    return [epoch["loss"] for epoch in json.loads((run / "history.json").read_text())]


def test_a_run_folder_holds_what_it_promises(tiny_run):
    assert {str(path.relative_to(tiny_run)) for path in tiny_run.rglob("*") if path.is_file()} == {
        "config.json",
        "weights.safetensors",
        "backbone/config.json",
        "tokenizer/vocab.txt",
        "tokenizer/tokenizer.json",
        "metrics.json",
        "history.json",
        "separators.npz",
        "curves.png",
        *(
            f"{picture}.{task}.{split}.png"
            for picture in ("confusion", "reliability")
            for task in ("emotion", "sentiment")
            for split in ("dev", "test")
        ),
    }
    provenance = json.loads((tiny_run / "config.json").read_text())["provenance"]
    assert provenance["utterances"] == {"train": 72, "dev": 18, "test": 18}
    assert len(provenance["sha256"]) == 64
    assert not list(tiny_run.parent.glob(".*"))


def test_it_learns(tiny_run):
    first, *_, last = losses(tiny_run)
    assert last["total"] < 0.5 * first["total"]
    assert last["total"] == pytest.approx(last["emotion"] + last["sentiment"], abs=1e-4)
    assert figures(tiny_run)["test"]["emotion"]["weighted_f1"] > 0.6


def test_sentiment_that_follows_from_emotion_is_reported(tiny_run):
    derived = figures(tiny_run)["derived_sentiment"]
    assert derived["mapping"] == {"anger": "negative", "joy": "positive", "neutral": "neutral"}
    assert derived["test"]["accuracy"] == figures(tiny_run)["test"]["emotion"]["accuracy"]


def test_base_separators_come_back_and_know_the_train_split(tiny_run):
    arrays = unpack((tiny_run / "separators.npz").read_bytes())
    run = load_run(tiny_run)
    encoded = predict(run, ["so happy today", "stop it", "bring the keys"])
    for task in run.tasks:
        for kind in ("softmax", "prototypes", "oselm", "elm"):  # the others start from the softmax one
            separator = SEPARATORS[kind]
            prefix = f"{task.name}.{kind}."
            mine = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
            restored = separator.from_arrays(mine)
            assert restored.labels == task.labels
            probabilities = restored.predict_proba_many(encoded.features)
            if kind == "softmax":
                np.testing.assert_allclose(probabilities, encoded.probabilities[task.name], atol=1e-4)
            else:
                assert restored.n_seen == 72


def test_a_stopped_and_resumed_run_equals_the_uninterrupted_one(tiny_run, tmp_path, monkeypatch):
    save = PartialRun.save

    def save_then_stop(self: PartialRun, state: object) -> None:
        save(self, state)
        if len(state.progress.history) == 2:
            raise KeyboardInterrupt

    out, config = tmp_path / "run", choices(tiny_run)
    with monkeypatch.context() as patch:
        patch.setattr(PartialRun, "save", save_then_stop)
        with pytest.raises(KeyboardInterrupt):
            fit(config, out, baselines=False)
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir()] == [".run.partial"]
    with pytest.raises(UndertoneError, match=r"expected no unfinished run of that name.*--resume"):
        fit(config, out, baselines=False)
    with pytest.raises(UndertoneError, match="for --resume; found seed 9 instead of 1"):
        fit(choices(tiny_run, seed=9), out, baselines=False, resume=True)

    fit(config, out, baselines=False, resume=True)

    assert losses(out) == losses(tiny_run)
    assert figures(out) == figures(tiny_run)
    for name, array in read_weights(tiny_run).items():
        np.testing.assert_array_equal(read_weights(out)[name], array, err_msg=name)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_label_with_one_train_utterance_is_told(tiny_csv, tmp_path, capsys):
    path = tmp_path / "rare.csv"
    with tiny_csv.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    fear = {**rows[0], "text": "oh no", "emotion": "fear", "sentiment": "negative"}
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, fear])
    dataset = load(str(path))
    emotion, sentiment = dataset.tasks
    dataset = replace(dataset, tasks=(replace(emotion, labels=(*emotion.labels, "hope")), sentiment))
    config = FitConfig(data=str(path), epochs=1, max_length=16, head="prototypes")
    fit_dataset(config, dataset, tmp_path / "run", baselines=False)
    told = capsys.readouterr().err
    assert "rare.csv, task emotion: 0 train utterances of hope: it cannot be learned" in told
    assert "rare.csv, task emotion: 1 train utterances of fear: its loss is left out" in told
    run = load_run(tmp_path / "run")
    assert run.tasks[0].labels.index("hope") not in predict(run, ["maybe", "oh no"]).probabilities["emotion"].argmax(1)


def test_cross_attention_needs_two_tasks(tiny_csv, tmp_path):
    config = FitConfig(data=str(tiny_csv), cross_attention=True)
    with pytest.raises(UndertoneError, match="--cross-attention with two tasks, between which it goes; found emotion"):
        fit_dataset(config, load(str(tiny_csv), tasks=["emotion"]), tmp_path / "run")


def test_a_loss_that_is_no_number_stops_the_run(tiny_run, tmp_path):
    config = choices(tiny_run, learning_rate=1e30, warmup=0.0)
    with pytest.raises(CheckFailedError, match=r"found NaN in epoch 1, batch \d; lower --learning-rate.*nothing was"):
        fit(config, tmp_path / "run", baselines=False)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def loop(tiny_run: Path) -> TrainingLoop:
    """Continue the tiny run on two utterances."""
    run = load_run(tiny_run)
    targets = {task.name: np.eye(3, dtype=np.float32)[:2] for task in run.tasks}
    masks = {task.name: np.ones(2, np.float32) for task in run.tasks}
    config = choices(tiny_run, epochs=6, patience=2)
    return TrainingLoop(run.model, run.tasks, Examples(((2, 5, 3), (2, 6, 3)), targets, masks), config, pad_id=0)


def test_a_loss_that_is_no_number_later_keeps_the_best_epoch(loop, tmp_path):
    seen = []

    def spoil() -> tuple[float, dict]:
        seen.append(loop.weights())
        state = loop.optimizer_state()
        spoilt = {name: array * np.nan if array.dtype.kind == "f" else array for name, array in state.items()}
        loop.restore(loop.weights(), spoilt)
        return 0.5, {}

    outcome = train_epochs(loop, spoil, PartialRun(tmp_path / "run", {}), resume=False)
    assert isinstance(outcome.failure, NonFiniteLossError)
    assert outcome.progress.best_epoch == 1
    for name, array in loop.weights().items():
        np.testing.assert_array_equal(array, seen[0][name])


def test_it_stops_when_dev_no_longer_improves(loop, tmp_path):
    scores = iter([0.3, 0.5, 0.5, 0.4, 0.9])
    outcome = train_epochs(loop, lambda: (next(scores), {}), PartialRun(tmp_path / "run", {}), resume=False)
    assert [epoch["dev_score"] for epoch in outcome.progress.history] == [0.3, 0.5, 0.5, 0.4]
    assert outcome.progress.best_epoch == 2


def test_heads_alone_are_trained_on_the_frozen_backbone_of_a_run_with_the_same_tasks(tiny_run, tmp_path):
    out = tmp_path / "heads"
    fit(choices(tiny_run, backbone=str(tiny_run), freeze_backbone=True, epochs=1, seed=5), out, baselines=False)
    before, after = read_weights(tiny_run), read_weights(out)
    assert all((before[name] == after[name]).all() for name in before if name.startswith("backbone/"))
    moved = np.abs(before["heads/emotion/kernel"] - after["heads/emotion/kernel"])
    assert 0.0 < moved.max() < 0.02  # nine steps of 0.001 from where the run had left them


def test_other_tasks_get_new_heads_on_the_backbone_of_a_run(tiny_run, tmp_path):
    out = tmp_path / "other"
    still = {"backbone": str(tiny_run), "epochs": 1, "learning_rate": 1e-12}
    fit(choices(tiny_run, **still, tasks=["sentiment"], seed=4), out, baselines=False)
    before, after = read_weights(tiny_run), read_weights(out)
    assert np.abs(before["heads/sentiment/kernel"] - after["heads/sentiment/kernel"]).max() > 0.1
    name = "backbone/bert/embeddings/word_embeddings/weight"
    np.testing.assert_allclose(after[name], before[name], atol=1e-6)
    assert (out / "tokenizer/vocab.txt").read_bytes() == (tiny_run / "tokenizer/vocab.txt").read_bytes()
    assert load_run(out).backbone_source == {"name": "tiny", "kind": "run", "started_from": "tiny"}


def test_a_path_that_is_taken_is_refused_before_any_work(tiny_run):
    with pytest.raises(UndertoneError, match=r"expected a path that is free; found .* exists; .*--overwrite"):
        fit(choices(tiny_run), tiny_run)


def test_loss_weights_for_unknown_tasks_are_refused(tiny_csv, tmp_path):
    with pytest.raises(UndertoneError, match=r"tasks of the run \(emotion, sentiment\); found mood"):
        fit(FitConfig(data=str(tiny_csv), loss_weights={"mood": 1.0}), tmp_path / "run")


def test_a_train_split_of_one_label_is_refused(tmp_path):
    path = tmp_path / "one.csv"
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["text", "emotion", "split"])
        rows.writerows([["hello", "joy", "train"], ["good bye", "joy", "dev"], ["well", "joy", "test"]])
    with pytest.raises(DataError, match="labels"):
        fit(FitConfig(data=str(path)), tmp_path / "run")


def test_weights_can_be_read_without_tensorflow(tiny_run):
    arrays = safetensors.numpy.load_file(tiny_run / "weights.safetensors")
    assert arrays["heads/emotion/kernel"].shape == (128, 3)
