"""What a person does again and again."""

from mobile_app.ui import strings
from mobile_app.ui.say_parts import NoticeBar


def say(driver, text):
    driver.tap(driver.root.say.ids.speech)
    driver.paste(text)
    driver.settle()


def choose(driver, task, label):
    chip = driver.chip(task, label)
    driver.reveal(chip)
    driver.tap(chip)


def press(driver, key, **values):
    """Press the button with the words of an entry of the table."""
    button = driver.button(strings.text(key, **values))
    driver.reveal(button)
    driver.tap(button)
    driver.settle()


def save(driver, text, **labels):
    say(driver, text)
    for task, label in labels.items():
        choose(driver, task, label)
    driver.settle()
    if not labels:
        press(driver, "say.accept")
    press(driver, "say.next")


def go(driver, page):
    driver.tap(driver.button(strings.text(f"nav.{page}")))
    driver.settle()
    return driver.root.pages.current_screen


def notice(driver):
    return next((bar.text for bar in driver.widgets(NoticeBar)), "")


def saved(driver):
    got = []
    driver.app.controller.history("", None, 50, got.append)
    driver.wait(lambda: got)
    return got[0]


def ask(driver, job):
    """Return what a job says on the engine."""
    got = []
    driver.app.controller.ask(job, got.append)
    driver.wait(lambda: got)
    return got[0]
