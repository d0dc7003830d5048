"""How fast the app is: ``python -m benchmarks.app``; writes results/app.json.

Cold start, from the start of the process to the first frame that takes touches; from the pause after typing to the
prediction on the screen; from a tap on a label to the answer saved, learned and on the screen; memory over 1,000
predictions. Everything offscreen, drawn by the processor, on the bundle that ships.
"""

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine import command_line
from mobile_app.engine.command_line import note, say
from mobile_app.engine.errors import CheckFailedError

BUNDLE = Path("mobile_app", "assets", "bundle")
WIDTH, HEIGHT, DENSITY = 720, 1440, 2.0
TEXTS = ("ugh fine, I'll do it", "you remembered my birthday!", "where are the keys", "I can't believe it", "okay")

# Runs in a process of its own; tells when the first frame was drawn and when the engine was there, in seconds since
# the epoch: the parent knows when it started the process.
COLD = """
import sys, tempfile, time
from pathlib import Path
from mobile_app.ui import environment
environment.prepare_offscreen(Path(sys.argv[1]), density=2.0)
environment.configure_offscreen(720, 1440)
from kivy.core.window import Window
from mobile_app.ui.app import make_app
from mobile_app.ui.saved_state import SavedState, StateFile
from kivy.base import EventLoop
store = Path(sys.argv[1]) / "cold.db"
StateFile.beside(store).save(SavedState(intro=True))
app = make_app(Path(sys.argv[2]), store, None)
EventLoop.ensure_window()
drawn = []
Window.bind(on_flip=lambda *_: drawn.append(time.time()))
Window.add_widget(app.build())
EventLoop.start()
app.dispatch("on_start")
while not drawn:
    EventLoop.idle()
first = drawn[0]
while not (app.controller.is_open and app.controller.is_idle):
    EventLoop.idle()
    time.sleep(0.001)
ready = time.time()
app.dispatch("on_stop")
print("RESULT", first, ready)
"""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, default=BUNDLE, help="%(default)s")
    parser.add_argument("--starts", type=int, default=11, help="cold starts (%(default)s, the first is not counted)")
    parser.add_argument("--rounds", type=int, default=60, help="utterances typed and labelled (%(default)s)")
    parser.add_argument("--predictions", type=int, default=1000, help="for the memory (%(default)s)")
    parser.add_argument("--dry", action="store_true", help="write no results")
    return command_line.run(_run, parser, sys.argv[1:])


def _run(arguments: argparse.Namespace) -> int:
    starts = [_cold_start(arguments.bundle) for _ in range(arguments.starts)][1:]
    note(f"cold starts: {', '.join(f'{first:.2f}' for first, _ready in starts)} s")
    measured = _inside(arguments)
    figures = {
        "app_cold_start_s": _figure([first for first, _ready in starts], "median; process start to first frame"),
        "app_engine_ready_s": _figure([ready for _first, ready in starts], "median; until the model answers"),
        "app_type_to_prediction_ms": _figure(
            measured["type"], "median; from the end of the typing pause to the screen"
        ),
        "app_tap_to_learned_ms": _figure(measured["tap"], "median; from lifting the finger to saved, learned, shown"),
        "app_memory_drift_mb": Figure(measured["drift"], n=arguments.predictions, note="resident, after a warm-up"),
    }
    for name, figure in figures.items():
        say(f"{name}: {figure.value:.2f}" + (f" (sd {figure.sd:.2f}, n {figure.n})" if figure.sd is not None else ""))
    if not arguments.dry:
        p95 = {f"{name}_p95": _percentile(measured[name], 95) for name in ("type", "tap")}
        record("app", figures, data={"bundle": arguments.bundle.name, **p95}, packages=["kivy"])
    return 0


def _figure(values: list[float], what: str) -> Figure:
    return Figure(statistics.median(values), sd=statistics.stdev(values), n=len(values), note=what)


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def _cold_start(bundle: Path) -> tuple[float, float]:
    """Return seconds from the start of a process to its first frame, and to a model that answers."""
    with tempfile.TemporaryDirectory() as home:
        start = time.time()
        done = subprocess.run(
            [sys.executable, "-c", COLD, home, str(bundle)], capture_output=True, text=True, check=False
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if not lines:
        raise CheckFailedError(
            "the app to start", (done.stderr.strip().splitlines() or ["nothing"])[-1], "run it by hand"
        )
    first, ready = map(float, lines[0].split()[1:])
    return first - start, ready - start


def _inside(arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        from mobile_app.ui import environment

        environment.prepare_offscreen(Path(home), density=DENSITY)
        logging.getLogger("kivy").setLevel(logging.CRITICAL + 1)
        environment.configure_offscreen(WIDTH, HEIGHT)
        from mobile_app.ui.app import make_app
        from mobile_app.ui.driver import Driver
        from mobile_app.ui.saved_state import SavedState, StateFile

        store = Path(home) / "app.db"
        StateFile.beside(store).save(SavedState(intro=True))
        with Driver(make_app(arguments.bundle, store, None)) as driver:
            driver.settle()
            typed, tapped = [], []
            for number in range(arguments.rounds):
                typed.append(_type(driver, f"{TEXTS[number % len(TEXTS)]} {number}"))
                tapped.append(_tap(driver))
                driver.root.say.clear()
                driver.settle()
            return {"type": typed[5:], "tap": tapped[5:], "drift": _drift(driver, arguments.predictions)}


def _type(driver: Any, text: str) -> float:
    """Return milliseconds from the end of the pause to the drawn prediction."""
    from mobile_app.ui.say import PAUSE

    driver.root.say.ids.speech.text = text
    driver.frames(2)
    start = time.perf_counter()
    driver.skip(PAUSE)
    while not driver.app.labelling.is_current:
        driver.frames(1)
    driver.frames(1)  # that one draws it
    return (time.perf_counter() - start) * 1e3


def _tap(driver: Any) -> float:
    """Return milliseconds from lifting the finger off the last label to the answer saved, learned and drawn."""
    from kivy.base import EventLoop

    from mobile_app.ui.driver import Finger

    labelling = driver.app.labelling
    for task in labelling.tasks:
        if not task.is_multi_label:
            labelling.tap(task, task.labels[0]) if task is not labelling.tasks[0] else None
    driver.settle()
    chip = driver.chip(labelling.tasks[0].name, labelling.tasks[0].labels[1])
    driver.root.say.ids.scroller.scroll_y = 1
    driver.frames(3)
    driver.reveal(chip)
    finger = Finger(*chip.to_window(*chip.center))
    EventLoop.post_dispatch_input("begin", finger)
    driver.skip(0.3)
    start = time.perf_counter()
    EventLoop.post_dispatch_input("end", finger)
    driver.wait(lambda: labelling.card.is_saved, "the answer")
    driver.frames(1)
    return (time.perf_counter() - start) * 1e3


def _drift(driver: Any, predictions: int) -> float:
    """Return by how many MB the process grows over so many predictions on the screen."""

    def predict(number: int) -> None:
        driver.root.say.ids.speech.text = f"{TEXTS[number % len(TEXTS)]} {number % 100}"
        driver.skip(0.4)
        driver.wait(lambda: driver.app.labelling.is_current, "a prediction")

    for number in range(200):
        predict(number)
    before = _resident()
    for number in range(predictions):
        predict(number)
    return _resident() - before


def _resident() -> float:
    import gc

    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
