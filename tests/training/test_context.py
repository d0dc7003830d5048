"""Context models: no future, no padding, no batch in an answer; and runs that resume, stop and refuse as fit does."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.context import Turn, window_of
from mobile_app.engine.errors import CheckFailedError, DataError, UndertoneError
from mobile_app.engine.task import Task
from training.context.batches import ContextExamples, batches
from training.context.checkpoint import load_context_run
from training.context.config import LAYOUTS, OPINIONS, ContextConfig
from training.context.fitting import fit_context
from training.context.model import ContextModel
from training.context.predicting import predict_examples
from training.context.sequences import NOBODY, whole_dialogues, windows
from training.utterance import Utterance

TASKS = (Task("emotion", ("joy", "anger", "neutral")), Task("topics", ("me", "you"), "sigmoid"))
DIMENSION = 6
SMALL = ContextConfig(run="tiny", data="x", causal=True, layout="attention", width=8, units=8, window=4, speakers=True)


def talk(sizes=(5, 1, 3), speakers="ABAAB"):
    """Return dialogues of these sizes, their utterances shuffled as a file may have them."""
    said = [
        Utterance(f"{d} {p}", {"emotion": ("joy",)}, dialogue=f"d{d}", position=p, speaker=speakers[p])
        for d, size in enumerate(sizes)
        for p in range(size)
    ]
    return random.Random(3).sample(said, len(said))


def model_of(config):
    """Return a model whose weights are all at work, with batch norm that is no identity."""
    model = ContextModel(config, TASKS, DIMENSION)
    noise = np.random.default_rng(5)
    for variable in model.weights:
        variable.assign(variable.numpy() + 0.2 * noise.standard_normal(variable.shape))
    return model


def answers(model, utterances, vectors, batch_size=64):
    examples = ContextExamples.of(utterances, vectors, TASKS, model.config)
    found = predict_examples(model, TASKS, examples, batch_size).probabilities
    return np.concatenate([found[task.name] for task in TASKS], axis=1)


@pytest.fixture(scope="module", params=LAYOUTS)
def causal(request):
    return model_of(replace(SMALL, layout=request.param))


@pytest.fixture(scope="module")
def whole():
    return model_of(replace(SMALL, causal=False, layout="cnn-lstm"))


@pytest.fixture(scope="module")
def vectors():
    return np.random.default_rng(1).standard_normal((9, DIMENSION)).astype(np.float32)


def test_windows_end_with_their_utterance_and_stay_in_its_dialogue():
    said = talk()
    found = windows(said, 4)
    for row, utterance in enumerate(said):
        seen = [said[place] for place in found.rows[row] if place != NOBODY]
        assert [one.position for one in seen] == list(range(max(0, utterance.position - 3), utterance.position + 1))
        assert {one.dialogue for one in seen} == {utterance.dialogue}
        same = found.same_speaker[row][found.rows[row] != NOBODY]
        assert same.tolist() == [1.0 if one.speaker == utterance.speaker else -1.0 for one in seen]


def test_speakers_are_compared_and_nothing_else_of_them_counts():
    named = windows(talk(speakers="ABAAB"), 4)
    renamed = windows(talk(speakers="XYXXY"), 4)
    unknown = windows([replace(one, speaker=None) for one in talk()], 4)
    assert np.array_equal(named.same_speaker, renamed.same_speaker)
    assert not unknown.same_speaker.any()


def test_the_engine_lays_out_what_training_saw(vectors):
    said = talk()
    examples = ContextExamples.of(said, vectors, TASKS, SMALL)
    batch = next(batches(examples, np.arange(len(said)), len(said)))
    for row, utterance in enumerate(said):
        before = [other for other in range(len(said)) if said[other].dialogue == utterance.dialogue]
        before = sorted((o for o in before if said[o].position <= utterance.position), key=lambda o: said[o].position)
        window = window_of([Turn(vectors[place], said[place].speaker) for place in before], SMALL.window)
        for name, expected in batch.inputs.items():
            assert np.array_equal(window[name][0], expected[row]), name


def test_whole_dialogues_cut_to_one_utterance_have_no_context():
    said = talk()
    assert whole_dialogues(said).rows.shape == (3, 5)
    assert sorted(whole_dialogues(said, 1).rows[:, 0].tolist()) == list(range(9))


def test_a_causal_model_never_sees_the_future(causal, vectors):
    said = talk()
    before = answers(causal, said, vectors)
    changed = vectors.copy()
    late = [row for row, one in enumerate(said) if one.position >= 2]
    changed[late] += 3.0
    after = answers(causal, said, changed)
    early = [row for row in range(9) if row not in late]
    assert np.array_equal(before[early], after[early])
    assert np.abs(before[late] - after[late]).max(axis=1).min() > 1e-4


def test_a_causal_model_sees_its_window_and_no_more(causal):
    said = talk((5,))
    vectors = np.random.default_rng(2).standard_normal((5, DIMENSION)).astype(np.float32)
    row = {one.position: at for at, one in enumerate(said)}
    before = answers(causal, said, vectors)
    for position, seen in ((0, False), (1, True), (3, True)):
        changed = vectors.copy()
        changed[row[position]] += 2.0
        assert np.array_equal(before[row[4]], answers(causal, said, changed)[row[4]]) is not seen, position


def test_the_papers_layout_sees_the_future(whole, vectors):
    said = talk()
    changed = vectors.copy()
    changed[[row for row, one in enumerate(said) if one.position == 1]] += 3.0
    first = [row for row, one in enumerate(said) if one.position == 0 and one.dialogue != "d1"]
    assert np.abs(answers(whole, said, vectors) - answers(whole, said, changed))[first].max() > 1e-4


def test_answers_do_not_depend_on_the_batch_or_on_padding(causal, whole, vectors):
    said = talk()
    for model in (causal, whole):
        together = answers(model, said, vectors)
        np.testing.assert_allclose(together, answers(model, said, vectors, batch_size=1), atol=1e-6)
        alone = [row for row, one in enumerate(said) if one.dialogue == "d2"]
        only = answers(model, [said[row] for row in alone], vectors[alone])
        np.testing.assert_allclose(together[alone], only, atol=1e-6)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"layout": "attention"}, "--layout cnn-lstm, or --causal"),
        ({"window": 0}, "--window from 1"),
        ({"vectors": "words"}, "--vectors one of features"),
        ({"causal": True, "layout": "attention", "units": 6}, "--units"),
        ({"tasks": ()}, "--tasks"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
    ],
)
def test_choices_that_contradict_are_refused(choices, words):
    with pytest.raises(UndertoneError, match=words):
        ContextConfig(run="tiny", data="x", **choices)


# Whole runs, on the pocket-sized vectors of the tiny run.


@pytest.fixture(scope="module")
def choices(tiny_run, dialogues_csv):
    return ContextConfig(
        run=str(tiny_run), data=str(dialogues_csv), causal=True, layout=OPINIONS, window=4, units=8, speakers=True,
        epochs=6, patience=6, batch_size=16, learning_rate=1e-2, vector_dropout=0.0, dropout=0.0, forget=0.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def finished(choices, tmp_path_factory):
    folder = tmp_path_factory.mktemp("context")
    return folder / "run", fit_context(choices, folder / "run")


def test_context_decides_where_the_utterance_alone_cannot(finished):
    # Half of the utterances are "well okay": their label is that of the speaker's utterance before.
    _, metrics = finished
    assert metrics["gain_weighted_f1"]["test"]["emotion"] > 0.1
    floor = metrics["baselines"]["tfidf_lr"]["test"]
    assert metrics["test"]["emotion"]["weighted_f1"] > floor["emotion"]["weighted_f1"]


def test_a_run_folder_holds_what_is_needed_and_no_path(finished, choices):
    path, metrics = finished
    names = {one.name for one in path.iterdir()}
    pictures = {f"confusion.emotion.{split}.png" for split in ("dev", "test")}
    assert names == {"config.json", "weights.safetensors", "metrics.json", "history.json"} | pictures
    assert json.loads((path / "config.json").read_text())["context"]["run"] == Path(choices.run).name
    assert load_context_run(path).metrics == metrics


def test_a_stopped_run_continues_to_the_same_result(finished, choices, tmp_path, monkeypatch):
    _, metrics = finished
    from training.context.loop import ContextLoop

    whole_epoch = ContextLoop.run_epoch

    def killed(self, epoch):
        if epoch == 4:
            raise KeyboardInterrupt
        return whole_epoch(self, epoch)

    monkeypatch.setattr(ContextLoop, "run_epoch", killed)
    with pytest.raises(KeyboardInterrupt):
        fit_context(choices, tmp_path / "run", baselines=False)
    monkeypatch.undo()
    with pytest.raises(UndertoneError, match="--resume"):
        fit_context(choices, tmp_path / "run", baselines=False)
    again = fit_context(choices, tmp_path / "run", baselines=False, resume=True)
    assert {**again, "baselines": metrics["baselines"]} == metrics
    assert sorted(one.name for one in tmp_path.iterdir()) == [".vectors", "run"]


def test_a_loss_that_is_no_number_stops_the_run(choices, tmp_path):
    with pytest.raises(CheckFailedError, match="in epoch 1, batch") as caught:
        fit_context(replace(choices, learning_rate=1e30, epochs=3), tmp_path / "run", twin=False, baselines=False)
    assert "--learning-rate" in str(caught.value)


def test_torn_dialogues_and_data_without_any_are_refused(choices, tiny_csv, two_kinds_of_tasks, tmp_path):
    with pytest.raises(DataError, match=r"each dialogue .* in one split"):
        fit_context(replace(choices, data=str(tiny_csv)), tmp_path / "run")
    with pytest.raises(DataError, match="dialogues of two utterances"):
        fit_context(replace(choices, data=str(two_kinds_of_tasks)), tmp_path / "run")


def test_backbones_that_hide_their_layers_are_refused_before_training(choices, tmp_path):
    with pytest.raises(UndertoneError, match="--vectors features"):
        fit_context(replace(choices, run="pocket", vectors="cls4"), tmp_path / "run")


def test_the_papers_vectors_are_four_layers_wide(choices, tmp_path):
    paper = replace(choices, vectors="both", causal=False, layout="cnn-lstm", width=8, epochs=1)
    fit_context(paper, tmp_path / "run", twin=False, baselines=False)
    assert load_context_run(tmp_path / "run").model.dimension == 128 + 2 * 128  # the tiny backbone has two layers
