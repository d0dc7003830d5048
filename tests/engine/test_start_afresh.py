"""Learning starts afresh, and the labels stay."""

import pytest

from mobile_app.engine.personalizer import Personalizer


@pytest.fixture
def opened(learning_bundle, encoder, store):
    return lambda: Personalizer(learning_bundle, encoder, store)


def joy(personalizer):
    return personalizer.predict("so very !").tasks["emotion"].probabilities["joy"]


def teach(personalizer, n=3):
    for _ in range(n):
        personalizer.learn("so very !", {"emotion": "joy"})


def test_starting_afresh_forgets_what_was_learned_and_keeps_the_labels(opened, store):
    personalizer = opened()
    fresh = joy(personalizer)
    teach(personalizer)
    assert joy(personalizer) > fresh
    personalizer.start_afresh()
    assert joy(personalizer) == fresh
    assert len(store) == 3
    assert joy(opened()) == fresh  # nor does the next start learn them again


def test_later_labels_are_learned_alone(opened, store):
    personalizer = opened()
    teach(personalizer, 1)
    once = joy(personalizer)
    teach(personalizer, 2)
    personalizer.start_afresh()
    teach(personalizer, 1)
    assert joy(personalizer) == once
    assert joy(opened()) == once
    personalizer.replay()
    assert joy(personalizer) == once


def test_forgetting_an_utterance_of_before_changes_nothing_that_was_learned_since(opened, store):
    personalizer = opened()
    personalizer.learn("so very !", {"emotion": "anger"}, uid="old")
    personalizer.start_afresh()
    teach(personalizer, 2)
    learned = joy(personalizer)
    personalizer.forget("old")
    assert joy(personalizer) == learned


def test_the_newest_utterance_with_a_text_is_found_by_exactly_that_text(opened, store):
    personalizer = opened()
    personalizer.learn("so very !", {"emotion": "anger"})
    personalizer.learn("so very !", {"emotion": "joy"})
    assert store.newest_with("so very !").utterance.labels == {"emotion": "joy"}
    assert store.newest_with("So very !") is None
