import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.task import Task


@pytest.mark.parametrize(
    "task",
    [
        Task("emotion", ("joy", "fear")),
        Task("topics", ("a", "b"), "sigmoid"),
        Task("t", ("a", "b"), "sigmoid", (0.2, 0.9)),
    ],
)
def test_a_task_survives_a_round_trip(task):
    assert Task.from_dict(task.to_dict()) == task


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "Emotion"}, "a name of lower-case letters"),
        ({"name": "features"}, "no other tensor's name"),
        ({"labels": ("a",)}, "at least two different labels"),
        ({"labels": ("a", "a")}, "at least two different labels"),
        ({"labels": ("a", " ")}, "one line of text"),
        ({"labels": ("a", "b\nc")}, "one line of text"),
        ({"activation": "relu"}, "activation softmax or sigmoid; found 'relu'"),
        ({"thresholds": (0.5, 0.5)}, "thresholds only for sigmoid"),
        ({"activation": "sigmoid", "thresholds": (0.5,)}, "one per label"),
        ({"activation": "sigmoid", "thresholds": (0.5, 1.0)}, "between 0 and 1"),
    ],
)
def test_a_wrong_definition_is_refused(arguments, message):
    with pytest.raises(UndertoneError, match=message):
        Task(**{"name": "emotion", "labels": ("a", "b"), **arguments})


def test_thresholds_default_to_one_half():
    assert Task("topics", ("a", "b"), "sigmoid").threshold(1) == 0.5
    assert Task("topics", ("a", "b"), "sigmoid", (0.2, 0.9)).threshold(1) == 0.9
