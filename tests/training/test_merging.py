"""Several datasets learned at once."""

import pytest

from mobile_app.engine.errors import DataError
from training.datasets import load


def write(tmp_path, name, header, rows):
    path = tmp_path / name
    path.write_text(header + "\n" + "\n".join(rows) + "\n")
    return str(path)


@pytest.fixture
def first(tmp_path):
    return write(tmp_path, "first.csv", "text,emotion,dialogue,split", [
        "so glad,joy,d1,train", "so sad,sadness,d1,train", "oh well,joy,d2,dev", "oh no,sadness,d3,test",
    ])  # fmt: skip


@pytest.fixture
def second(tmp_path):
    return write(tmp_path, "Second-set.csv", "text,emotion,topic,dialogue,split", [
        "what,anger,work,d1,train", "yes,calm,home,d1,train", "no,anger,work,d2,dev", "fine,calm,home,d3,test",
    ])  # fmt: skip


def test_the_same_task_is_shared_and_another_of_its_name_is_renamed(first, second):
    both = load(f"{first},{second}")
    assert [task.name for task in both.tasks] == ["emotion", "emotion_second_set", "topic"]
    assert both.task("emotion").labels == ("joy", "sadness")
    assert both.utterances[0].labels == {"emotion": ("joy",)}
    assert both.utterances[4].labels == {"emotion_second_set": ("anger",), "topic": ("work",)}
    assert load(f"{first},sample").tasks[1:] != (), "names and files mix"


def test_dialogues_of_different_sources_stay_apart(first, second):
    both = load(f"{first},{second}")
    assert len({one.dialogue for one in both.utterances}) == 6


def test_tasks_are_chosen_after_the_renaming(first, second):
    both = load(f"{first},{second}", tasks=["emotion_second_set"])
    assert [one.text for one in both.utterances] == ["what", "yes", "no", "fine"]
    with pytest.raises(DataError, match=r"a task of first.csv,Second-set.csv .emotion, emotion_second_set, topic."):
        load(f"{first},{second}", tasks=["mood"])


def test_a_dataset_is_named_once(first):
    with pytest.raises(DataError, match=r"different datasets; found first.csv, first.csv; name each once"):
        load(f"{first},{first}")
