"""Scores against scikit-learn and against cases counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, f1_score

from mobile_app.engine.task import Task
from quantization.classification import agreement, f1, scores, weighted_f1
from quantization.decisions import confidence, decide

THREE = ("a", "b", "c")


def one_hot(*places, width=3):
    return np.eye(width, dtype=bool)[list(places)]


def test_identical_labels_score_one():
    gold = one_hot(0, 1, 2, 0)
    found = scores(gold, gold, THREE)
    assert found.weighted_f1 == found.macro_f1 == found.accuracy == 1.0
    assert found.per_label["a"].support == 2


def test_a_case_counted_by_hand():
    # a: tp 1, predicted 1, support 2 -> 2/3; b: tp 1, predicted 2, support 1 -> 2/3; c: never seen, never said.
    found = scores(one_hot(0, 0, 1), one_hot(0, 1, 1), THREE)
    assert found.weighted_f1 == pytest.approx(2 / 3)
    assert found.macro_f1 == pytest.approx(2 / 3)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.per_label["b"].precision == pytest.approx(0.5)
    assert found.per_label["c"].f1 == 0.0


@settings(max_examples=60, deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 30), st.just(4))), st.integers(0, 2**32 - 1))
def test_label_sets_score_as_scikit_learn_does(gold, seed):
    predicted = np.random.default_rng(seed).random(gold.shape) < 0.4
    found = scores(gold, predicted, ("a", "b", "c", "d"))
    expected = f1_score(gold, predicted, average="weighted", zero_division=0)
    assert found.weighted_f1 == pytest.approx(expected, abs=1e-12)
    assert found.accuracy == pytest.approx(accuracy_score(gold, predicted))


def test_macro_f1_leaves_out_labels_that_do_not_occur_as_scikit_learn_does():
    gold, predicted = [0, 0, 1, 1], [0, 1, 1, 1]
    found = scores(one_hot(*gold), one_hot(*predicted), THREE)
    assert found.macro_f1 == pytest.approx(f1_score(gold, predicted, average="macro"))


def test_an_utterance_without_a_label_is_wrong():
    predicted = one_hot(0, 0)
    predicted[1] = False
    assert scores(one_hot(0, 0), predicted, THREE).accuracy == 0.5


def test_no_utterances_is_an_error():
    empty = np.zeros((0, 3), dtype=bool)
    with pytest.raises(ValueError, match="no utterances"):
        scores(empty, empty, THREE)


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (6,)])
def test_shapes_that_differ_are_an_error(shape):
    with pytest.raises(ValueError, match="different shapes"):
        agreement(one_hot(0, 1), np.zeros(shape, dtype=bool))


def test_a_wrong_number_of_label_names_is_an_error():
    with pytest.raises(ValueError, match="3 columns for 2 labels"):
        scores(one_hot(0), one_hot(0), ("a", "b"))


def test_f1_of_nothing_is_zero_and_vectorises():
    support = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert f1(support, support, support).tolist() == [[0, 0], [1, 1]]
    assert weighted_f1(support, support, support).tolist() == [0.0, 1.0]


def test_agreement_counts_whole_label_sets():
    assert agreement(one_hot(0, 1), one_hot(0, 2)) == 0.5


def test_softmax_takes_the_most_probable_label_and_the_first_of_equals():
    task = Task("emotion", THREE)
    assert decide(task, np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])).tolist() == one_hot(1, 0).tolist()


def test_sigmoid_takes_every_label_from_its_threshold():
    task = Task("emotion", THREE, "sigmoid", (0.5, 0.2, 0.9))
    assert decide(task, np.array([[0.5, 0.3, 0.8], [0.1, 0.1, 0.1]])).tolist() == [[True, True, False], [False] * 3]


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_probabilities_that_are_not_finite_decide_nothing(activation, bad):
    task = Task("emotion", THREE, activation)
    probabilities = np.array([[bad, 0.9, 0.1], [0.1, 0.9, 0.2]])
    assert decide(task, probabilities).tolist() == [[False] * 3, [False, True, False]]
    assert np.isnan(confidence(probabilities)[0])
    assert confidence(probabilities)[1] == 0.9


def test_probabilities_of_another_width_are_an_error():
    with pytest.raises(ValueError, match=r"shape \(1, 2\) for 3 labels"):
        decide(Task("emotion", THREE), np.zeros((1, 2)))
