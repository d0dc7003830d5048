"""Focal loss, class weights, oversampling and word deletion, against arithmetic by hand."""

import math

import numpy as np
import pytest

from mobile_app.engine.task import SIGMOID, Task
from training.class_weights import adjusted, balanced, counts_of
from training.config import FitConfig
from training.examples import Examples
from training.losses import focal_loss
from training.objective import Objective, gamma_of, misses
from training.sampling import Oversampling
from training.tensorflow import tf
from training.tokenizer import train_wordpiece
from training.word_deletion import WordDeletion

EMOTION = Task("emotion", ("joy", "anger", "neutral"))
TOPICS = Task("topics", ("work", "home"), SIGMOID)


def examples(task: Task, targets: list[list[int]], labelled: list[int] | None = None) -> Examples:
    mask = np.array(labelled or [1] * len(targets), np.float32)
    ids = tuple((2, 5, 3) for _ in targets)
    return Examples(ids, {task.name: np.array(targets, np.float32)}, {task.name: mask})


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def test_focal_loss_of_a_softmax_task():
    logits = np.array([[1.0, 0.5, -1.0], [0.0, 3.0, 0.0]], np.float32)
    targets, alpha = np.array([[0, 1, 0], [0, 1, 0]], np.float32), np.array([[0.5, 2.0, 1.0]], np.float32)
    p = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))[:, 1]
    found = focal_loss(EMOTION, tf.constant(logits), tf.constant(targets), weights=alpha, gamma=tf.constant(1.5))
    np.testing.assert_allclose(found, 2.0 * (1 - p) ** 1.5 * -np.log(p), rtol=1e-5)


def test_focal_loss_of_a_sigmoid_task():
    logits, targets = np.array([[1.0, -2.0]], np.float32), np.array([[1, 0]], np.float32)
    alpha = np.array([[3.0, 3.0], [0.5, 0.25]], np.float32)
    present, absent = sigmoid(1.0), 1 - sigmoid(-2.0)
    expected = (3 * (1 - present) ** 2 * -np.log(present) + 0.25 * (1 - absent) ** 2 * -np.log(absent)) / 2
    found = focal_loss(TOPICS, tf.constant(logits), tf.constant(targets), weights=alpha, gamma=tf.constant(2.0))
    np.testing.assert_allclose(found, [expected], rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_gradients_of_the_focal_loss_are_finite_where_the_model_is_sure(gamma):
    logits = tf.Variable([[100.0, 0.0, 0.0], [-100.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        loss = focal_loss(EMOTION, logits, tf.constant([[1.0, 0, 0]] * 2), weights=tf.ones([1, 3]), gamma=gamma)
    assert np.isfinite(tape.gradient(loss, logits).numpy()).all()
    assert np.isfinite(loss.numpy()).all()


def test_balanced_weights_are_n_over_n_c_times_classes():
    counts = counts_of(EMOTION, examples(EMOTION, [[1, 0, 0]] * 6 + [[0, 1, 0]] * 2 + [[0, 0, 0]], [1] * 8 + [0]))
    np.testing.assert_allclose(counts, [[6, 2, 0]])
    np.testing.assert_allclose(balanced(counts), [[8 / (6 * 2), 8 / (2 * 2), 0]])
    both = counts_of(TOPICS, examples(TOPICS, [[1, 0], [0, 0], [0, 0], [1, 1]]))
    np.testing.assert_allclose(balanced(both), [[4 / (2 * 2), 4 / (1 * 2)], [4 / (2 * 2), 4 / (3 * 2)]])


def test_adjusted_weights_favour_what_is_missed_and_keep_the_mean():
    counts = np.array([[6, 2]], np.float32)
    found = adjusted(counts, np.array([[0, 2]], np.float32), counts)
    raw = np.array([8 / 12 * 1.0, 8 / 4 * 2.0])
    np.testing.assert_allclose(found[0], raw * 8 / (6 * raw[0] + 2 * raw[1]), rtol=1e-6)
    assert (counts * found).sum() == pytest.approx(8)
    np.testing.assert_allclose(adjusted(counts, counts * 0.5, counts), balanced(counts), rtol=1e-6)


def test_misses_are_counted_by_class():
    logits, mask = tf.constant([[2.0, 0, 0], [2.0, 0, 0], [0, 0, 5.0]]), tf.constant([1.0, 1.0, 0.0])
    wrong, seen = misses(EMOTION, logits, tf.constant([[1.0, 0, 0], [0, 1.0, 0], [0, 1.0, 0]]), mask)
    assert wrong.numpy().tolist() == [[0, 1, 0]]
    assert seen.numpy().tolist() == [[1, 1, 0]]
    wrong, seen = misses(TOPICS, tf.constant([[1.0, 1.0], [-1.0, -1.0]]), tf.constant([[1.0, 0], [1.0, 0]]), tf.ones(2))
    assert wrong.numpy().tolist() == [[1, 0], [0, 1]]
    assert seen.numpy().tolist() == [[2, 0], [0, 2]]


def test_adaptive_weights_follow_the_epoch_and_come_back_from_their_state():
    data = examples(EMOTION, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    config = FitConfig(data="sample", loss="focal", class_weights="adaptive", epochs=3)
    objective = Objective((EMOTION,), data, config)
    targets, masks = {"emotion": tf.constant(data.targets["emotion"])}, {"emotion": tf.ones(3)}
    objective.begin_epoch(1)
    objective({"emotion": tf.constant([[5.0, 0, 0]] * 3)}, targets, masks)  # takes everything for joy
    objective.end_epoch()
    np.testing.assert_allclose(objective.weights["emotion"], [[0.6, 1.2, 1.2]], rtol=1e-6)
    again = Objective((EMOTION,), data, config)
    again.restore(objective.state())
    np.testing.assert_array_equal(again.weights["emotion"], objective.weights["emotion"])
    objective.begin_epoch(2)
    objective({"emotion": tf.constant(np.eye(3, dtype=np.float32) * 9)}, targets, masks)
    objective.end_epoch()
    np.testing.assert_allclose(objective.weights["emotion"], [[1.0, 1.0, 1.0]], rtol=1e-6)


def test_gamma_goes_in_a_straight_line_from_the_first_epoch_to_the_last():
    config = FitConfig(data="sample", loss="focal", focal_gamma=2.0, focal_gamma_end=0.5, epochs=4)
    assert [gamma_of(config, epoch) for epoch in (1, 2, 4)] == pytest.approx([2.0, 1.5, 0.5])
    assert gamma_of(FitConfig(data="sample", loss="focal"), 3) == 2.0
    assert gamma_of(FitConfig(data="sample"), 1) == 0.0


def test_the_prototypical_loss_is_added_to_the_focal_one():
    data = examples(EMOTION, [[1, 0, 0]])
    settings = {"loss": "focal", "head": "prototypes", "focal_gamma": 1.0}
    outputs = {"emotion": tf.constant([[1.0, 0.0, 0.0]])}
    rest = ({"emotion": tf.constant(data.targets["emotion"])}, {"emotion": tf.ones(1)})
    found = []
    for factor in (None, 0.5):
        objective = Objective((EMOTION,), data, FitConfig(data="sample", prototypical_loss=factor, **settings))
        objective.begin_epoch(1)
        found.append(float(objective(outputs, *rest)["emotion"]))
    p = math.e / (math.e + 2)
    assert found == pytest.approx([-(1 - p) * math.log(p), -(1 - p) * math.log(p) - 0.5 * math.log(p)], rel=1e-5)


def test_oversampling_makes_labels_equally_frequent_and_keeps_every_utterance():
    data = examples(EMOTION, [[1, 0, 0]] * 9 + [[0, 1, 0]] * 4 + [[0, 0, 0]], [1] * 13 + [0])
    sampler = Oversampling((EMOTION,), data, seed=3)
    rows = sampler.rows(2)
    assert len(rows) == sampler.n_rows == 19
    assert np.bincount(rows, minlength=14)[:9].tolist() == [1] * 9
    assert sorted(np.bincount(rows)[9:13]) == [2, 2, 2, 3]
    assert rows[-5:].tolist() != sampler.rows(3)[-5:].tolist()
    np.testing.assert_array_equal(rows, Oversampling((EMOTION,), data, seed=3).rows(2))


def test_oversampling_of_a_sigmoid_task_goes_by_the_rarest_label():
    data = examples(TOPICS, [[1, 0]] * 98 + [[1, 1]] * 2)
    rows = Oversampling((TOPICS,), data, seed=1).rows(1)
    assert np.bincount(rows)[[0, 99]].tolist() == [1, round(math.sqrt(0.51 / 0.02))]


def test_word_deletion_depends_on_seed_and_epoch_and_never_deletes_all():
    texts = ["one two three four five six seven eight nine ten", "alone"] * 50
    tokenizer = train_wordpiece(texts, size=60).wordpiece
    deletion = WordDeletion(texts, tokenizer, 16, share=0.3, seed=1)
    first = deletion.texts(1)
    assert first == WordDeletion(texts, tokenizer, 16, share=0.3, seed=1).texts(1)
    assert first != deletion.texts(2)
    assert set(first[1::2]) == {"alone"}
    kept = sum(len(text.split()) for text in first[::2]) / 500
    assert 0.6 < kept < 0.8
    assert all(set(new.split()) <= set(old.split()) for new, old in zip(first, texts, strict=True))
    assert len(deletion.ids(1)) == 100
