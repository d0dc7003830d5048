"""One recipe on one task: differences, flips, drift, calibration; with and without gold labels."""

import numpy as np
import pytest

from mobile_app.engine.task import Task
from quantization.calibration import calibration
from quantization.flips import count_flips, find_flips
from quantization.report import RIGHT_TO_WRONG, UNLABELLED, WRONG_TO_RIGHT, WRONG_TO_WRONG, FlipCounts
from quantization.task_report import report_task

TASK = Task("emotion", ("a", "b", "c"))


def one_hot(*places):
    return np.eye(3, dtype=bool)[list(places)]


def sure_of(*places, p=0.8):
    return np.where(one_hot(*places), p, (1 - p) / 2).astype(np.float32)


def labelled(n, *but):
    known = np.ones(n, dtype=bool)
    known[list(but)] = False
    return known


def test_flips_are_counted_by_what_became_of_them():
    counts = count_flips(one_hot(0, 0, 0, 0), one_hot(0, 0, 1, 1), one_hot(0, 1, 0, 2))
    assert counts == FlipCounts(right_to_wrong=1, wrong_to_right=1, wrong_to_wrong=1)


def test_the_reference_has_scores_but_no_differences():
    report = report_task(TASK, one_hot(0, 1), labelled(2), sure_of(0, 1), None)
    assert report.weighted_f1 == 1
    assert report.agreement is report.delta_weighted_f1 is report.flips is report.mean_confidence_drift is None


def test_an_equal_recipe_differs_by_nothing():
    report = report_task(TASK, one_hot(0, 1), labelled(2), sure_of(0, 1), sure_of(0, 1))
    assert report.agreement == 1
    assert report.mean_confidence_drift == 0
    assert (report.delta_weighted_f1.value, report.delta_weighted_f1.ci95) == (0, (0, 0))
    assert report.flips == FlipCounts(0, 0, 0)


def test_a_task_without_gold_labels_has_agreement_and_drift_alone():
    report = report_task(TASK, one_hot(0, 0), labelled(2, 0, 1), sure_of(0, 1, p=0.7), sure_of(0, 0))
    assert report.agreement == 0.5
    assert report.mean_confidence_drift == pytest.approx(-0.1)
    assert report.weighted_f1 is report.delta_weighted_f1 is report.flips is report.calibration is None


def test_utterances_without_gold_labels_do_not_enter_the_scores():
    report = report_task(TASK, one_hot(0, 0), labelled(2, 1), sure_of(0, 1), sure_of(0, 0))
    assert (report.n, report.n_labelled, report.accuracy, report.agreement) == (2, 1, 1, 0.5)


def test_probabilities_that_are_not_finite_are_counted_and_wrong():
    broken = sure_of(0, 1)
    broken[0] = np.nan
    report = report_task(TASK, one_hot(0, 1), labelled(2), broken, sure_of(0, 1))
    assert (report.n_undecided, report.accuracy, report.agreement) == (1, 0.5, 0.5)
    assert report.flips.right_to_wrong == 1
    assert report.mean_confidence_drift == 0
    assert sum(one.n for one in report.calibration.bins) == 1


def test_nothing_finite_has_neither_drift_nor_calibration():
    broken = np.full((2, 3), np.nan, dtype=np.float32)
    report = report_task(TASK, one_hot(0, 1), labelled(2), broken, sure_of(0, 1))
    assert report.mean_confidence_drift is report.calibration is None
    assert report.weighted_f1 == 0


def test_a_flip_says_what_happened_to_whom():
    gold = (one_hot(0, 0, 0, 0), labelled(4, 3))
    before, after = sure_of(0, 1, 1, 0), sure_of(1, 0, 2, 1, p=0.9)
    labels = (one_hot(0, 1, 1, 0), one_hot(1, 0, 2, 1))
    flips = find_flips("fp16", TASK, ["w", "x", "y", "z"], gold, labels, (before, after))
    assert [flip.kind for flip in flips] == [RIGHT_TO_WRONG, WRONG_TO_RIGHT, WRONG_TO_WRONG, UNLABELLED]
    first, last = flips[0], flips[3]
    assert (first.text, first.gold, first.before_label, first.after_label) == ("w", ("a",), ("a",), ("b",))
    assert first.before == pytest.approx({"a": 0.8, "b": 0.1})
    assert first.damage == pytest.approx(0.75)
    assert last.gold is None


def test_a_flip_to_a_value_that_is_not_finite_says_so_by_absence():
    after = sure_of(0)
    after[0] = np.nan
    labels = (one_hot(0), np.zeros((1, 3), dtype=bool))
    (flip,) = find_flips("fp16", TASK, ["x"], (one_hot(0), labelled(1)), labels, (sure_of(0), after))
    assert (flip.after_label, flip.after, flip.damage) == ((), {"a": None}, None)


def test_calibration_of_a_known_case():
    # Ten utterances at 0.95, eight right: off by 0.15; ten at 0.55, five right: off by 0.05.
    found = calibration(np.repeat([0.95, 0.55], 10), np.array([True] * 8 + [False] * 2 + [True, False] * 5))
    assert found.expected_error == pytest.approx(0.10)
    assert [(one.n, pytest.approx(one.accuracy)) for one in found.bins] == [(10, 0.5), (10, 0.8)]


def test_calibration_takes_full_confidence():
    assert calibration(np.array([1.0]), np.array([True])).expected_error == 0


@pytest.mark.parametrize(
    ("confidence", "right", "message"),
    [
        (np.zeros(0), np.zeros(0, dtype=bool), "expected"),
        (np.zeros(3), np.zeros(2, dtype=bool), "expected"),
        (np.array([np.nan]), np.array([True]), "not finite"),
    ],
)
def test_calibration_refuses_empty_unequal_and_nan(confidence, right, message):
    with pytest.raises(ValueError, match=message):
        calibration(confidence, right)
