"""The mapping from GoEmotions' 28 labels to seven emotions and three sentiments."""

import numpy as np
import pytest

from training.datasets.goemotions import FINE
from training.grouped import AMBIGUOUS, Grouping
from training.utterance import Utterance


def rows(*labels: tuple[str, ...]) -> np.ndarray:
    return np.array([[name in chosen for name in FINE] for chosen in labels], np.float32)


@pytest.fixture
def grouping() -> Grouping:
    """Learned from eight questions without feeling and two unpleasant surprises."""
    fine = rows(*[("curiosity",)] * 8, *[("surprise",)] * 2)
    return Grouping.learned(fine, np.eye(3, dtype=np.float32)[[0] * 8 + [2] * 2])


def test_every_row_of_both_matrices_is_a_distribution(grouping):
    np.testing.assert_allclose(grouping.emotion.sum(axis=1), 1)
    np.testing.assert_allclose(grouping.sentiment.sum(axis=1), 1, rtol=1e-6)


def test_ambiguous_labels_count_for_what_other_data_says(grouping):
    sentiment = dict(zip(FINE, grouping.sentiment.tolist(), strict=True))
    assert sentiment["joy"] == [0, 1, 0]
    assert sentiment["fear"] == [0, 0, 1]
    assert sentiment["curiosity"] == pytest.approx([9 / 11, 1 / 11, 1 / 11])
    assert sentiment["surprise"] == pytest.approx([1 / 5, 1 / 5, 3 / 5])
    assert sentiment["realization"] == pytest.approx([1 / 3] * 3)
    assert AMBIGUOUS == ("confusion", "curiosity", "realization", "surprise")


def test_labels_and_probabilities_are_mapped_alike(grouping):
    targets = grouping.targets(rows(("anger", "annoyance", "joy"), ()))
    assert targets["emotion"][0] == pytest.approx([0, 1 / 3, 0, 2 / 3, 0, 0, 0])
    assert targets["sentiment"][0] == pytest.approx([0, 1 / 3, 2 / 3])
    assert not targets["emotion"][1].any()


def test_an_utterance_gets_a_single_label_only_where_a_majority_is_clear(grouping):
    def labelled(*fine: str) -> dict:
        return dict(grouping.labelled(Utterance("x", {"fine": fine})).labels)

    assert labelled("anger", "annoyance", "joy")["emotion"] == ("anger",)
    assert "emotion" not in labelled("anger", "joy")
    assert labelled("curiosity")["sentiment"] == ("neutral",)
    assert "sentiment" not in labelled("realization")
    other = Utterance("x", {"emotion": ("fear",)})
    assert grouping.labelled(other) is other
