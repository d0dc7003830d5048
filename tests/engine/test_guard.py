import shutil

import numpy as np
import pytest

from mobile_app.engine import npz
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError
from mobile_app.engine.guard import Guard, Replay, price
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.separators import SoftmaxSeparator
from mobile_app.engine.task import Task
from tests.engine.helpers import rehash

JOY = Task("emotion", ("joy", "anger"))


def replay(n=20):
    x = np.random.default_rng(0).normal(size=(n, 3)).astype(np.float16)
    carried = np.stack([x[:, 0] > 0, x[:, 0] <= 0], axis=1).astype(np.uint8)
    return {"features": x, "labels": carried}


def linear(sign):
    return SoftmaxSeparator.from_weights(("joy", "anger"), [[sign, 0, 0], [-sign, 0, 0]], [0, 0])


def test_the_score_is_the_share_that_is_right():
    frozen = Replay.of(JOY, replay(), 3)
    assert (frozen.score(linear(1.0)), frozen.score(linear(-1.0))) == (1.0, 0.0)
    new = SoftmaxSeparator.from_weights(("joy", "anger", "boredom"), np.zeros((3, 3)), [0, 0, 9])
    assert frozen.score(new) == 0.0  # a label of one's own is not what these utterances carry


def test_sigmoid_tasks_are_scored_label_by_label():
    arrays = replay(4) | {"labels": np.array([[1, 0], [1, 1], [0, 0], [0, 1]], np.uint8)}
    task = Task("topics", ("food", "weather"), "sigmoid")
    never = SoftmaxSeparator.from_weights(task.labels, np.zeros((2, 3)), [-9, -9], activation="sigmoid")
    assert Replay.of(task, arrays, 3).score(never) == 0.5


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"features": replay()["features"]},
        replay() | {"labels": np.ones((20, 3))},
        {**replay(), "features": [[1.0]]},
    ],
)
def test_a_replay_set_of_another_shape_is_refused(arrays):
    with pytest.raises(BundleError, match="a replay set of task 'emotion'"):
        Replay.of(JOY, {name: np.asarray(array) for name, array in arrays.items()}, 3)


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        (0.80, 0.79, False),  # little, and little altogether
        (0.80, 0.75, True),  # a whole step at once
        (0.76, 0.75, True),  # little, but altogether a step
        (0.75, 0.74, False),  # asked already
        (0.71, 0.70, True),  # the second step
        (0.90, 0.84, True),  # a step at once, though still above the base
        (0.83, 0.79, False),
        (0.60, 0.65, False),  # it gets better
        (0.60, 0.60, False),
    ],
)
def test_a_person_is_asked_at_every_whole_step_below_the_base(before, after, asked):
    cost = price(0.8, before, after, step=0.05)
    assert cost == pytest.approx(max(0.8, before) - after if asked else 0.0)


def test_many_small_losses_add_up_to_a_question():
    scores = [0.8 - 0.005 * n for n in range(41)]
    asked = [n for n in range(1, 41) if price(0.8, scores[n - 1], scores[n], step=0.05)]
    assert asked == [10, 20, 30, 40]


@pytest.fixture
def guarded(learning_bundle, encoder, tmp_path):
    """A bundle with a replay set of the words that its own tests use."""
    folder = shutil.copytree(learning_bundle.path, tmp_path / "bundle")
    texts = ["happy", "sad", "you are", "so happy", "unhappy", ". !"] * 5
    labels = ["joy", "sadness", "neutral", "joy", "sadness", "neutral"] * 5
    task = learning_bundle.manifest.task("emotion")
    arrays = npz.unpack((folder / "separators.npz").read_bytes()) | {
        "emotion.replay.features": np.stack([encoder.encode(text).features for text in texts]).astype(np.float16),
        "emotion.replay.labels": np.array([[name == label for name in task.labels] for label in labels], np.uint8),
    }
    (folder / "separators.npz").write_bytes(npz.pack(arrays))
    rehash(folder, "separators.npz")
    return Bundle.open(folder)


def test_a_label_that_costs_too_much_is_said_and_can_be_discarded(guarded, encoder, store):
    personalizer = Personalizer(guarded, encoder, store)
    personalizer._guard = Guard(guarded, personalizer.learner.separators(), max_cost=0.0)
    before = personalizer.learner.tasks["emotion"].separator.to_arrays()
    costs = {}
    for index in range(200):  # nonsense, until something is lost by it
        learned = personalizer.learn("happy", {"emotion": "sadness"}, uid=str(index))
        costs = learned.costs
        if costs:
            break
    assert 0.0 < costs["emotion"] <= 1.0 and "topics" not in costs
    for number in range(index, -1, -1):
        personalizer.forget(str(number))
    for name, array in personalizer.learner.tasks["emotion"].separator.to_arrays().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_bundle_without_a_replay_set_warns_of_nothing(learning_bundle, encoder, store):
    personalizer = Personalizer(learning_bundle, encoder, store)
    assert all(not personalizer.learn("happy", {"emotion": "sadness"}).costs for _ in range(20))
