import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from mobile_app.engine.comparison import Comparison
from mobile_app.engine.prequential import Prequential

LABELS = ["a", "b", "c", "d"]
label = st.sampled_from(LABELS)
label_set = st.sets(label).map(tuple)


def marks(true, predicted):
    prequential = Prequential()
    for pair in zip(true, predicted, strict=True):
        prequential.add(*pair)
    return prequential.marks


@given(st.lists(st.tuples(label, label), min_size=1, max_size=40))
def test_equals_scikit_learn_at_every_mark(pairs):
    true, predicted = zip(*pairs, strict=True)
    for mark in marks(true, predicted):
        assert mark.accuracy == pytest.approx(accuracy_score(true[: mark.n], predicted[: mark.n]))
        expected = f1_score(true[: mark.n], predicted[: mark.n], average="weighted", zero_division=0)
        assert mark.weighted_f1 == pytest.approx(expected)


@given(st.lists(st.tuples(label_set, label_set), min_size=1, max_size=40))
def test_equals_scikit_learn_with_any_number_of_labels(pairs):
    encoder = MultiLabelBinarizer(classes=LABELS)
    true, predicted = (encoder.fit_transform(side) for side in zip(*pairs, strict=True))
    mark = marks(*zip(*pairs, strict=True))[-1]
    assert mark.accuracy == pytest.approx(np.mean((true == predicted).all(axis=1)))
    assert mark.weighted_f1 == pytest.approx(f1_score(true, predicted, average="weighted", zero_division=0))


def test_marks_are_at_powers_of_two_and_at_the_end():
    assert [mark.n for mark in marks("a" * 11, "a" * 11)] == [1, 2, 4, 8, 11]
    assert [mark.n for mark in marks("a" * 8, "b" * 8)] == [1, 2, 4, 8]
    assert marks("", "") == ()


def test_asking_in_between_changes_nothing():
    prequential = Prequential()
    for _ in range(3):
        prequential.add("a", "a")
    assert prequential.marks == prequential.marks
    prequential.add("a", "b")
    assert [mark.n for mark in prequential.marks] == [1, 2, 4]


def test_a_comparison_keeps_both_apart():
    comparison = Comparison()
    comparison.add("a", base="b", personal="a")
    assert comparison.marks() == [
        {
            "n": 1,
            "base": {"accuracy": 0.0, "weighted_f1": 0.0},
            "personal": {"accuracy": 1.0, "weighted_f1": 1.0},
        }
    ]
