from dataclasses import replace

from mobile_app.engine.bringing import bring, take
from mobile_app.engine.personalizer import Personalizer
from tests.engine.learning import utterances


def test_bringing_twice_changes_nothing(learning_bundle, encoder, store):
    personalizer, told = Personalizer(learning_bundle, encoder, store), []
    first = bring(personalizer, store, utterances(6), progress=lambda done, total: told.append((done, total)))
    second = bring(personalizer, store, utterances(6))
    assert (first.learned, first.known, first.conflicts) == (6, 0, ())
    assert (second.learned, second.known, second.conflicts) == (0, 6, ())
    assert told[-1] == (6, 6) and len(store) == 6


def test_a_conflict_is_shown_and_the_store_stays_until_it_is_taken(learning_bundle, encoder, store):
    personalizer = Personalizer(learning_bundle, encoder, store)
    bring(personalizer, store, utterances(3))
    uid = utterances(3)[1].uid
    other = replace(utterances(3)[1], labels={"emotion": "boredom"})
    (conflict,) = bring(personalizer, store, [other]).conflicts
    assert (conflict.stored.utterance.uid, conflict.brought) == (uid, other)
    assert store.get(uid).utterance.labels == utterances(3)[1].labels
    take(personalizer, conflict)
    assert store.get(uid).utterance.labels == {"emotion": "boredom"} and len(store) == 3
