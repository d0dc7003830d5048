"""What the app knows without a window: colours, words, text, cards and the state between two starts."""

from datetime import datetime, timezone

import pytest

from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.card import Card
from mobile_app.ui.entry import Entry
from mobile_app.ui.palette import DARK, LIGHT, contrast
from mobile_app.ui.saved_state import SavedState, StateFile
from mobile_app.ui.tidy import LONGEST, is_right_to_left, shorten, tidy

EMOTION = Task("emotion", ("joy", "anger"))
MANY = Task("fine", ("joy", "anger", "love"), activation="sigmoid")
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_enough_contrast_on_every_ground(palette):
    for ground in (palette.background, palette.surface, palette.raised):
        for text in (palette.ink, palette.muted, palette.accent):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(palette.accent_ink, palette.accent) >= 4.5
    assert contrast(palette.background, palette.ink) >= 4.5
    assert contrast(palette.danger, palette.background) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_hue_can_be_seen_on_a_chip(palette):
    for hue in palette.hues.values():
        assert contrast(hue, palette.raised) >= 3, hue


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_label_of_ones_own_keeps_its_colour():
    assert LIGHT.hue("wistful") == LIGHT.hue("wistful")
    assert LIGHT.hue("wistful") in LIGHT.hues.values()


def test_tidy_keeps_emoji_and_drops_control_characters():
    assert tidy("a\x00b\n\n\tc\u2028d") == "a b c d"
    assert tidy("\ud83d\ude02 \ud83d") == "😂 \ufffd"
    assert len(tidy("x" * 100_000)) == LONGEST


def test_direction_is_that_of_the_first_letter():
    assert is_right_to_left("123 שלום")
    assert is_right_to_left("مرحبا hello")
    assert not is_right_to_left("hello שלום")
    assert not is_right_to_left("😂 123")


def test_shorten_cuts_at_a_word():
    assert shorten("one two three", 9) == "one two…"
    assert shorten("short") == "short"


def test_a_mark_replaces_the_mark_before():
    card = Card("hi").marked(EMOTION, "joy").marked(EMOTION, "anger")
    assert card.marks == {"emotion": "anger"}
    assert card.is_complete((EMOTION,))


def test_a_sigmoid_task_collects_labels_and_waits_for_the_button():
    card = Card("hi").marked(MANY, "joy").marked(MANY, "love").marked(MANY, "joy")
    assert card.marks == {"fine": ("love",)}
    assert not card.is_complete((MANY,))


def test_skipping_takes_a_mark_away_and_all_skipped_is_not_complete():
    card = Card("hi").marked(EMOTION, "joy").skipping("emotion")
    assert card.marks == {}
    assert not card.is_complete((EMOTION,))
    assert card.skipping("emotion").skipped == ()


def test_the_state_comes_back_as_it_was_saved(tmp_path):
    file = StateFile.beside(tmp_path / "new" / "store.sqlite3")
    state = SavedState(
        Card("hi 😂", "id", {"fine": ("joy",), "emotion": "anger"}, ("sentiment",), True), "dark", "history"
    )
    file.save(state)
    assert file.load() == state


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"card": 1}', b"\xff\xfe"])
def test_a_damaged_state_is_a_fresh_start(tmp_path, content):
    (tmp_path / "store.app.json").write_bytes(content)
    assert StateFile.beside(tmp_path / "store.sqlite3").load() == SavedState()


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("2026-11-20T15:29:40+00:00", "just now"),
        ("2026-11-20T15:05:00+00:00", "25 min ago"),
        ("2026-11-20T08:05:00Z", "today 08:05"),
        ("2026-03-02T08:05:00", "2 Mar"),
        ("2025-03-02T08:05:00+00:00", "2 Mar 2025"),
        ("yesterday", "yesterday"),
    ],
)
def test_times_are_told_as_people_tell_them(when, shown):
    assert Entry(1, "id", "hi", {}, when).when_line(NOW) == shown


def test_plural_forms():
    assert strings.plural("history.count", 1) == "1 utterance"
    assert strings.plural("history.count", 0) == "0 utterances"


def test_every_entry_of_the_table_is_words():
    for language in strings.LANGUAGES.values():
        assert set(language) == set(strings.ENGLISH)
        assert all(words.strip() for words in language.values())
