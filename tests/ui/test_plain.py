"""What the app knows without a window: colours, words, text, cards and the state between two starts."""

import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.card import Card
from mobile_app.ui.entry import Entry
from mobile_app.ui.filters import Filter, a_week_ago
from mobile_app.ui.own_name import own_name
from mobile_app.ui.palette import DARK, LIGHT, contrast
from mobile_app.ui.saved_state import SavedState, StateFile
from mobile_app.ui.talk import Talk
from mobile_app.ui.tidy import LONGEST, is_right_to_left, shorten, tidy, tidy_lines
from mobile_app.ui.words import labels

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


@pytest.fixture
def speaking():
    yield strings.use
    strings.use("en")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", {0: "0 utterances", 1: "1 utterance", 2: "2 utterances", 21: "21 utterances"}),
        ("de", {1: "1 Äußerung", 5: "5 Äußerungen"}),
        ("tr", {1: "1 söz", 5: "5 söz"}),
        (
            "ru",
            {
                0: "0 фраз",
                1: "1 фраза",
                2: "2 фразы",
                5: "5 фраз",
                11: "11 фраз",
                14: "14 фраз",
                21: "21 фраза",
                22: "22 фразы",
                111: "111 фраз",
                112: "112 фраз",
            },
        ),
    ],
)
def test_plural_forms(speaking, language, shown):
    speaking(language)
    assert {n: strings.plural("history.count", n) for n in shown} == shown


FORMS = {"en": {"one", "other"}, "de": {"one", "other"}, "tr": {"one", "other"}, "ru": {"one", "few", "many"}}


def stem(key):
    start, _, end = key.rpartition(".")
    return start if end in ("one", "few", "many", "other") else key


@pytest.mark.parametrize("language", list(strings.LANGUAGES))
def test_every_language_has_every_entry_with_the_same_blanks(language):
    table, english = strings.LANGUAGES[language], strings.ENGLISH
    assert {stem(key) for key in table} == {stem(key) for key in english}
    blanks = {stem(key): set(re.findall(r"{(\w+)}", words)) for key, words in english.items() if stem(key) == key}
    for key, words in table.items():
        assert words.strip()
        if key in blanks:
            assert set(re.findall(r"{(\w+)}", words)) == blanks[key], key
        else:
            assert {k.rpartition(".")[2] for k in table if stem(k) == stem(key)} == FORMS[language], key


def test_every_entry_is_used_somewhere():
    folder = Path(strings.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.*") if path.suffix in (".py", ".kv"))
    made = ("intro.", "task.", "nav.")  # put together from parts
    unused = [
        k for k in strings.ENGLISH if not k.startswith(made) and not re.search(rf"['\"]{re.escape(stem(k))}['\"]", code)
    ]
    assert unused == []


@pytest.mark.parametrize("language", list(strings.LANGUAGES))
def test_the_font_has_every_character_of_every_language(language):
    from fontTools.ttLib import TTFont

    fonts = Path(strings.__file__).parents[1] / "assets" / "fonts"
    regular = TTFont(fonts / "UndertoneText-Regular.ttf").getBestCmap()
    bold = TTFont(fonts / "UndertoneText-Bold.ttf").getBestCmap()
    words = "".join([*strings.LANGUAGES[language].values(), strings.OWN_NAMES[language]]).replace("\n", "")
    words += "".join(labels.LABELS.get(language, {}).values())
    assert {c for c in words if ord(c) not in regular or ord(c) not in bold} == set()
    assert {c for c in "".join(strings.ICONS.values()) + strings.OTHER_ICON if ord(c) not in regular} == set()


@pytest.mark.parametrize(
    ("tags", "language"),
    [(("de-CH", "en"), "de"), (("fr", "tr-TR"), "tr"), (("fr",), "en"), ((), "en"), (("RU",), "ru")],
)
def test_the_first_language_that_the_app_speaks_is_taken(tags, language):
    assert strings.best_of(tags) == language


@pytest.mark.parametrize("name", ["", "  ", "joy", "JOY", "Freude", "a|b", "x" * 25])
def test_names_that_cannot_be_a_feeling(speaking, name):
    speaking("de")
    assert own_name(name, ("joy", "anger")) is None


def test_the_name_of_a_feeling_is_tidied():
    assert own_name("  Home\n  Sick ", ("joy",)) == "home sick"


def test_a_card_of_a_conversation_remembers_where_it_is_from(tmp_path):
    talk = Talk("d", "Ada")
    card = Card("hi", "id", origin=talk.origin())
    assert card.origin == {"speaker": "Ada", "dialogue": "d", "position": 0}
    talk = replace(talk.after(card), speaker="Ben").after(Card("ho"))
    assert (talk.speaker, talk.position, talk.turns) == ("Ada", 2, (("Ada", "hi"), ("Ben", "ho")))
    state = SavedState(card, language="ru", recipe="fp16", intro=True, inbox="x", talk=talk)
    file = StateFile.beside(tmp_path / "store.sqlite3")
    file.save(state)
    assert file.load() == state


def test_a_state_of_the_first_version_is_read(tmp_path):
    content = {"card": Card("hi").to_dict(), "theme": "dark", "screen": "history"}
    del content["card"]["origin"]
    (tmp_path / "store.app.json").write_text(json.dumps(content), encoding="utf-8")
    loaded = StateFile.beside(tmp_path / "store.sqlite3").load()
    assert (loaded.card.text, loaded.theme, loaded.intro) == ("hi", "dark", True)


def test_filters_look_at_label_time_and_correction():
    entry = Entry(1, "id", "hi", {"emotion": "joy", "fine": ("love", "joy")}, "2026-11-20T15:00:00Z", is_corrected=True)
    assert all(Filter(label=label).fits(entry) for label in (None, "joy", "love"))
    assert not Filter(label="anger").fits(entry)
    assert Filter(since=a_week_ago(NOW)).fits(entry) and not Filter(since=NOW).fits(entry)
    assert Filter(is_corrected=True).fits(entry)
    assert not Filter(is_corrected=True).fits(replace(entry, is_corrected=False))
    assert not Filter(since=NOW).fits(replace(entry, when="yesterday"))


def test_tidy_lines_keeps_lines_alone():
    assert tidy_lines("a\r\nb\x00c\n\td\ud83d\ude02") == "a\nb c\n d😂"
