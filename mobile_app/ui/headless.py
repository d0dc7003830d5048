"""A walk through the real app without a screen: type, correct, accept, look at the history; a picture of each step."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mobile_app.ui import environment

if TYPE_CHECKING:
    from mobile_app.ui.driver import Driver

WIDTH, HEIGHT, DENSITY = 1080, 2160, 2.625


@dataclass(frozen=True)
class Step:
    """What happened to one utterance.

    :param said: per task the label that the app suggested before.
    :param labels: per task the label that was given.
    :param notice: what the app said about it.
    :param before: per task the probability of the given label before it was given.
    :param after: and afterwards.
    :param pictures: screenshots taken on the way.
    """

    text: str
    said: dict[str, str]
    labels: dict[str, str]
    notice: str
    before: dict[str, float]
    after: dict[str, float]
    pictures: tuple[Path, ...]


def walk(
    bundle: Path, store: Path, screenshots: Path, utterances: Sequence[tuple[str, Mapping[str, str]]]
) -> list[Step]:
    """Type utterances into the app and answer them by touch; save a picture of each state.

    Needs a process in which Kivy was not imported before. Needs no display.

    :param bundle: folder of the bundle.
    :param store: file of the store, made if it is not there.
    :param screenshots: folder for the PNG files.
    :param utterances: text, and per task the label to give; a label that is suggested already is accepted.
    :return: one step an utterance, in their order.
    :raises UndertoneError: if bundle or store cannot be used, or this machine cannot draw.
    :raises TimeoutError: if the app does not answer.
    """
    with tempfile.TemporaryDirectory() as home:
        environment.prepare_offscreen(Path(home), density=DENSITY)
        logging.getLogger("kivy").setLevel(logging.CRITICAL + 1)
        environment.configure_offscreen(WIDTH, HEIGHT)
        from mobile_app.ui.app import make_app  # Kivy opens its window on import
        from mobile_app.ui.driver import Driver

        with Driver(make_app(bundle, store, None)) as driver:
            return _walk(driver, screenshots, utterances)


def _walk(driver: Driver, folder: Path, utterances: Sequence[tuple[str, Mapping[str, str]]]) -> list[Step]:
    from mobile_app.ui import strings
    from mobile_app.ui.history_row import HistoryRow

    driver.settle()
    driver.screenshot(folder / "01-start.png")
    steps = [_label(driver, folder, number, text, labels) for number, (text, labels) in enumerate(utterances, 2)]
    driver.tap(driver.button(strings.text("nav.history")))
    driver.settle()
    driver.screenshot(folder / f"{len(utterances) + 2:02d}-history.png")
    row = next(driver.widgets(HistoryRow), None)
    if row is not None:
        driver.tap(row)
        driver.settle()
        driver.screenshot(folder / f"{len(utterances) + 3:02d}-relabel.png")
        driver.back()
    driver.tap(driver.button(strings.text("theme.to_dark")))
    driver.settle()
    driver.screenshot(folder / f"{len(utterances) + 4:02d}-dark.png")
    driver.tap(driver.button(strings.text("theme.to_light")))
    return steps


def _label(driver: Driver, folder: Path, number: int, text: str, labels: Mapping[str, str]) -> Step:
    labelling, speech = driver.app.labelling, driver.root.say.ids.speech
    if speech.text:
        driver.root.say.clear()
    driver.tap(speech)
    driver.write(text)
    driver.settle()
    driver.wait(lambda: labelling.is_current, "a prediction")
    before = labelling.prediction
    assert before is not None
    pictures = [driver.screenshot(folder / f"{number:02d}a-predicted.png")]
    for task, label in labels.items():
        driver.reveal(driver.chip(task, label))
        driver.tap(driver.chip(task, label))
    if not labelling.is_answered:
        driver.tap(driver.button(driver.root.say.action))
    driver.wait(lambda: labelling.card.is_saved, "the utterance to be saved")
    driver.settle()
    pictures.append(driver.screenshot(folder / f"{number:02d}b-saved.png"))
    after, given = (
        labelling.prediction,
        {task: mark for task, mark in labelling.card.marks.items() if isinstance(mark, str)},
    )
    assert after is not None
    return Step(
        text,
        {name: str(task.label) for name, task in before.tasks.items()},
        given,
        labelling.notice,
        {task: before.tasks[task].probabilities.get(label, 0.0) for task, label in given.items()},
        {task: after.tasks[task].probabilities.get(label, 0.0) for task, label in given.items()},
        tuple(pictures),
    )
