"""The separator study on features whose answer is known: a rotation breaks a shipped separator, not a new one."""

import numpy as np

from mobile_app.engine.task import Task
from quantization.study import DRAWS, Split, study

TASK = Task("emotion", ("a", "b", "c"))
TOPICS = Task("topics", ("x", "y"), "sigmoid")


def split(n, seed, turn, tasks=(TASK,)):
    """Return features around one corner a label, and the same features turned for the recipe."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, n)
    features = (4 * np.eye(3)[labels] + 0.3 * random.normal(size=(n, 3))).astype(np.float32)
    gold = {"emotion": (np.eye(3, dtype=bool)[labels], np.ones(n, dtype=bool))}
    gold["topics"] = (np.stack([labels != 0, labels == 2], axis=1), np.ones(n, dtype=bool))
    recipe = features[:, [1, 2, 0]] if turn else features
    return Split({"fp32": features, "static": recipe}, {task.name: gold[task.name] for task in tasks})


def rows(turn, tasks=(TASK,)):
    found = study(tasks, "fp32", split(200, 0, turn, tasks), split(100, 1, turn, tasks))["static"]
    return found, {
        (task, row.separator, row.labels_per_class): row for task in found.tasks for row in found.tasks[task]
    }


def test_what_a_rotation_breaks_refitting_mends():
    found, by_key = rows(turn=True)
    for separator in ("softmax", "prototypes"):
        for size in (5, 20, None):
            row = by_key["emotion", separator, size]
            assert row.reference.mean > 0.98
            assert row.transferred.mean < 0.2
            assert row.refit.mean > 0.98
            assert row.refit.n == (1 if size is None else DRAWS)
    assert found.refit_weighted_f1 == by_key["emotion", "softmax", None].refit.mean
    assert found.transferred_weighted_f1 == by_key["emotion", "softmax", None].transferred.mean
    assert (found.n_train, found.n_test) == (200, 100)


def test_equal_features_make_no_difference():
    _, by_key = rows(turn=False)
    assert all(row.reference == row.transferred == row.refit for row in by_key.values())


def test_few_labels_are_few():
    _, by_key = rows(turn=False)
    assert by_key["emotion", "softmax", 5].n_train == 15
    assert by_key["emotion", "softmax", None].n_train == 200


def test_tasks_with_many_labels_an_utterance_are_studied_too():
    _, by_key = rows(turn=True, tasks=(TOPICS,))
    row = by_key["topics", "softmax", None]
    assert row.refit.mean > 0.95 > row.transferred.mean


def test_features_that_are_not_finite_cannot_be_studied():
    train = split(50, 0, turn=False)
    train.features["static"][3, 1] = np.nan
    assert study((TASK,), "fp32", train, split(50, 1, turn=False)) == {}


def test_a_task_without_labels_in_train_is_left_out():
    train = split(50, 0, turn=False)
    train.gold["emotion"][1][:] = False
    assert study((TASK,), "fp32", train, split(50, 1, turn=False)) == {}
