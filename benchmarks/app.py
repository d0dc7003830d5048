"""How fast the app is: ``python -m benchmarks.app``; writes results/app.json.

Cold start, from the start of the process to the first frame that takes touches; from the pause after typing to the
prediction, and to its pixels; from a tap on a label to the answer saved and learned, and to its pixels; memory over
1,000 predictions. Everything offscreen, on the bundle that ships. The processor draws here, a million pixels for each
frame, which a phone leaves to its graphics chip: so what the app does and what its pixels cost are told apart, and the
drawing that is under way is awaited before a clock starts.
"""

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.record import Figure, record
from mobile_app.engine import command_line
from mobile_app.engine.command_line import note, say
from mobile_app.engine.errors import CheckFailedError

BUNDLE = Path("mobile_app", "assets", "bundle")
WIDTH, HEIGHT, DENSITY = 720, 1440, 2.0
TEXTS = ("ugh fine, I'll do it", "you remembered my birthday!", "where are the keys", "I can't believe it", "okay")
TIMED = {
    "app_type_to_prediction_ms": "from the end of the typing pause to the prediction in the card, before it is drawn",
    "app_type_to_pixels_ms": "the same until its pixels are drawn by the processor",
    "app_tap_to_learned_ms": "from lifting the finger to saved, learned and in the card, before it is drawn",
    "app_tap_to_pixels_ms": "the same until its pixels are drawn by the processor",
    "app_frame_ms": "drawing one frame of the home page with a card, by the processor",
}

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
        **{name: _figure(measured[name], f"median; {what}") for name, what in TIMED.items()},
        "app_memory_drift_mb": Figure(measured["drift"], n=arguments.predictions, note="resident, after a warm-up"),
    }
    for name, figure in figures.items():
        say(f"{name}: {figure.value:.2f}" + (f" (sd {figure.sd:.2f}, n {figure.n})" if figure.sd is not None else ""))
    if not arguments.dry:
        p95 = {f"{name}_p95": _percentile(measured[name], 95) for name in TIMED}
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
            found: dict[str, list[float]] = {name: [] for name in TIMED}
            for number in range(arguments.rounds):
                typed, tapped = _type(driver, f"{TEXTS[number % len(TEXTS)]} {number}"), _tap(driver)
                for name, value in zip(TIMED, (*typed, *tapped, _frame(driver)), strict=True):
                    found[name].append(value)
                driver.root.say.clear()
                driver.settle()
            return {name: values[5:] for name, values in found.items()} | {"drift": _drift(driver, arguments)}


def _type(driver: Any, text: str) -> tuple[float, float]:
    """Return milliseconds from the end of the pause to the prediction, and to its pixels."""
    from mobile_app.ui.say import PAUSE

    driver.root.say.ids.speech.text = text
    driver.frames(2)
    _drawn()
    start = time.perf_counter()
    driver.think(PAUSE)
    return _timed(driver, start, lambda: driver.app.labelling.is_current)


def _tap(driver: Any) -> tuple[float, float]:
    """Return milliseconds from lifting the finger off the last label to saved and learned, and to the pixels."""
    from kivy.base import EventLoop

    from mobile_app.ui.driver import Finger

    labelling = driver.app.labelling
    first, *others = (task for task in labelling.tasks if not task.is_multi_label)
    for task in others:
        labelling.tap(task, task.labels[0])
    driver.settle()
    chip = driver.chip(first.name, first.labels[1])
    driver.root.say.ids.scroller.scroll_y = 1
    driver.frames(3)
    driver.reveal(chip)
    finger = Finger(*chip.to_window(*chip.center))
    EventLoop.post_dispatch_input("begin", finger)
    driver.skip(0.3)
    _drawn()
    start = time.perf_counter()
    EventLoop.post_dispatch_input("end", finger)
    return _timed(driver, start, lambda: labelling.card.is_saved)


def _timed(driver: Any, start: float, condition: Callable[[], object]) -> tuple[float, float]:
    while not condition():
        driver.think()
        time.sleep(0.0005)  # a loop that never rests would keep Python from the engine's thread, as no screen does
    done = time.perf_counter()
    driver.frames(1)
    _drawn()
    return (done - start) * 1e3, (time.perf_counter() - start) * 1e3


def _frame(driver: Any) -> float:
    from kivy.core.window import Window

    Window.canvas.ask_update()
    start = time.perf_counter()
    driver.frames(1)
    _drawn()
    return (time.perf_counter() - start) * 1e3


def _drawn() -> None:
    """Wait until what was given to draw is drawn: reading a pixel must."""
    from kivy.graphics import opengl

    opengl.glReadPixels(0, 0, 1, 1, opengl.GL_RGBA, opengl.GL_UNSIGNED_BYTE)


def _drift(driver: Any, arguments: argparse.Namespace) -> float:
    """Return by how many MB the process grows over predictions on the screen, once its bounded caches are full."""

    def predict(number: int) -> None:
        driver.root.say.ids.speech.text = f"{TEXTS[number % len(TEXTS)]} {number % 100}"
        driver.skip(0.4)
        driver.wait(lambda: driver.app.labelling.is_current, "a prediction")

    for number in range(len(TEXTS) * 100):  # every text once
        predict(number)
    before = _resident()
    for number in range(arguments.predictions):
        predict(number)
    return _resident() - before


def _resident() -> float:
    import gc

    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
