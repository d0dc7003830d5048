"""The multitask prototypical network, whole: what it writes, that it learns, resumes and stays honest."""

import json
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.npz import unpack
from mobile_app.engine.separators import SEPARATORS
from training.batches import padded
from training.checkpoint import Run, heads_of_run, load_run, read_weights
from training.config import FitConfig
from training.datasets import load
from training.evaluate import predict
from training.examples import Examples, tokenize
from training.fit import fit
from training.partial import PartialRun

TEXTS = ("so happy today", "stop it", "bring the keys", "what a lovely cake", "this is outrageous", "yes")


@pytest.fixture(scope="module")
def loaded(prototypical_run: Path) -> Run:
    return load_run(prototypical_run)


def test_it_learns_and_reports_what_plain_runs_report(prototypical_run):
    metrics = json.loads((prototypical_run / "metrics.json").read_text())
    assert metrics["test"]["emotion"]["weighted_f1"] > 0.6
    for split in ("dev", "test"):
        calibration = metrics[split]["emotion"]["calibration"]
        assert sum(calibration["counts"]) == metrics[split]["emotion"]["n"] == 18
        assert 0 <= calibration["ece"] <= 1


def test_what_was_saved_predicts_the_same_and_keeps_its_prototypes(prototypical_run, loaded):
    run = loaded
    for task in run.tasks:
        saved = read_weights(prototypical_run)[f"heads/{task.name}/prototypes"]
        np.testing.assert_array_equal(run.model.heads[task.name].prototypes, saved)
        assert np.linalg.norm(saved, axis=2).min() > 0.1
    metrics = json.loads((prototypical_run / "metrics.json").read_text())
    test = load(run.config.data).split("test")
    chosen = predict(run, [one.text for one in test]).probabilities["emotion"].argmax(axis=1)
    right = [run.tasks[0].labels[place] == one.labels["emotion"][0] for place, one in zip(chosen, test, strict=True)]
    assert np.mean(right) == pytest.approx(metrics["test"]["emotion"]["accuracy"])


def test_the_prototypes_are_the_means_of_the_train_split_alone(loaded):
    run = loaded
    train = load(run.config.data).split("train")
    examples = Examples.of(train, run.tasks, run.tokenizer, run.config.max_length)
    outputs = run.model.infer(*padded(examples.ids, run.tokenizer.pad_id))
    for task in run.tasks:
        head, embedded = run.model.heads[task.name], outputs[f"{task.name}.embedding"].numpy()
        for place in range(len(task.labels)):
            members = examples.targets[task.name][:, place] > 0
            np.testing.assert_allclose(head.prototypes[0, place], embedded[members].mean(axis=0), atol=1e-4)
            assert float(head.counts[0, place]) == members.sum()


def test_predictions_do_not_depend_on_the_batch_size(loaded):
    alone = predict(loaded, TEXTS, 1)
    for size in (2, 6):
        together = predict(loaded, TEXTS, size)
        np.testing.assert_allclose(together.features, alone.features, atol=1e-5)
        np.testing.assert_allclose(together.probabilities["emotion"], alone.probabilities["emotion"], atol=1e-5)


def test_the_linear_separator_is_fitted_where_the_head_is_not_linear(prototypical_run, loaded):
    arrays = unpack((prototypical_run / "separators.npz").read_bytes())
    run = loaded
    train = load(run.config.data).split("train")
    features = predict(run, [one.text for one in train]).features
    for task in run.tasks:
        prefix = f"{task.name}.softmax."
        mine = {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
        chosen = SEPARATORS["softmax"].from_arrays(mine).predict_proba_many(features).argmax(axis=1)
        gold = [task.labels.index(one.labels[task.name][0]) for one in train]
        assert np.mean(chosen == gold) > 0.8


def test_a_stopped_and_resumed_run_equals_the_uninterrupted_one(prototypical_run, loaded, tmp_path, monkeypatch):
    save = PartialRun.save

    def save_then_stop(self: PartialRun, state: object) -> None:
        save(self, state)
        if len(state.progress.history) == 2:
            raise KeyboardInterrupt

    config = loaded.config
    with monkeypatch.context() as patch:
        patch.setattr(PartialRun, "save", save_then_stop)
        with pytest.raises(KeyboardInterrupt):
            fit(config, tmp_path / "run", baselines=False)
    fit(config, tmp_path / "run", baselines=False, resume=True)
    histories = [json.loads((run / "history.json").read_text()) for run in (tmp_path / "run", prototypical_run)]
    assert [epoch["loss"] for epoch in histories[0]] == [epoch["loss"] for epoch in histories[1]]
    for name, array in read_weights(prototypical_run).items():
        np.testing.assert_array_equal(read_weights(tmp_path / "run")[name], array, err_msg=name)


def test_oversampling_with_moving_averages_repeats_itself_and_scores_with_fitting_prototypes(tiny_csv, tmp_path):
    config = FitConfig(
        data=str(tiny_csv), tasks=("emotion",), epochs=1, batch_size=24, max_length=16, head="prototypes",
        oversample=True, average=0.9,
    )  # fmt: skip
    fit(config, tmp_path / "run", baselines=False)
    run = load_run(tmp_path / "run")
    joyful = [one.text for one in load(str(tiny_csv)).split("train") if one.labels["emotion"] == ("joy",)]
    ids = tokenize(joyful, run.tokenizer, run.config.max_length)
    embedded = run.model.infer(*padded(ids, run.tokenizer.pad_id))["emotion.embedding"].numpy()
    joy = run.tasks[0].labels.index("joy")
    np.testing.assert_allclose(run.model.heads["emotion"].prototypes[0, joy], embedded.mean(axis=0), atol=1e-4)


def test_a_run_with_other_tasks_passes_on_its_shared_attention_alone(prototypical_run, loaded):
    tasks = loaded.tasks
    everything, shared = heads_of_run(prototypical_run, tasks), heads_of_run(prototypical_run, tasks[:1])
    assert {name.split("/")[0] for name in everything} == {"block", "branches", "heads"}
    assert {name.split("/")[0] for name in shared} == {"block"}
