"""Whatever a person labels, changes and takes back: the learner is the one that only ever met what is left."""

import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.separators import SEPARATORS
from mobile_app.engine.store import Store

LABELS = ("joy", "sadness", "neutral", "my own")
TEXTS = ("happy day", "so sad", "the weather", "I am very happy", "unhappy", "no", "very very good", "again")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["learn", "learn", "learn", "forget", "relabel", "undo"]),
        st.integers(0, len(TEXTS) - 1),
        st.sampled_from(LABELS),
    ),
    max_size=14,
)


def act(personalizer: Personalizer, left: dict[str, str], what: str, place: int, label: str) -> None:
    """Do one thing, and keep account of what should be left, the oldest first."""
    uid = str(place)
    if what == "learn" and uid not in left:
        personalizer.learn(TEXTS[place], {"emotion": label}, uid=uid)
        left[uid] = label
    elif what == "forget" and uid in left:
        personalizer.forget(uid)
        del left[uid]
    elif what == "relabel" and uid in left:
        personalizer.relabel(uid, {"emotion": label})
        del left[uid]
        left[uid] = label  # the newest now
    elif what == "undo" and left:
        personalizer.undo_last()
        left.popitem()


@pytest.mark.parametrize("kind", list(SEPARATORS))
@settings(max_examples=12, deadline=None)
@given(acts=ACTS)
def test_what_was_taken_back_leaves_nothing(kind, learning_bundle, encoder, acts):
    with tempfile.TemporaryDirectory() as folder:
        left: dict[str, str] = {}
        with closing(Store(Path(folder) / "lived.db")) as store, closing(Store(Path(folder) / "never.db")) as other:
            lived = Personalizer(learning_bundle, encoder, store, separator=kind)
            for one in acts:
                act(lived, left, *one)
            assert {row.utterance.uid: row.utterance.labels["emotion"] for row in store.in_order()} == left
            never = Personalizer(learning_bundle, encoder, other, separator=kind)
            for uid, label in left.items():
                never.learn(TEXTS[int(uid)], {"emotion": label}, uid=uid)
            for name, learner in never.learner.tasks.items():
                found = lived.learner.tasks[name].separator.to_arrays()
                for array, values in learner.separator.to_arrays().items():
                    same = np.testing.assert_allclose if values.dtype.kind == "f" else np.testing.assert_array_equal
                    options = {"atol": 1e-6} if values.dtype.kind == "f" else {}
                    same(found[array], values, err_msg=f"{name} {array}", **options)
