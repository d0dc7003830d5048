"""The sample corpus keeps its promises: size, speakers, label rules, and no two lines cut from one frame."""

import itertools
import re
from collections import Counter

import pytest

from training.datasets import SPLITS, load
from training.datasets.sample import FOLDER

SPEAKERS = {"Nadia", "Tomasz", "Ines", "Wendell", "Priya", "Kofi"}
SENTIMENTS_OF = {"neutral": {"neutral"}, "joy": {"positive"}, "surprise": {"positive", "negative"}} | {
    emotion: {"negative"} for emotion in ("anger", "sadness", "disgust", "fear")
}


@pytest.fixture(scope="module")
def sample():
    return load("sample")


def words(text):
    """Return the words of a text without case, punctuation and emoji."""
    return tuple(re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold()))


def edit_distance(one, other):
    """Return how many words must be replaced, inserted or deleted."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(other, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def common_start(one, other):
    """Return how many words two utterances begin with alike."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def share_frame(one, other):
    """Return whether two utterances of four words or more are one frame with something swapped.

    They are if at least 60 % of the words survive the shortest edit from one to the other (one word in four, two in
    five, ...), or if they begin and end with the same words, four or more together and at least half of the shorter.
    """
    shorter, longer = sorted((len(one), len(other)))
    if shorter < 4:
        return False
    start = common_start(one, other)
    end = min(common_start(one[::-1], other[::-1]), shorter - start)
    if start + end >= 4 and 2 * (start + end) >= shorter:
        return True
    return edit_distance(one, other) <= 0.4 * longer


def test_share_frame_sees_a_swapped_word_and_a_swapped_phrase():
    assert share_frame(words("I love my car"), words("i love my dog!"))
    assert share_frame(words("Did you find the keys at last?"), words("Did you find the old red ladder at last?"))
    assert not share_frame(words("Okay, see you"), words("Okay, see them"))
    assert not share_frame(words("The kettle is on again"), words("My neighbour moved his van"))


def test_no_two_utterances_share_a_frame(sample):
    texts = [(words(one.text), set(words(one.text)), one) for one in sample.utterances]
    pairs = [
        (left.split, left.text, right.split, right.text)
        for (a, some, left), (b, others, right) in itertools.combinations(texts, 2)
        if len(some & others) >= 2 and share_frame(a, b)
    ]
    assert pairs == []


def test_corpus_is_as_large_as_promised(sample):
    assert len(sample.utterances) >= 1400
    assert len({one.dialogue for one in sample.utterances}) >= 140
    assert {one.speaker for one in sample.utterances} == SPEAKERS
    assert sample.rejected == ()


def test_dialogues_never_cross_splits_and_positions_count_from_0(sample):
    places = Counter((one.dialogue, one.split) for one in sample.utterances)
    assert len(places) == len({dialogue for dialogue, _ in places})
    for (dialogue, _), n_utterances in places.items():
        positions = [one.position for one in sample.utterances if one.dialogue == dialogue]
        assert positions == list(range(n_utterances))


def test_sentiment_agrees_with_emotion_and_surprise_goes_both_ways(sample):
    pairs = Counter((one.labels["emotion"][0], one.labels["sentiment"][0]) for one in sample.utterances)
    assert all(sentiment in SENTIMENTS_OF[emotion] for emotion, sentiment in pairs)
    assert min(pairs["surprise", "positive"], pairs["surprise", "negative"]) >= 80


def test_every_label_has_rows_in_every_split(sample):
    for split in SPLITS:
        assert min(sample.label_counts("emotion", split).values()) >= 8


def test_short_answers_carry_different_emotions(sample):
    okays = {one.labels["emotion"][0] for one in sample.utterances if words(one.text) in (("okay",), ("ok",))}
    assert len(okays) >= 3


def test_texts_hold_what_people_type_on_phones(sample):
    by_speaker = {
        speaker: " ".join(one.text for one in sample.utterances if one.speaker == speaker) for speaker in SPEAKERS
    }
    emoji = re.compile("[\U0001f300-\U0001faff]")
    assert emoji.search(by_speaker["Ines"]) and not emoji.search(by_speaker["Wendell"])
    assert re.search(r"\bteh\b", by_speaker["Tomasz"])


def test_hardly_any_test_text_is_in_train(sample):
    """Copies across splits would make this large; short answers alone may repeat."""
    trained = {words(one.text) for one in sample.split("train")}
    repeats = [one.text for one in sample.split("test") if words(one.text) in trained]
    assert all(len(words(text)) <= 2 for text in repeats)
    assert len(repeats) <= 0.05 * len(sample.split("test"))


def test_readme_states_the_counts(sample):
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for task in sample.tasks:
        counts = [sample.label_counts(task.name, split) for split in SPLITS]
        for label in task.labels:
            assert f"| {task.name}: {label} | {' | '.join(str(count[label]) for count in counts)} |" in readme
    assert f"| utterances | {' | '.join(f'{len(sample.split(split)):,}' for split in SPLITS)} |" in readme
