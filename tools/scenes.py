"""Every state of the app that is worth a look, one after the other, for the contact sheet and the layout test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mobile_app.ui import strings
from mobile_app.ui.driver import Driver

LONG = "I can't believe you remembered my birthday, how dare you be so lovely 🎉"
LINES = "you are late again\nwhere are the keys, and who has taken my good umbrella?\nI love it"
NAMES = ("start", "predicted", "saved", "inbox", "adding", "history", "progress", "yours", "model")


def fill(driver: Driver) -> None:
    """Give the person a past: labelled utterances and lines that wait."""
    labels = [("joy", "positive"), ("anger", "negative"), ("neutral", "neutral"), ("joy", "positive")]

    def teach(session: Any) -> None:
        from mobile_app.ui import inbox_jobs

        for number, (emotion, sentiment) in enumerate(labels):
            session.learn(f"{LONG} {number}", {"emotion": emotion, "sentiment": sentiment}, f"id{number}")
        inbox_jobs.add_text(session, LINES)

    driver.app.controller.ask(teach, lambda _nothing: None)
    driver.settle()


def scenes(driver: Driver) -> Iterator[str]:
    """Bring the app into one state after the other and yield the name of each; it ends as it began."""
    root, labelling = driver.root, driver.app.labelling
    root.show("say")
    root.say.clear()
    driver.settle()
    yield "start"
    root.say.ids.speech.text = LONG
    driver.settle()
    driver.wait(lambda: labelling.is_current, "a prediction")
    yield "predicted"
    labelling.accept()
    driver.wait(lambda: labelling.card.is_saved, "the utterance to be saved")
    driver.settle()
    yield "saved"
    labelling.undo()
    driver.settle()
    root.say.clear()
    yield from _pages(driver, root.show)


def _pages(driver: Driver, show: Callable[[str], None]) -> Iterator[str]:
    show("inbox")
    driver.settle()
    inbox = driver.root.pages.current_screen
    yield "inbox"
    inbox.toggle_adding()
    driver.settle()
    yield "adding"
    inbox.toggle_adding()
    for page in ("history", "progress", "yours"):
        show(page)
        driver.settle()
        yield page
    show("model")
    driver.settle()
    screen = driver.root.pages.current_screen
    screen.flow.self_check()
    driver.settle()
    yield "model"
    show("say")


def speak(driver: Driver, language: str, *, is_dark: bool) -> None:
    """Choose language and theme as a person does on their page."""
    driver.root.show("yours")
    driver.settle()
    page = driver.root.pages.current_screen
    page.choose_theme("dark" if is_dark else "light")
    page.choose_language(language)
    driver.settle()
    assert strings.language() == language
