"""The pictures of docs/app.md: ``python -m tools.app_pictures docs/images``; a person's first five minutes."""

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mobile_app.engine import command_line
from mobile_app.engine.command_line import say
from mobile_app.ui import environment

SIZE, DENSITY = (432, 864), 1.2  # 360 x 720 dp
CHAT = """21/11/2026, 10:33 - Anna: you are late again
21/11/2026, 10:34 - Ben: I know, and I am so sorry
21/11/2026, 10:35 - Anna: where are the keys?
21/11/2026, 10:36 - Ben: I love how calm you are about it
"""
CORRECTED = (
    ("ugh fine, I'll do it", "anger", "negative"),
    ("Okay.", "anger", "negative"),
    ("thanks a lot, now I can start again", "anger", "negative"),
    ("we won!", "joy", "positive"),
    ("I never said I was sad", "neutral", "neutral"),
    ("ugh fine, we can go", "anger", "negative"),
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.app_pictures", description=__doc__)
    parser.add_argument("out", type=Path, help="folder")
    parser.add_argument("--bundle", type=Path, default=Path("mobile_app", "assets", "bundle"), help="%(default)s")
    return command_line.run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as home:
        environment.prepare_offscreen(Path(home), density=DENSITY)
        logging.getLogger("kivy").setLevel(logging.CRITICAL + 1)
        environment.configure_offscreen(*SIZE)
        from mobile_app.ui.app import make_app
        from mobile_app.ui.driver import Driver

        app = make_app(arguments.bundle, Path(home) / "pictures.db", None)
        with Driver(app, patience=300) as driver:
            driver.settle()
            for name in _walk(driver):
                say(str(driver.screenshot(arguments.out / f"app-{name}.png")))
    return 0


def _walk(driver: Any) -> Iterator[str]:
    """Yield the name of each picture once the app shows it."""
    root, labelling = driver.root, driver.app.labelling
    yield "intro"
    root.say._finish_intro()
    text, emotion, sentiment = CORRECTED[0]
    root.say.ids.speech.text = text
    driver.settle()
    driver.wait(lambda: labelling.is_current, "a prediction")
    yield "predicted"
    emotions, sentiments = labelling.tasks[:2]
    labelling.tap(emotions, emotion)
    labelling.tap(sentiments, sentiment)
    driver.wait(lambda: labelling.card.is_saved, "the answer")
    driver.settle()
    yield "saved"
    root.say.clear()
    root.say.ids.speech.text = text
    driver.settle()
    driver.wait(lambda: labelling.is_current, "a prediction")
    yield "again"
    root.say.clear()

    def teach(session: Any) -> None:
        from mobile_app.ui import inbox_jobs

        for number, (one, emotion, sentiment) in enumerate(CORRECTED[1:]):
            session.learn(one, {"emotion": emotion, "sentiment": sentiment}, f"id{number}")
        inbox_jobs.add_text(session, CHAT)

    driver.app.controller.ask(teach, lambda _nothing: None)
    driver.settle()
    for page in ("inbox", "history", "progress", "yours"):
        root.show(page)
        driver.settle()
        yield page
    root.dispatch("on_theme")
    root.show("progress")
    driver.settle()
    yield "dark"


if __name__ == "__main__":
    sys.exit(main())
