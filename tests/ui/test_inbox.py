"""The inbox: bringing in, labelling by tap, swipe and key, and what survives."""

import pytest
from kivy.base import EventLoop

from mobile_app.ui import strings
from mobile_app.ui.driver import Finger
from mobile_app.ui.key_help import KeyHelp
from tests.ui.steps import ask, choose, go, notice, press, saved

LINES = "we won\nhow dare you\nat six"


def bring(driver, text=LINES):
    inbox = go(driver, "inbox")
    driver.tap(inbox.ids.paste)
    driver.paste(text)
    press(driver, "inbox.add")
    return inbox


@pytest.fixture
def inbox(driver):
    return bring(driver)


def swipe(driver, inbox, across):
    x, y = inbox.ids.swipe.to_window(*inbox.ids.swipe.center)
    y = inbox.ids.swipe.to_window(0, inbox.ids.swipe.top)[1] - 30
    finger = Finger(x, y)
    EventLoop.post_dispatch_input("begin", finger)
    driver.frames(2)
    for step in range(1, 6):
        finger.move({"x": (x + across * step / 5) / (driver.width - 1.0), "y": y / (driver.height - 1.0)})
        EventLoop.post_dispatch_input("update", finger)
        driver.frames(1)
    EventLoop.post_dispatch_input("end", finger)
    driver.settle()


def test_an_empty_inbox_says_what_to_do(driver):
    inbox = go(driver, "inbox")
    assert inbox.is_adding and not inbox.can_label
    assert driver.button(strings.text("inbox.file"))


def test_pasted_lines_wait_and_the_first_is_asked_about(driver, inbox):
    assert inbox.waiting == strings.plural("inbox.waiting", 3)
    assert inbox.text in LINES.split("\n")
    assert notice(driver) == strings.plural("inbox.added", 3)
    assert driver.chip("emotion").fraction > 0
    assert inbox.ids.paste.whole == ""


def test_the_least_certain_comes_first(driver, inbox):
    from mobile_app.engine.queue import uncertainty

    doubts = ask(driver, lambda s: {t: uncertainty(s.personalizer.predict(t)) for t in LINES.split("\n")})
    assert inbox.text == max(doubts, key=doubts.get)


def test_each_tap_is_saved_and_the_tasks_follow_each_other(driver, inbox):
    first = inbox.text
    choose(driver, "emotion", "anger")
    driver.settle()
    assert [(entry.text, dict(entry.labels)) for entry in saved(driver)] == [(first, {"emotion": "anger"})]
    assert inbox.text == first
    choose(driver, "sentiment", "negative")
    driver.settle()
    assert dict(saved(driver)[0].labels) == {"emotion": "anger", "sentiment": "negative"}
    assert inbox.text != first
    assert inbox.waiting == strings.plural("inbox.waiting", 2)
    assert "anger 1" in inbox.counts


def test_one_tap_accepts_all_that_is_suggested(driver, inbox):
    first, suggested = inbox.text, inbox.flow.suggested()
    driver.tap(driver.button(inbox.accept))
    driver.settle()
    assert (saved(driver)[0].text, dict(saved(driver)[0].labels)) == (first, suggested)


def test_a_swipe_to_the_right_accepts(driver, inbox):
    first = inbox.text
    swipe(driver, inbox, 150)
    assert [entry.text for entry in saved(driver)] == [first]


def test_a_swipe_to_the_left_skips_and_it_comes_back_last(driver, inbox):
    first = inbox.text
    swipe(driver, inbox, -150)
    assert saved(driver) == []
    assert inbox.text != first
    swipe(driver, inbox, 150)
    swipe(driver, inbox, 150)
    assert inbox.text == first


def test_a_short_or_upward_move_is_no_swipe(driver, inbox):
    first = inbox.text
    swipe(driver, inbox, 40)
    assert saved(driver) == [] and inbox.text == first


def test_number_keys_choose_and_enter_accepts(driver, inbox):
    labels = driver.card("emotion").labels
    driver.key(ord("2"))
    driver.settle()
    assert saved(driver)[0].labels["emotion"] == labels[1]
    driver.key(13)
    driver.settle()
    assert set(saved(driver)[0].labels) == {"emotion", "sentiment"}


def test_the_arrow_keys_skip_and_accept(driver, inbox):
    first = inbox.text
    driver.key(276)
    driver.settle()
    assert inbox.text != first and saved(driver) == []
    driver.key(275)
    driver.settle()
    assert len(saved(driver)) == 1


def test_u_takes_back_answer_after_answer(driver, inbox):
    first = inbox.text
    driver.key(ord("1"))
    driver.settle()
    driver.key(13)
    driver.settle()
    assert inbox.text != first
    driver.key(ord("u"))
    driver.settle()
    assert inbox.text == first
    assert set(saved(driver)[0].labels) == {"emotion"}
    driver.key(ord("u"))
    driver.settle()
    assert saved(driver) == []
    assert inbox.waiting == strings.plural("inbox.waiting", 3)


def test_undo_returns_to_what_was_skipped(driver, inbox):
    first = inbox.text
    press(driver, "inbox.skip")
    press(driver, "say.undo")
    assert inbox.text == first


def test_the_question_mark_shows_and_hides_the_keys(driver, inbox):
    driver.key(ord("?"), "?")
    assert list(driver.widgets(KeyHelp))
    assert driver.chip("emotion").key == "1"
    driver.key(ord("?"), "?")
    assert not list(driver.widgets(KeyHelp))


def test_keys_do_nothing_while_lines_are_typed(driver, inbox):
    press(driver, "inbox.more")
    driver.tap(inbox.ids.paste)
    driver.key(ord("1"))
    driver.key(13)
    driver.settle()
    assert saved(driver) == []


def test_when_all_are_labelled_it_says_so(driver, inbox):
    for _ in range(3):
        driver.tap(driver.button(inbox.accept))
        driver.settle()
    assert not inbox.can_label
    assert any(label.text == strings.text("inbox.finished") for label in driver.labels())


def test_bringing_the_same_lines_again_adds_nothing(driver, inbox):
    press(driver, "inbox.more")
    driver.tap(inbox.ids.paste)
    driver.paste(LINES)
    press(driver, "inbox.add")
    assert notice(driver) == strings.text("inbox.known")
    assert inbox.waiting == strings.plural("inbox.waiting", 3)


def test_a_chosen_chat_waits_with_its_speakers(driver, chosen, tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text("21/11/2026, 10:33 - Anna: we won\n21/11/2026, 10:34 - Ben: at six\n", encoding="utf-8")
    chosen.append(path)
    inbox = go(driver, "inbox")
    press(driver, "inbox.file")
    driver.wait(lambda: inbox.can_label)
    driver.settle()
    assert inbox.speaker in {strings.text("inbox.by", speaker=name) for name in ("Anna", "Ben")}
    driver.key(13)
    driver.settle()
    [stored] = ask(driver, lambda session: session.store.in_order())
    assert stored.utterance.speaker in ("Anna", "Ben")
    assert stored.utterance.dialogue.startswith("chat-")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"price,amount\n1,2\n", "a column named text"),
        (b"", "at least one utterance"),
        (b"PK\x03\x04", "another kind of file"),
    ],
    ids=["wrong columns", "empty", "zip"],
)
def test_a_file_that_cannot_be_used_is_one_sentence_and_nothing_is_lost(
    driver, inbox, chosen, tmp_path, content, words
):
    path = tmp_path / "chosen.csv"
    path.write_bytes(content)
    chosen.append(path)
    press(driver, "inbox.more")
    press(driver, "inbox.file")
    driver.wait(lambda: words in notice(driver))
    assert ask(driver, lambda session: len(session.waiting)) == 3


def test_a_closed_dialog_changes_nothing(driver, inbox):
    press(driver, "inbox.more")
    press(driver, "inbox.file")
    driver.settle()
    assert inbox.waiting == strings.plural("inbox.waiting", 3)


def test_a_paste_of_a_million_characters_is_kept_whole_and_shown_in_part(driver):
    inbox = go(driver, "inbox")
    driver.tap(inbox.ids.paste)
    driver.paste("".join(f"this is line {number}\n" for number in range(500)) + "x" * 1_000_000)
    assert len(inbox.ids.paste.text) <= 2000
    press(driver, "inbox.add")
    driver.wait(lambda: inbox.can_label)
    assert ask(driver, lambda session: len(session.waiting)) == 501


@pytest.mark.parametrize("text", ["😂😂\n🎉", "مرحبا\nשלום", "e\u0301\u0302\nn\u0303", "\x00\x07we won"])
def test_text_of_every_kind_can_wait(driver, text):
    inbox = bring(driver, text)
    driver.tap(driver.button(inbox.accept))
    driver.settle()
    assert len(saved(driver)) == 1


def test_a_restart_returns_to_the_same_utterance_half_answered(start):
    with start() as driver:
        driver.settle()
        inbox = bring(driver)
        press(driver, "inbox.skip")
        text = inbox.text
        choose(driver, "emotion", "anger")
        driver.settle()
    with start() as driver:
        driver.settle()
        inbox = driver.root.pages.current_screen
        assert inbox.name == "inbox"
        assert inbox.text == text
        assert dict(inbox.flow.marks) == {"emotion": "anger"}
        assert inbox.flow.task.name == "sentiment"


def test_turning_the_phone_keeps_the_utterance(driver, inbox):
    text = inbox.text
    driver.resize(720, 360)
    driver.settle()
    assert inbox.text == text
    driver.tap(driver.button(inbox.accept))
    driver.settle()
    assert [entry.text for entry in saved(driver)] == [text]


def test_back_closes_the_place_to_add_and_then_leaves(driver, inbox):
    press(driver, "inbox.more")
    assert driver.back() and not inbox.is_adding
    assert driver.back() and driver.root.screen == "say"
