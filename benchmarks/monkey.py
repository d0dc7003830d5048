"""A monkey at the phone: ``python -m benchmarks.monkey``; writes results/monkey.json.

Seeded taps, swipes, texts, keys, rotations, pauses and files, on every page. Nothing may raise an exception, and the
store must be whole afterwards, with the labels of a person who goes on with it: what was learned is what a replay of
them gives.
"""

import argparse
import logging
import random
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine import command_line
from mobile_app.engine.command_line import note, say
from mobile_app.engine.errors import CheckFailedError, UndertoneError

BUNDLE = Path("mobile_app", "assets", "bundle")
DRAWN = 4  # every so many events the frames are drawn
SIZES = ((360, 720), (720, 360), (320, 534), (800, 1000))
TEXTS = (
    "ugh fine, I'll do it",
    "we won 🎉",
    "مرحبا بالعالم",
    "e\u0301\u0302 n\u0303",
    "a\x00b\x07c",
    "😂😂",
    "one\ntwo\nthree",
    "21/11/2026, 10:33 - Anna: hello",
    "x" * 3000,
    "home sick",
    " ",
)
KEYS = (13, 27, 8, 275, 276, 117, 49, 50, 57, 63, 9, 127)


class Monkey:
    """Does something at random.

    :param driver: of the app.
    :param seed: of what it does.
    """

    def __init__(self, driver: Any, seed: int) -> None:
        self._driver, self._random = driver, random.Random(seed)
        self.done: Counter[str] = Counter()

    def act(self) -> str:
        """Do one thing and return what it was."""
        actions = {self.tap: 50, self.press: 15, self.swipe: 6, self.text: 10, self.key: 8, self.turn: 2, self.wait: 6}
        action = self._random.choices(list(actions), list(actions.values()))[0]
        self.done[action.__name__] += 1
        action()
        return action.__name__

    def _place(self) -> tuple[float, float]:
        return self._random.uniform(0, self._driver.width - 1), self._random.uniform(0, self._driver.height - 1)

    def tap(self) -> None:
        """Touch any place."""
        self._driver.tap_at(*self._place())

    def press(self) -> None:
        """Touch a button, wherever it is."""
        from kivy.uix.behaviors import ButtonBehavior

        buttons = list(self._driver.widgets(ButtonBehavior))
        if buttons:
            self._driver.tap(self._random.choice(buttons))

    def swipe(self) -> None:
        """Drag a finger over the screen."""
        from kivy.base import EventLoop

        from mobile_app.ui.driver import Finger

        (x, y), (to_x, to_y) = self._place(), self._place()
        finger = Finger(x, y)
        EventLoop.post_dispatch_input("begin", finger)
        for step in (0.25, 0.5, 0.75, 1.0):
            place = {"x": x + step * (to_x - x), "y": y + step * (to_y - y)}
            finger.move({"x": place["x"] / self._driver.width, "y": place["y"] / self._driver.height})
            EventLoop.post_dispatch_input("update", finger)
            self._driver.frames(1)
        EventLoop.post_dispatch_input("end", finger)
        self._driver.frames(2)

    def text(self) -> None:
        """Paste into whatever has the keyboard."""
        self._driver.paste(self._random.choice(TEXTS))

    def key(self) -> None:
        """Press a key."""
        key = self._random.choice(KEYS)
        if key == 27:
            self._driver.back()
        else:
            self._driver.key(key, chr(key) if 32 < key < 127 else "")

    def turn(self) -> None:
        """Turn the phone, or take another one."""
        self._driver.resize(*self._random.choice(SIZES))

    def wait(self) -> None:
        """Let time pass."""
        self._driver.skip(self._random.choice((0.1, 0.4, 1.0, 6.0)))


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monkey", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, default=BUNDLE, help="%(default)s")
    parser.add_argument("--events", type=int, default=10_000, help="%(default)s")
    parser.add_argument("--seed", type=int, default=1, help="%(default)s")
    parser.add_argument("--dry", action="store_true", help="write no results")
    return command_line.run(_run, parser, sys.argv[1:])


def _run(arguments: argparse.Namespace) -> int:
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        done, exceptions = _play(arguments, folder)
        labels = _check_store(arguments.bundle, folder / "store.db")
    seconds = time.monotonic() - start
    say(f"{sum(done.values())} events in {seconds:.0f} s, {len(exceptions)} exceptions, {labels} labels, store whole")
    if not arguments.dry:
        figures = {
            "app_monkey_exceptions": Figure(len(exceptions), n=sum(done.values()), note="seeded random events"),
            "app_monkey_labels": Figure(
                labels, note="in the store afterwards; a replay of them gives the same learner"
            ),
        }
        record("monkey", figures, data=dict(done), seeds=[arguments.seed], packages=["kivy"])
    return 1 if exceptions else 0


def _play(arguments: argparse.Namespace, folder: Path) -> tuple[Counter[str], list[str]]:
    from mobile_app.ui import environment

    environment.prepare_offscreen(folder / "kivy", density=1.0)
    logging.getLogger("kivy").setLevel(logging.CRITICAL + 1)
    environment.configure_offscreen(800, 1000)  # it cannot grow later
    from mobile_app.ui.app import _deliver, make_app
    from mobile_app.ui.driver import Driver
    from mobile_app.ui.platform.desktop import desktop_platform
    from mobile_app.ui.platform.desktop.documents import DesktopDocuments

    files = _files(folder)
    choose = random.Random(arguments.seed)
    platform = desktop_platform(_deliver, lambda _text: None)
    documents = DesktopDocuments(_deliver, lambda name: folder / f"out-{name}" if name else choose.choice(files))
    app = make_app(arguments.bundle, folder / "store.db", None, replace(platform, documents=documents))
    exceptions: list[str] = []
    with Driver(app, patience=60) as driver:
        driver.settle()
        report = app.controller.report

        def caught(error: Exception) -> None:
            exceptions.append("".join(traceback.format_exception(error)))
            say(exceptions[-1])

        def watched(error: Exception) -> None:
            if not isinstance(error, UndertoneError):
                caught(error)
            report(error)

        setattr(app.controller, "report", watched)  # noqa: B010
        app.controller._worker._on_error = watched
        monkey = Monkey(driver, arguments.seed)
        for number in range(arguments.events):
            driver.draws = number % DRAWN == 0  # drawing by the processor is most of the time, and nothing of the app
            try:
                monkey.act()
            except Exception as error:
                caught(error)
            if number % 500 == 499:
                note(f"{number + 1} events, {len(exceptions)} exceptions, on {driver.root.screen}")
        _label(driver)
    return monkey.done, exceptions


def _label(driver: Any) -> None:
    """Label as a person does: a monkey forgets everything now and then, and the app must still work for them."""
    driver.draws = True
    driver.settle()
    driver.root.show("say")
    for text in TEXTS[:4]:
        driver.root.say.clear()
        driver.settle()
        driver.root.say.ids.speech.text = text
        driver.settle()
        driver.wait(lambda: driver.app.labelling.is_current, "a prediction")
        driver.app.labelling.accept()
        driver.wait(lambda: driver.app.labelling.card.is_saved, "the answer")


def _files(folder: Path) -> list[Path | None]:
    """Return files that a person might choose, and None for a closed dialog."""
    (folder / "chat.txt").write_text("21/11/2026, 10:33 - Anna: we won\n21/11/2026, 10:34 - Ben: ok\n", "utf-8")
    (folder / "table.csv").write_text("id,text\n1,we won\n2,at six\n", "utf-8")
    (folder / "wrong.csv").write_text("price,amount\n1,2\n", "utf-8")
    (folder / "labels.jsonl").write_text('{"text": "so happy", "labels": {"emotion": "joy"}}\n', "utf-8")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04")
    return [None, *sorted(path for path in folder.iterdir() if path.is_file())]


def _check_store(bundle: Path, path: Path) -> int:
    """Return the number of labelled utterances of a whole store.

    :raises CheckFailedError: if it is damaged, or the learner in it is not what a replay of its labels gives.
    """
    import numpy as np

    from mobile_app.ui.session import Session

    with closing(sqlite3.connect(path)) as connection:
        whole = connection.execute("PRAGMA quick_check").fetchone()[0]
    session = Session(bundle, path, None)
    try:
        text = "a text that nobody typed"
        before = session.personalizer.predict(text)
        session.personalizer.replay()
        after = session.personalizer.predict(text)
        same = all(
            np.allclose([*before.tasks[name].probabilities.values()], [*task.probabilities.values()], atol=1e-6)
            for name, task in after.tasks.items()
        )
        if whole != "ok" or not same or not len(session.store):
            raise CheckFailedError(
                "a whole store with labels",
                f"quick_check {whole}, same learner {same}, {len(session.store)} labels",
                "look at the last events",
            )
        return len(session.store)
    finally:
        session.close()


if __name__ == "__main__":
    sys.exit(main())
