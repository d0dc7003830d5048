"""Prototypes: the arithmetic of the head, and that no utterance is ever compared with itself."""

import numpy as np
import pytest

from mobile_app.engine.separators import PrototypeSeparator
from mobile_app.engine.task import SIGMOID, Task
from training.heads import PrototypeHead
from training.prototypes import leave_one_out, means
from training.tensorflow import tf

EMOTION = Task("emotion", ("joy", "anger", "neutral"))
TOPICS = Task("topics", ("work", "home", "play"), SIGMOID)
WIDTH = 6


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


def points(n: int, seed: int = 1) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(n, WIDTH)))


def targets_for(task: Task, n: int) -> np.ndarray:
    """Return labels that all occur often: one each in turn, or every combination in turn."""
    if task.is_multi_label:
        return np.array([[place >> bit & 1 for bit in range(3)] for place in range(n)], np.float32)
    return np.eye(3, dtype=np.float32)[np.arange(n) % 3]


def head_for(task: Task, targets: np.ndarray, embedded: np.ndarray, distance: str = "squared") -> PrototypeHead:
    head = PrototypeHead(task, WIDTH, distance=distance, temperature=0.1)
    sides = [targets, 1 - targets][: head.sides]
    head.freeze(*means(np.stack(sides), embedded))
    return head


def scored(head, fresh, targets, rows, own, mask=None):
    mask = np.ones(len(fresh), np.float32) if mask is None else mask
    logits, supported = leave_one_out(
        head, tf.constant(fresh), tf.constant(targets), tf.constant(mask), tf.constant(rows), tf.constant(own)
    )
    return logits.numpy(), supported.numpy()


def by_hand(task, fresh, targets, rows, everything, all_targets, row, distance):
    """Return the logits of one utterance of a batch, from loops over the others."""
    logits = []
    for label in range(3):
        near = []
        for wanted in (1, 0)[: 2 if task.is_multi_label else 1]:
            members = [fresh[j] for j in range(len(rows)) if rows[j] != rows[row] and targets[j, label] == wanted]
            rest = [everything[k] for k in range(len(everything)) if k != rows[row] and all_targets[k, label] == wanted]
            if rest:
                members.append(np.mean(rest, axis=0))
            gap = fresh[row] - np.mean(members, axis=0)
            near.append(-(gap @ gap if distance == "squared" else np.sqrt(gap @ gap)) / 0.1)
        logits.append(near[0] - near[1] if task.is_multi_label else near[0])
    return logits


@pytest.mark.parametrize("distance", ["squared", "euclidean"])
@pytest.mark.parametrize("task", [EMOTION, TOPICS], ids=["softmax", "sigmoid"])
def test_learning_compares_with_the_others_in_batch_and_split(task, distance):
    everything, all_targets = points(24), targets_for(task, 24)
    rows = np.array([3, 8, 13, 8, 20, 21, 22], np.int64)  # 8 twice, as oversampling makes it
    fresh, targets = points(7, seed=2), all_targets[rows]
    head = head_for(task, all_targets, everything, distance)
    logits, supported = scored(head, fresh, targets, rows, everything[rows])
    expected = [by_hand(task, fresh, targets, rows, everything, all_targets, row, distance) for row in range(len(rows))]
    np.testing.assert_allclose(logits, expected, atol=2e-4)
    assert supported.tolist() == [1.0] * 7


@pytest.mark.parametrize("task", [EMOTION, TOPICS], ids=["softmax", "sigmoid"])
def test_an_utterance_is_no_part_of_the_prototypes_that_score_it(task):
    """Its own label decides nothing: whatever it is said to be, its logits stay, and only the others' change."""
    everything, targets = points(16), targets_for(task, 16)
    rows = np.arange(16)
    told, lied = targets.copy(), targets.copy()
    lied[5] = 1 - lied[5] if task.is_multi_label else np.roll(lied[5], 1)
    answers = [scored(head_for(task, t, everything), everything, t, rows, everything)[0] for t in (told, lied)]
    np.testing.assert_allclose(answers[0][5], answers[1][5], atol=2e-4)
    assert np.abs(np.delete(answers[0] - answers[1], 5, axis=0)).max() > 1e-2


def test_gradients_reach_the_support_but_do_not_pass_through_the_utterance_itself():
    everything, targets = points(6), targets_for(EMOTION, 6)
    head, rows = head_for(EMOTION, targets, everything), tf.range(6, dtype=tf.int64)
    fresh = tf.Variable(everything)
    with tf.GradientTape() as tape:
        logits, _ = leave_one_out(head, fresh, tf.constant(targets), tf.ones(6), rows, tf.constant(everything))
        first = logits[0, 0]
    gradient = tape.gradient(first, fresh).numpy()
    assert np.abs(gradient[3]).max() > 0  # the other one with label 0 is its support
    assert np.abs(gradient[[1, 2, 4, 5]]).max() == 0
    frozen = (2 * np.mean([everything[3], everything[3]], axis=0) - 2 * everything[0]) / 0.1
    np.testing.assert_allclose(gradient[0], frozen, rtol=1e-4)


def test_what_nothing_else_supports_is_not_scored():
    targets = np.eye(3, dtype=np.float32)[[0, 0, 1]]
    everything = points(3)
    head = head_for(EMOTION, targets, everything)
    logits, supported = scored(head, everything, targets, np.arange(3), everything)
    assert supported.tolist() == [1.0, 1.0, 0.0]
    assert logits[2, 1] == logits[0, 2] == pytest.approx(-80.0)  # no other of its label; none in the split at all
    _, without_labels = scored(head, everything, targets * 0, np.arange(3), everything, np.zeros(3, np.float32))
    assert without_labels.tolist() == [1.0] * 3


@pytest.mark.parametrize("task", [EMOTION, TOPICS], ids=["softmax", "sigmoid"])
def test_the_frozen_head_agrees_with_the_prototype_separator_of_the_phone(task):
    everything, targets = points(30), targets_for(task, 30)
    separator = PrototypeSeparator(task.labels, WIDTH, activation=task.activation)
    sets = [tuple(label for label, on in zip(task.labels, row, strict=True) if on) for row in targets]
    separator.learn_many(everything, sets if task.is_multi_label else [one[0] for one in sets])
    logits = head_for(task, targets, everything)(tf.constant(points(9, seed=4) * 3.0))
    found = tf.sigmoid(logits) if task.is_multi_label else tf.nn.softmax(logits)
    np.testing.assert_allclose(found, separator.predict_proba_many(points(9, seed=4)), atol=1e-5)


def test_means_of_labels_without_utterances_are_nothing():
    found, counts = means(np.array([[[1, 0], [1, 0]]], np.float32), np.array([[1, 3], [3, 5]], np.float32))
    np.testing.assert_allclose(found, [[[2, 4], [0, 0]]])
    np.testing.assert_allclose(counts, [[2, 0]])
