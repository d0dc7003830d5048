"""The first page: typing, accepting, correcting, undoing."""

import pytest
from kivy.uix.label import Label

from mobile_app.ui import strings
from mobile_app.ui.example_button import ExampleButton
from mobile_app.ui.say_parts import EmptyCard, NoticeBar
from mobile_app.ui.task_card import TaskCard
from mobile_app.ui.tidy import LONGEST


def say(driver, text):
    driver.tap(driver.root.say.ids.speech)
    driver.paste(text)
    driver.settle()


def other_label(driver, task):
    """Return a label that is not suggested."""
    suggested = driver.chip(task).label
    return next(label for label in driver.card(task).task.labels if label != suggested)


def choose(driver, task, label):
    chip = driver.chip(task, label)
    driver.reveal(chip)
    driver.tap(chip)


def notice(driver):
    return next((bar.text for bar in driver.widgets(NoticeBar)), "")


def test_typing_shows_a_prediction_for_each_task_after_the_pause(driver):
    driver.tap(driver.root.say.ids.speech)
    driver.write("we won")
    assert not list(driver.widgets(TaskCard))
    driver.settle()
    for task in ("emotion", "sentiment"):
        suggested = driver.chip(task)
        assert suggested.label in driver.card(task).task.labels
        assert 0 < suggested.fraction <= 1


def test_typing_does_not_ask_the_engine_at_every_key(driver, monkeypatch):
    asked = []
    monkeypatch.setattr(driver.app.controller, "predict", lambda text, done: asked.append(text))
    driver.tap(driver.root.say.ids.speech)
    for character in "we won":
        driver.write(character)
        driver.skip(0.1)
    assert asked == []
    driver.skip(0.3)
    assert asked == ["we won"]


def test_chips_stand_in_the_order_of_probability(driver):
    say(driver, "we won")
    fractions = [chip.fraction for chip in driver.card("emotion")._chips(3)]
    assert fractions == sorted(fractions, reverse=True)
    assert sum(fractions) == pytest.approx(1, abs=1e-3)


def test_one_tap_accepts_both_suggestions_and_saves(driver):
    say(driver, "we won")
    suggested = {task: driver.chip(task).label for task in ("emotion", "sentiment")}
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    assert driver.app.labelling.card.is_saved
    [entry] = saved(driver)
    assert (entry.text, dict(entry.labels)) == ("we won", suggested)


def saved(driver):
    got = []
    driver.app.controller.history("", None, 50, got.append)
    driver.wait(lambda: got)
    return got[0]


def test_one_tap_on_each_suggestion_saves_without_another_button(driver):
    say(driver, "we won")
    driver.tap(driver.chip("emotion"))
    assert saved(driver) == []
    choose(driver, "sentiment", driver.chip("sentiment").label)
    driver.settle()
    assert len(saved(driver)) == 1


def test_a_correction_is_learned_and_the_card_says_what_changed(driver):
    say(driver, "at six")
    emotion, sentiment = other_label(driver, "emotion"), other_label(driver, "sentiment")
    before = driver.chip("emotion", emotion).fraction
    choose(driver, "emotion", emotion)
    choose(driver, "sentiment", sentiment)
    driver.settle()
    after = driver.chip("emotion", emotion).fraction
    assert after > before
    assert notice(driver).startswith("Saved as you said. By itself it now gives")
    assert f"{emotion} {strings.percent(after)}, was {strings.percent(before)}" in notice(driver)


def test_an_agreement_says_what_the_words_are_now(driver):
    say(driver, "we won")
    choose(driver, "emotion", driver.chip("emotion").label)
    choose(driver, "sentiment", driver.chip("sentiment").label)
    driver.settle()
    assert notice(driver).startswith("Saved. “we won” is now")


def test_the_next_prediction_has_learned(driver):
    say(driver, "at six")
    emotion = other_label(driver, "emotion")
    before = driver.chip("emotion", emotion).fraction
    for _ in range(3):
        choose(driver, "emotion", emotion)
        driver.tap(driver.button(driver.root.say.action))
        driver.settle()
        driver.tap(driver.button(strings.text("say.next")))
        driver.settle()
        say(driver, "at six")
    assert driver.chip("emotion", emotion).fraction > 2 * before


def test_marking_one_task_keeps_the_suggestion_of_the_other(driver):
    say(driver, "at six")
    emotion, sentiment = other_label(driver, "emotion"), driver.chip("sentiment").label
    choose(driver, "emotion", emotion)
    driver.tap(driver.button(strings.text("say.accept_rest")))
    driver.settle()
    assert dict(saved(driver)[0].labels) == {"emotion": emotion, "sentiment": sentiment}


def test_not_sure_leaves_a_task_without_a_label(driver):
    say(driver, "at six")
    skip = next(w for w in driver.widgets(Label, driver.card("emotion")) if w.text == strings.text("say.not_sure"))
    driver.tap(skip)
    choose(driver, "sentiment", "neutral")
    driver.settle()
    assert dict(saved(driver)[0].labels) == {"sentiment": "neutral"}


def test_not_sure_after_saving_takes_the_label_back(driver):
    say(driver, "at six")
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    driver.root.say.ids.scroller.scroll_y = 1
    driver.frames()
    skip = next(w for w in driver.widgets(Label, driver.card("emotion")) if w.text == strings.text("say.not_sure"))
    driver.tap(skip)
    driver.settle()
    assert set(saved(driver)[0].labels) == {"sentiment"}


def test_a_tap_after_saving_corrects_the_same_utterance(driver):
    say(driver, "at six")
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    emotion = other_label(driver, "emotion")
    choose(driver, "emotion", emotion)
    driver.settle()
    [entry] = saved(driver)
    assert entry.labels["emotion"] == emotion


def test_undo_forgets_what_was_just_saved(driver):
    say(driver, "at six")
    emotion = other_label(driver, "emotion")
    before = driver.chip("emotion", emotion).fraction
    choose(driver, "emotion", emotion)
    choose(driver, "sentiment", other_label(driver, "sentiment"))
    driver.settle()
    driver.tap(driver.button(strings.text("say.undo")))
    driver.settle()
    assert saved(driver) == []
    assert driver.chip("emotion", emotion).fraction == pytest.approx(before, abs=1e-5)
    assert notice(driver) == strings.text("say.undone")


def test_undo_after_a_second_answer_returns_to_the_first(driver):
    say(driver, "at six")
    first = driver.chip("emotion").label
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    choose(driver, "emotion", other_label(driver, "emotion"))
    driver.settle()
    driver.tap(driver.button(strings.text("say.undo")))
    driver.settle()
    assert saved(driver)[0].labels["emotion"] == first


def test_next_one_empties_the_card_and_keeps_the_keyboard(driver):
    say(driver, "at six")
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    driver.tap(driver.button(strings.text("say.next")))
    driver.settle()
    assert driver.root.say.ids.speech.text == ""
    assert driver.root.say.ids.speech.focus
    assert list(driver.widgets(EmptyCard))


def test_an_empty_text_shows_what_to_do_and_nothing_to_save(driver):
    assert list(driver.widgets(EmptyCard))
    assert driver.root.say.action == ""
    say(driver, "   ")
    assert list(driver.widgets(EmptyCard))


def test_a_tap_on_an_example_reads_it(driver):
    example = next(driver.widgets(ExampleButton))
    driver.tap(example)
    driver.settle()
    assert driver.app.labelling.prediction.encoding.text == example.text
    assert driver.chip("emotion").fraction > 0


def test_enter_puts_the_keyboard_away_and_keeps_the_text(driver):
    say(driver, "we won")
    driver.key(13)
    assert not driver.root.say.ids.speech.focus
    assert driver.root.say.ids.speech.text == "we won"


def test_backspace_deletes_a_character(driver):
    say(driver, "we won")
    driver.key(8)
    driver.settle()
    assert driver.app.labelling.prediction.encoding.text == "we wo"


def test_a_paste_of_100_000_characters_is_cut_with_one_sentence(driver):
    say(driver, "so happy today " * 6667)
    assert len(driver.root.say.ids.speech.text) == LONGEST
    assert notice(driver) == strings.text("say.clipped", kept=LONGEST)
    assert driver.app.labelling.is_current


@pytest.mark.parametrize(
    "text",
    ["😂😂🎉❤️👍🏽", "مرحبا بالعالم", "שלום עולם, hello", "e\u0301\u0302\u0303 n\u0303o", "日本語です", "\u202eabc"],
    ids=["emoji", "arabic", "hebrew and latin", "combining", "japanese", "direction override"],
)
def test_text_of_every_kind_is_read_and_saved_as_it_is(driver, text):
    say(driver, text)
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    assert saved(driver)[0].text == text


def test_control_characters_and_nul_become_spaces(driver):
    say(driver, "we\x00won\x07now\r\nagain")
    assert driver.root.say.ids.speech.text == "we won now again"
    assert driver.app.labelling.is_current


def test_halves_of_an_emoji_are_joined(driver):
    say(driver, "we won \ud83d\ude02")
    assert driver.root.say.ids.speech.text == "we won 😂"


def test_turning_the_phone_keeps_text_and_answers(driver):
    say(driver, "at six")
    emotion = other_label(driver, "emotion")
    choose(driver, "emotion", emotion)
    driver.resize(720, 360)
    assert driver.root.say.is_wide
    assert driver.root.say.ids.speech.text == "at six"
    assert driver.chip("emotion", emotion).is_marked
    driver.tap(driver.button(strings.text("say.accept_rest")))
    driver.settle()
    assert saved(driver)[0].labels["emotion"] == emotion


def test_a_failed_save_says_so_and_keeps_the_card(driver):
    say(driver, "at six")
    driver.app.controller._session.store.close()
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    assert not driver.app.labelling.card.is_saved
    assert notice(driver)
    assert driver.root.say.ids.speech.text == "at six"
