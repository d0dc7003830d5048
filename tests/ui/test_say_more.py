"""The first page: own feelings, surprise, what the person said before, warnings, conversations, the three cards."""

import pytest
from kivy.uix.label import Label

from mobile_app.engine import guard
from mobile_app.ui import strings
from mobile_app.ui.card import Card
from mobile_app.ui.intro_card import IntroCard
from mobile_app.ui.own_chip import OwnChip
from mobile_app.ui.own_label import OwnLabelSheet
from mobile_app.ui.saved_state import SavedState, StateFile
from mobile_app.ui.say import asks_if_pleasant
from mobile_app.ui.say_parts import EmptyCard
from mobile_app.ui.talk_bar import TalkBar
from tests.ui.steps import ask, choose, notice, press, save, saved, say


def add_own(driver, name):
    chip = next(driver.widgets(OwnChip))
    driver.reveal(chip)
    driver.tap(chip)
    sheet = next(driver.widgets(OwnLabelSheet))
    driver.tap(sheet.ids.name)
    driver.paste(name)
    driver.tap(driver.button(strings.text("say.own.add")))
    driver.settle()


def test_a_feeling_of_ones_own_becomes_a_label(driver):
    say(driver, "at six")
    add_own(driver, " Home sick")
    assert driver.chip("emotion", "home sick").is_marked
    press(driver, "say.accept_rest")
    assert saved(driver)[0].labels["emotion"] == "home sick"
    assert driver.chip("emotion", "home sick").percent
    press(driver, "say.next")
    say(driver, "we won")
    assert driver.chip("emotion", "home sick").percent  # it is a label like any other from now on


def test_a_feeling_that_exists_is_refused_in_one_sentence(driver):
    say(driver, "at six")
    add_own(driver, "Anger")
    sheet = next(driver.widgets(OwnLabelSheet))
    assert sheet.message == strings.text("say.own.wrong", longest=24)
    assert driver.back()
    assert not list(driver.widgets(OwnLabelSheet))
    assert driver.app.labelling.card.marks == {}


def test_the_same_text_again_shows_what_the_person_said(driver):
    say(driver, "how dare you")
    model_says = driver.chip("emotion").label
    label = next(label for label in ("joy", "neutral") if label != model_says)
    choose(driver, "emotion", label)
    press(driver, "say.accept_rest")
    press(driver, "say.next")
    say(driver, "how dare you")
    own = driver.chip("emotion")
    assert (own.label, own.hint) == (label, strings.text("say.you_said"))
    shown = driver.app.labelling.prediction.tasks["emotion"].probabilities
    assert own.fraction == pytest.approx(shown[label], abs=1e-3)  # the model's own number stays
    press(driver, "say.accept")
    assert [entry.labels["emotion"] for entry in saved(driver)] == [label, label]


def test_another_text_does_not_show_it(driver):
    save(driver, "how dare you", emotion="joy", sentiment="positive")
    say(driver, "how dare you?")
    assert not any(chip.hint for chip in driver.card("emotion")._chips(3))


def test_a_surprise_is_asked_about():
    assert asks_if_pleasant("sentiment", {"emotion": "surprise"})
    assert not asks_if_pleasant("sentiment", {"emotion": "surprise", "sentiment": "positive"})
    assert not asks_if_pleasant("sentiment", {"emotion": "joy"})
    assert not asks_if_pleasant("emotion", {"emotion": "surprise"})


def test_after_surprise_the_card_asks_if_it_was_pleasant(driver):
    say(driver, "at six")
    add_own(driver, "surprise")
    assert driver.card("sentiment").title == strings.text("say.surprise")
    assert driver.chip("sentiment", "positive").name == strings.text("say.pleasant")
    choose(driver, "sentiment", "positive")
    driver.settle()
    assert dict(saved(driver)[0].labels) == {"emotion": "surprise", "sentiment": "positive"}


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setattr(guard.Guard, "costs", lambda _guard, _before, _after: {"emotion": 0.25})


def test_a_costly_label_can_be_discarded(strict, driver):
    say(driver, "at six")
    press(driver, "say.accept")
    assert notice(driver) == strings.text("say.warning", share=strings.percent(0.25))
    press(driver, "say.discard")
    assert saved(driver) == []
    assert not driver.app.labelling.warning


def test_a_costly_label_can_be_kept(strict, driver):
    say(driver, "at six")
    press(driver, "say.accept")
    press(driver, "say.keep")
    assert len(saved(driver)) == 1
    assert notice(driver) == strings.text("say.kept")


def test_a_conversation_keeps_speakers_and_turns(driver):
    press(driver, "say.talk")
    bar = next(driver.widgets(TalkBar))
    driver.tap(bar.ids.speaker)
    driver.paste("Ada")
    save(driver, "we won", emotion="joy", sentiment="positive")
    assert "Ada: we won" in [label.text for label in driver.widgets(Label, bar)]
    driver.tap(bar.ids.speaker)
    bar.ids.speaker.select_all()
    driver.paste("Ben")
    save(driver, "how dare you", emotion="anger", sentiment="negative")
    assert bar.ids.speaker.text == "Ada"  # of two, the other goes on
    stored = ask(driver, lambda session: session.store.in_order())
    origins = [(one.utterance.speaker, one.utterance.position) for one in stored]
    assert origins == [("Ada", 0), ("Ben", 1)]
    assert len({one.utterance.dialogue for one in stored} - {None}) == 1


def test_closing_a_conversation_returns_to_single_utterances(driver):
    press(driver, "say.talk")
    driver.tap(next(label for label in driver.widgets(Label, next(driver.widgets(TalkBar))) if label.text == "✖"))
    driver.settle()
    assert not list(driver.widgets(TalkBar))
    save(driver, "we won")
    assert ask(driver, lambda session: session.store.in_order())[0].utterance.dialogue is None


@pytest.fixture
def newcomer(start, store):
    StateFile.beside(store).save(SavedState())
    with start() as driver:
        driver.settle()
        yield driver


def test_the_first_start_shows_three_cards_and_then_the_keyboard(newcomer):
    intro = next(newcomer.widgets(IntroCard))
    for key in ("intro.next", "intro.next", "intro.start"):
        press(newcomer, key)
    assert intro.parent is None
    assert newcomer.root.say.ids.speech.focus
    assert list(newcomer.widgets(EmptyCard))


def test_the_cards_can_be_skipped_and_never_come_back(newcomer, store):
    press(newcomer, "intro.skip")
    assert list(newcomer.widgets(EmptyCard))
    assert StateFile.beside(store).load().intro


def test_typing_needs_no_card_to_be_read(newcomer):
    save(newcomer, "we won")
    assert list(newcomer.widgets(EmptyCard))
    assert not list(newcomer.widgets(IntroCard))


def test_an_answer_given_before_a_kill_keeps_its_conversation(start, store):
    card = Card("we won", "id", {"emotion": "joy", "sentiment": "positive"}, origin={"speaker": "Ada", "position": 3})
    StateFile.beside(store).save(SavedState(card, intro=True))
    with start() as driver:
        driver.settle()
        driver.wait(lambda: driver.app.labelling.card.is_saved)
        [stored] = ask(driver, lambda session: session.store.in_order())
    assert (stored.utterance.speaker, stored.utterance.position) == ("Ada", 3)
