import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import BundleError, StoreError, UndertoneError
from mobile_app.engine.learner import as_stored
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.separators import SEPARATORS
from mobile_app.engine.store import Store
from tests.engine.helpers import rehash
from tests.engine.learning import utterances

every_kind = pytest.mark.parametrize("kind", list(SEPARATORS))


@pytest.fixture
def opened(learning_bundle, encoder, store):
    return lambda kind="softmax", **settings: Personalizer(learning_bundle, encoder, store, separator=kind, **settings)


def state(personalizer):
    return {
        (name, array): value
        for name, learner in personalizer.learner.tasks.items()
        for array, value in learner.separator.to_arrays().items()
    }


def assert_same_state(first, second):
    first, second = state(first), state(second)
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=str(name))


def test_without_labels_the_softmax_learner_says_what_the_base_separators_say(opened, learning_bundle, encoder):
    prediction = opened().predict("I am happy.")
    arrays = learning_bundle.base_separators()["emotion"]["softmax"]
    separator = SEPARATORS["softmax"].from_arrays(arrays)
    expected = separator.predict_proba_one(encoder.encode("I am happy.").features)
    np.testing.assert_allclose(list(prediction.tasks["emotion"].probabilities.values()), expected)


@every_kind
def test_a_label_is_predicted_first_and_learned_afterwards(opened, store, kind):
    personalizer = opened(kind)
    before = personalizer.predict("so very !")
    learned = personalizer.learn("so very !", {"emotion": "sadness", "topics": ("food",)}, uid="one")
    after = personalizer.predict("so very !")
    assert learned.uid == "one"
    assert learned.before.tasks == before.tasks and learned.after.tasks == after.tasks
    assert after.tasks["emotion"].probabilities["sadness"] > before.tasks["emotion"].probabilities["sadness"]
    assert after.tasks["topics"].probabilities["food"] > before.tasks["topics"].probabilities["food"]
    assert learned.base.tasks == personalizer.base_prediction("so very !").tasks
    stored = store.get("one")
    assert stored.said["emotion"].label == before.tasks["emotion"].label
    assert stored.said["emotion"].base_label == learned.base.tasks["emotion"].label
    assert stored.said["emotion"].probabilities == pytest.approx(before.tasks["emotion"].probabilities, abs=1e-6)


def test_the_model_of_the_bundle_never_learns(opened):
    personalizer = opened()
    before = personalizer.base_prediction("happy")
    for _ in range(20):
        personalizer.learn("happy", {"emotion": "sadness"})
    assert personalizer.base_prediction("happy").tasks == before.tasks
    assert personalizer.predict("happy").tasks["emotion"].label == "sadness"


@every_kind
def test_learning_on_after_a_restart_is_learning_on(opened, encoder, kind):
    stream = utterances(30)
    first = opened(kind)
    for utterance in stream[:20]:
        first.learn_utterance(utterance)
    second = opened(kind)
    assert_same_state(first, second)
    assert {name: learner.version for name, learner in second.learner.tasks.items()} == {"emotion": 20, "topics": 20}
    uninterrupted = first.learner
    for utterance in stream[20:]:
        encoding = encoder.encode(utterance.text)
        uninterrupted = uninterrupted.learned(as_stored(encoding.features), utterance.labels)
        assert uninterrupted.predict(encoding).tasks == second.learn_utterance(utterance).after.tasks


@every_kind
def test_a_replay_of_the_labels_gives_the_same_learner(opened, kind):
    personalizer = opened(kind)
    for utterance in utterances(40):
        personalizer.learn_utterance(utterance)
    incremental = personalizer.learner
    personalizer.replay()
    for name, learner in incremental.tasks.items():
        replayed = personalizer.learner.tasks[name]
        assert (replayed.version, replayed.up_to) == (learner.version, learner.up_to)
        for array, value in learner.separator.to_arrays().items():
            np.testing.assert_array_equal(replayed.separator.to_arrays()[array], value)


@every_kind
def test_another_separator_learns_the_stored_labels_on_opening(opened, kind):
    with_softmax = opened("softmax")
    for utterance in utterances(15):
        with_softmax.learn_utterance(utterance)
    switched = opened(kind)
    assert switched.learner.tasks["emotion"].separator.n_seen >= 15
    switched.learn_utterance(utterances(1, seed=7)[0])
    back = opened("softmax")  # it missed one label, and catches up
    assert back.learner.tasks["emotion"].version == 16
    incremental = state(back)
    back.replay()
    for name, array in state(back).items():
        np.testing.assert_array_equal(array, incremental[name])


def test_another_model_computes_features_again_and_keeps_the_labels(learning_bundle, opened, store):
    personalizer = opened()
    for utterance in utterances(10):
        personalizer.learn_utterance(utterance)
    with closing(Encoder(learning_bundle, "fp16")) as other:
        updated = Personalizer(learning_bundle, other, store)
        assert updated.learner.tasks["emotion"].version == 10
    assert len(store.features(learning_bundle.model_hash("fp16"))) == 10


def test_a_saved_state_that_cannot_be_read_is_built_again(opened, store):
    personalizer = opened()
    for utterance in utterances(5):
        personalizer.learn_utterance(utterance)
    with store._database.transaction() as connection:
        connection.execute("UPDATE learner SET arrays = x'00' WHERE task = 'emotion'")
    assert_same_state(opened(), personalizer)


@every_kind
def test_forgetting_ends_where_it_would_have_been_without(opened, store, kind, learning_bundle, encoder, tmp_path):
    stream = utterances(20)
    personalizer = opened(kind)
    for utterance in stream:
        personalizer.learn_utterance(utterance)
    personalizer.forget(stream[7].uid)
    with closing(Store(tmp_path / "never.db")) as other:
        never = Personalizer(learning_bundle, encoder, other, separator=kind)
        for utterance in stream[:7] + stream[8:]:
            never.learn_utterance(utterance)
        assert_same_state(personalizer, never)
    assert_same_state(opened(kind), personalizer)
    assert stream[7].uid not in store and len(store) == 19
    with pytest.raises(StoreError, match=f"the id of a stored utterance; found '{stream[7].uid}'"):
        personalizer.forget(stream[7].uid)


def test_undo_goes_back_one_label_at_a_time(opened):
    personalizer = opened()
    states = [state(personalizer)]
    for index in range(3):
        personalizer.learn(f"happy {index}", {"emotion": "boredom"}, uid=str(index))
        states.append(state(personalizer))
    for index in (2, 1, 0):
        assert personalizer.undo_last().utterance.uid == str(index)
        assert state(personalizer).keys() == states[index].keys()
        for name, array in state(personalizer).items():
            np.testing.assert_array_equal(array, states[index][name])
    assert personalizer.undo_last() is None
    assert "boredom" not in personalizer.learner.tasks["emotion"].separator.labels


def test_rolling_back_to_a_date_ends_where_it_was_then(opened, store):
    personalizer, states = opened(), []
    for day in range(1, 8):
        personalizer.learn(
            "so happy", {"emotion": "sadness"}, uid=f"day {day}", when=datetime(2026, 11, day, 12, tzinfo=timezone.utc)
        )
        states.append(state(personalizer))
    late = personalizer.rollback(datetime(2026, 11, 3, 13, tzinfo=timezone.utc))
    assert [item.utterance.uid for item in late] == [f"day {day}" for day in range(4, 8)]
    assert len(store) == 3
    for name, array in state(personalizer).items():
        np.testing.assert_array_equal(array, states[2][name])
    assert_same_state(opened(), personalizer)
    assert personalizer.rollback(datetime(2026, 11, 3, 13, tzinfo=timezone.utc)) == []


def test_forgetting_starts_from_the_nearest_snapshot(opened, store):
    personalizer = opened()
    for index in range(40):
        personalizer.learn(f"happy {index}", {"emotion": "sadness"}, uid=str(index))
    number = store.get("37").number
    nearest = store.learner_before(number, personalizer._model_hash, personalizer._kind)
    assert 0 < number - nearest["emotion"].up_to <= 4
    personalizer.forget("37")
    forgotten = state(personalizer)
    personalizer.replay()
    for name, array in state(personalizer).items():
        np.testing.assert_array_equal(array, forgotten[name])
    after = store.learner_before(10**9, personalizer._model_hash, personalizer._kind)
    assert after["emotion"].up_to < number  # no snapshot remembers what was forgotten


def test_retraining_says_how_far_it_is(opened):
    personalizer, told = opened(), []
    for utterance in utterances(5):
        personalizer.learn_utterance(utterance)
    personalizer.replay(lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(1, 6)]


def test_relabelling_is_forgetting_and_learning(opened, store):
    personalizer = opened()
    for utterance in utterances(10):
        personalizer.learn_utterance(utterance)
    uid = utterances(10)[4].uid
    topics = store.get(uid).utterance.labels["topics"]
    personalizer.relabel(uid, {"emotion": "neutral"})
    assert len(store) == 10
    assert store.get(uid).utterance.labels == {"emotion": "neutral", "topics": topics}
    incremental = state(personalizer)
    assert_same_state(opened(), personalizer)
    personalizer.replay()
    for name, array in state(personalizer).items():
        np.testing.assert_array_equal(array, incremental[name])


def test_reset_goes_back_to_the_base(opened, store):
    base = state(opened())
    personalizer = opened()
    for utterance in utterances(5):
        personalizer.learn_utterance(utterance)
    personalizer.reset()
    assert len(store) == 0
    for name, array in state(opened()).items():
        np.testing.assert_array_equal(array, base[name])
        np.testing.assert_array_equal(array, state(personalizer)[name])


def test_prequential_scores_come_from_what_was_said_then(opened):
    personalizer = opened()
    learned = [(utterance, personalizer.learn_utterance(utterance)) for utterance in utterances(40)]
    scores = opened().prequential()
    for name in ("emotion", "topics"):
        for side, said in (("base", "base"), ("personal", "before")):
            right = [
                set(getattr(result, said).tasks[name].label) == set(utterance.labels[name])
                for utterance, result in learned
            ]
            assert scores[name].marks()[-1][side]["accuracy"] == pytest.approx(np.mean(right))


@every_kind
def test_a_label_of_ones_own_is_a_new_class(opened, kind):
    personalizer = opened(kind)
    for _ in range(10):
        personalizer.learn("you are . ' !", {"emotion": "boredom", "topics": ("hobby",)})
    prediction = opened(kind).predict("you are . ' !")
    assert list(prediction.tasks["emotion"].probabilities) == ["joy", "sadness", "neutral", "boredom"]
    assert prediction.tasks["emotion"].label == "boredom"
    assert "hobby" in prediction.tasks["topics"].label


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"feeling": "joy"}, r"a task of this bundle \(emotion, topics\); found 'feeling'"),
        ({}, "a label in at least one task"),
        ({"emotion": ("joy", "sadness")}, "exactly one label an utterance"),
        ({"emotion": ""}, "labels that are one line of text"),
    ],
)
def test_labels_that_cannot_be_learned_change_nothing(opened, store, labels, message):
    personalizer = opened()
    before = state(personalizer)
    with pytest.raises(UndertoneError, match=message):
        personalizer.learn("happy", labels)
    assert len(store) == 0
    for name, array in state(personalizer).items():
        np.testing.assert_array_equal(array, before[name])


def test_what_cannot_be_stored_is_not_learned(opened, store):
    personalizer = opened()
    personalizer.learn("happy", {"emotion": "joy"}, uid="taken")
    before = state(personalizer)
    with pytest.raises(StoreError, match="'taken'"):
        personalizer.learn("sad", {"emotion": "joy"}, uid="taken")
    for name, array in state(personalizer).items():
        np.testing.assert_array_equal(array, before[name])


def test_a_bundle_without_the_base_separator_is_refused(learning_bundle, encoder, store, tmp_path):
    folder = shutil.copytree(learning_bundle.path, tmp_path / "bundle")
    with np.load(folder / "separators.npz") as arrays:
        kept = {name: arrays[name] for name in arrays.files if not name.startswith("topics.oselm")}
    np.savez(folder / "separators.npz", **kept)
    rehash(folder, "separators.npz")
    with pytest.raises(
        BundleError,
        match=r"a base separator 'oselm' for task 'topics' .*; found ensemble, softmax, hidden, prototypes, elm",
    ):
        Personalizer(Bundle.open(folder), encoder, store, separator="oselm")


LABELLING = """
import sys
from pathlib import Path
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.store import Store
from tests.engine.learning import utterances

bundle = Bundle.open(Path(sys.argv[1]))
personalizer = Personalizer(bundle, Encoder(bundle), Store(Path(sys.argv[2])))
for utterance in utterances(1000, seed=int(sys.argv[3])):
    personalizer.learn_utterance(utterance)
    print(utterance.uid, flush=True)
"""


def test_no_acknowledged_label_is_lost_when_the_process_is_killed(learning_bundle, encoder, tmp_path):
    path = tmp_path / "killed.db"
    chance, acknowledged = random.Random(0), []
    for seed in range(20):
        command = [sys.executable, "-c", LABELLING, str(learning_bundle.path), str(path), str(seed)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        acknowledged += [child.stdout.readline().strip() for _ in range(chance.randint(1, 30))]
        time.sleep(chance.uniform(0.0, 0.01))
        os.kill(child.pid, signal.SIGKILL)
        acknowledged += child.stdout.read().split("\n")[:-1]  # without a line cut off by the kill
        child.wait()
        child.stdout.close()
    with closing(Store(path)) as store:
        stored = [item.utterance.uid for item in store.in_order()]
        assert set(acknowledged) <= set(stored)
        assert len(stored) - len(acknowledged) <= 20  # at most one a kill was stored and not yet said so
        personalizer = Personalizer(learning_bundle, encoder, store)
        saved = state(personalizer)
        personalizer.replay()
        for name, array in state(personalizer).items():
            np.testing.assert_array_equal(array, saved[name])
