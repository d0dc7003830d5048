"""Utterances that wait for labels."""

from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.waiting import MAX_WAITING, Waiting, WaitingUtterance


def utterances(*texts):
    return [WaitingUtterance(f"in-{text}", text) for text in texts]


def test_what_is_added_waits_once(store):
    waiting = Waiting(store)
    assert waiting.add(utterances("a", "b")) == 2
    assert waiting.add(utterances("b", "c")) == 1
    assert len(waiting) == 3
    assert waiting.get("in-a") == WaitingUtterance("in-a", "a")
    waiting.remove("in-a")
    assert waiting.get("in-a") is None


def test_what_was_labelled_does_not_wait_again(learning_bundle, encoder, store):
    Personalizer(learning_bundle, encoder, store).learn("a", {"emotion": "joy"}, uid="in-a")
    assert Waiting(store).add(utterances("a", "b")) == 1


def test_what_was_skipped_comes_after_all_others(store):
    waiting = Waiting(store)
    waiting.add(utterances("a", "b"))
    waiting.skip("in-a")
    assert [utterance.text for utterance in waiting.sample(10)] == ["b"]
    waiting.remove("in-b")
    assert [utterance.text for utterance in waiting.sample(10)] == ["a"]


def test_a_sample_is_spread_over_all(store):
    waiting = Waiting(store)
    waiting.add(utterances(*map(str, range(100))))
    assert [utterance.text for utterance in waiting.sample(10)] == [str(number) for number in range(0, 100, 10)]


def test_no_more_wait_than_there_is_room_for(store):
    waiting = Waiting(store)
    assert waiting.add(utterances(*map(str, range(MAX_WAITING + 5)))) == MAX_WAITING
    assert waiting.add(utterances("new")) == 0


def test_forgetting_everything_forgets_what_waits(store):
    waiting = Waiting(store)
    waiting.add(utterances("a"))
    store.clear()
    assert len(waiting) == 0
