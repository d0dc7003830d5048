"""The floor: what is predicted without a neural network, and that nothing is learned from test."""

from dataclasses import replace

import numpy as np
import pytest

from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.task import SIGMOID, Task
from training.baselines import majority, tfidf
from training.datasets import Dataset, load
from training.metrics import task_metrics
from training.utterance import Utterance

TASK = Task("mood", ("up", "down", "flat"))
SIGMOID_TASK = Task("topics", ("work", "home", "never"), SIGMOID)
CUES = {"up": "lovely bright", "down": "awful grey", "flat": "plain level"}


def dataset(n=240):
    """Return utterances whose mood has a cue, and whose topics have one too."""
    utterances = []
    rng = np.random.default_rng(0)
    for i in range(n):
        label = TASK.labels[i % 3]
        topics = tuple(topic for topic in ("work", "home") if rng.random() < 0.5)
        text = f"{CUES[label]} thing number {i} {' '.join(f'the{topic}' for topic in topics)}"
        labels = {"mood": (label,), "topics": topics} if i % 10 else {"topics": topics}
        utterances.append(Utterance(text, labels, split=("train", "train", "dev", "test")[i // 3 % 4]))
    return Dataset("made", (TASK, SIGMOID_TASK), tuple(utterances), (), "CC0-1.0", "here")


def test_majority_predicts_the_most_frequent_labels_of_train():
    result = majority(load("sample"), "emotion")
    assert set(result.predictions["test"]) == {("neutral",)}
    share = sum(one.labels["emotion"] == ("neutral",) for one in load("sample").split("test")) / 296
    assert result.test_metrics.accuracy == pytest.approx(share)
    assert result.test_metrics.weighted_f1 == pytest.approx(share * 2 * share / (1 + share))


def test_tfidf_finds_the_cue_of_a_softmax_task_and_leaves_out_unlabelled_rows():
    made = dataset()
    result = tfidf(made, "mood")
    labelled = [one for one in made.split("test") if "mood" in one.labels]
    assert result.test_metrics.n == len(labelled) < len(made.split("test"))
    assert result.test_metrics.weighted_f1 == 1.0
    assert result.predictions["test"] == tuple(one.labels["mood"] for one in labelled)


def test_tfidf_finds_the_cues_of_a_sigmoid_task_and_survives_a_label_without_rows():
    result = tfidf(dataset(), "topics")
    assert result.test_metrics.accuracy == 1.0
    assert result.task.thresholds is not None and len(result.task.thresholds) == 3
    assert result.test_metrics.per_label["never"].support == 0


def test_nothing_is_learned_from_the_labels_of_test():
    made = dataset()
    swap = {("up",): ("down",), ("down",): ("flat",), ("flat",): ("up",)}
    changed = [
        replace(one, labels={**one.labels, "mood": swap[one.labels["mood"]]})
        if one.split == "test" and "mood" in one.labels
        else one
        for one in made.utterances
    ]
    result = tfidf(replace(made, utterances=tuple(changed)), "mood")
    assert result.predictions == tfidf(made, "mood").predictions
    assert result.test_metrics.weighted_f1 == 0.0


def test_shuffled_training_labels_score_at_the_level_of_chance():
    sample = load("sample")
    rng = np.random.default_rng(0)
    learned_from = [one for one in sample.utterances if one.split != "test"]
    labels = [one.labels for one in learned_from]
    rng.shuffle(labels)
    shuffled = [replace(one, labels=label) for one, label in zip(learned_from, labels, strict=True)]
    result = tfidf(replace(sample, utterances=(*shuffled, *sample.split("test"))), "sentiment")
    # Guessing with the shares of the labels (38 %, 24 %, 38 %) is right for 34.5 %; two standard errors are 5.5 points.
    assert result.test_metrics.accuracy < 0.43


def test_tfidf_beats_the_majority_on_the_sample_corpus():
    for task in ("emotion", "sentiment"):
        floor, learned = majority(load("sample"), task).test_metrics, tfidf(load("sample"), task).test_metrics
        assert learned.weighted_f1 > floor.weighted_f1 + 0.1


def test_train_needs_two_labels():
    made = dataset()
    alike = tuple(replace(one, labels={"mood": ("up",)}) for one in made.utterances)
    with pytest.raises(DataError, match="two or more labels of 'mood' in the train split of made; found 1"):
        tfidf(replace(made, utterances=alike), "mood")


def test_metrics_of_a_known_case():
    gold = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]])
    chosen = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]], bool)
    metrics = task_metrics(TASK, gold, chosen)
    assert metrics.per_label["up"].precision == 1.0 and metrics.per_label["up"].recall == 0.5
    assert metrics.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2), "a label that does not occur does not count"
    assert metrics.weighted_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert metrics.accuracy == 0.75
    assert metrics.to_dict()["per_label"]["down"]["support"] == 2


def test_metrics_refuse_other_shapes_and_nothing_at_all():
    with pytest.raises(
        UndertoneError, match=r"shape \[n, 3\] for task 'mood', n > 0; found shapes \[2, 3\] and \[1, 3\]"
    ):
        task_metrics(TASK, np.eye(2, 3), np.eye(1, 3))
    with pytest.raises(UndertoneError, match=r"found shapes \[0, 3\]"):
        task_metrics(TASK, np.zeros((0, 3)), np.zeros((0, 3)))
