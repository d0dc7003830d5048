import numpy as np
import pytest

from mobile_app.engine.prediction import Encoding, Prediction, TaskPrediction
from mobile_app.engine.queue import next_to_label, uncertainty


def prediction(features, joy):
    features = np.array(features, np.float32)
    task = TaskPrediction("joy", {"joy": joy, "anger": 1.0 - joy})
    return Prediction(Encoding("text", 3, False, 8, features, {}), {"emotion": task})


def test_the_most_uncertain_comes_first():
    waiting = [prediction([1, 0, 0], 0.9), prediction([0, 1, 0], 0.5), prediction([0, 0, 1], 0.7)]
    assert next_to_label(waiting) == [1, 2, 0]
    assert next_to_label(waiting, limit=1) == [1]
    assert next_to_label([]) == []


def test_near_duplicates_wait():
    waiting = [prediction([1, 0, 0], 0.5), prediction([1, 0.01, 0], 0.52), prediction([-1, 1, 0], 0.8)]
    assert next_to_label(waiting) == [0, 2, 1]
    assert next_to_label(waiting, spread=0.0) == [0, 1, 2]


def test_each_is_asked_once_even_where_all_are_sure():
    assert sorted(next_to_label([prediction([1, 0], 1.0)] * 4)) == [0, 1, 2, 3]


@pytest.mark.parametrize(("joy", "expected"), [(0.5, 1.0), (1.0, 0.0)])
def test_uncertainty_is_a_share_of_the_highest_entropy(joy, expected):
    assert uncertainty(prediction([1, 0], joy)) == pytest.approx(expected)
    several = Prediction(
        prediction([1, 0], joy).encoding, {"topics": TaskPrediction((), {"food": joy, "weather": 0.0, "work": 0.0})}
    )
    assert uncertainty(several) == pytest.approx(expected)
