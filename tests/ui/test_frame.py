"""History, theme, back key, restarts and the layout at every size."""

import os
import signal
import subprocess
import sys
import textwrap
from itertools import product

import pytest
from kivy.uix.label import Label

from mobile_app.ui import strings
from mobile_app.ui.history_row import HistoryRow
from mobile_app.ui.palette import DARK, LIGHT
from tests.ui.layout import faults


def save(driver, text, **labels):
    driver.tap(driver.root.say.ids.speech)
    driver.paste(text)
    driver.settle()
    for task, label in labels.items():
        driver.reveal(driver.chip(task, label))
        driver.tap(driver.chip(task, label))
    if not labels:
        driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    driver.tap(driver.button(strings.text("say.next")))
    driver.settle()


def open_history(driver):
    driver.tap(driver.button("History"))
    driver.settle()
    return rows(driver)


def rows(driver):
    return sorted(driver.widgets(HistoryRow), key=lambda row: -row.y)


def test_the_history_shows_what_was_saved_the_newest_first(driver):
    save(driver, "we won", emotion="joy", sentiment="positive")
    save(driver, "how dare you", emotion="anger", sentiment="negative")
    shown = open_history(driver)
    assert all(not label.is_shortened for row in shown for label in row.walk() if isinstance(label, Label))
    assert [row.text for row in shown] == ["how dare you", "we won"]
    assert "anger" in shown[0].labels
    assert "negative" in shown[0].labels
    assert shown[0].when == strings.text("time.now")


def test_an_empty_history_says_what_will_be_here(driver):
    assert open_history(driver) == []
    assert driver.root.pages.current_screen.message == strings.text("history.empty")


def test_a_row_opens_and_one_tap_relabels(driver):
    save(driver, "we won", emotion="joy", sentiment="positive")
    driver.tap(open_history(driver)[0])
    driver.settle()
    assert driver.chip("emotion", "joy").is_marked
    driver.tap(driver.chip("emotion", "anger"))
    driver.settle()
    assert driver.chip("emotion", "anger").is_marked
    driver.tap(driver.button(strings.text("history.close")))
    driver.settle()
    [row] = rows(driver)
    assert "anger" in row.labels
    assert "positive" in row.labels


def test_forgetting_asks_once_more_and_then_removes(driver):
    save(driver, "we won", emotion="anger", sentiment="negative")
    driver.tap(open_history(driver)[0])
    driver.settle()
    driver.tap(driver.button(strings.text("history.forget")))
    driver.settle()
    assert len(driver.root.pages.current_screen.ids.list.data) == 1
    driver.tap(driver.button(strings.text("history.forget_sure")))
    driver.settle()
    assert rows(driver) == []
    assert driver.root.pages.current_screen.notice == strings.text("history.forgotten")


def test_search_finds_words_in_any_case(driver):
    save(driver, "we won")
    save(driver, "at six")
    open_history(driver)
    driver.tap(driver.root.pages.current_screen.ids.search)
    driver.write("WON")
    driver.settle()
    assert [row.text for row in rows(driver)] == ["we won"]
    driver.write("zz")
    driver.settle()
    assert driver.root.pages.current_screen.message == strings.text("history.no_match")


def test_a_long_history_is_read_page_by_page(driver):
    session = driver.app.controller._session
    for number in range(130):
        session.learn(f"we won {number}", {"emotion": "joy"}, f"id{number}")
    open_history(driver)
    screen = driver.root.pages.current_screen
    assert len(screen.ids.list.data) == 100
    screen.ids.list.scroll_y = 0
    driver.settle()
    assert len(screen.ids.list.data) == 130
    assert screen.ids.list.data[-1]["text"] == "we won 0"


def test_what_was_forgotten_in_the_history_is_no_longer_saved_on_the_first_page(driver):
    driver.tap(driver.root.say.ids.speech)
    driver.paste("we won")
    driver.settle()
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    driver.app.controller.forget(driver.app.labelling.card.uid, lambda _nothing: None)
    open_history(driver)
    driver.tap(driver.button("Say"))
    driver.settle()
    assert not driver.app.labelling.card.is_saved
    assert driver.root.say.action == strings.text("say.accept")


def test_back_closes_the_sheet_then_returns_to_the_first_page_then_leaves(driver):
    save(driver, "we won")
    driver.tap(open_history(driver)[0])
    driver.settle()
    assert driver.back()
    assert driver.root.pages.current_screen.sheet is None
    assert driver.back()
    assert driver.root.screen == "say"
    assert not driver.back()


def test_the_theme_changes_every_colour_and_is_kept(start):
    with start() as driver:
        driver.settle()
        driver.tap(driver.button(strings.text("theme.to_dark")))
        driver.settle()
        assert list(driver.root.say.ids.speech.foreground_color) == pytest.approx(_rgba(DARK.ink))
    with start() as driver:
        driver.settle()
        assert list(driver.root.say.ids.speech.foreground_color) == pytest.approx(_rgba(DARK.ink))
        driver.tap(driver.button(strings.text("theme.to_light")))
        assert list(driver.root.say.ids.speech.foreground_color) == pytest.approx(_rgba(LIGHT.ink))


def _rgba(colour):
    return [*(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)), 1.0]


def test_a_restart_brings_back_text_and_the_half_answered_card(start):
    with start() as driver:
        driver.settle()
        driver.tap(driver.root.say.ids.speech)
        driver.paste("at six")
        driver.settle()
        driver.tap(driver.chip("emotion", "anger"))
    with start() as driver:
        assert driver.root.say.ids.speech.text == "at six"
        driver.settle()
        assert driver.chip("emotion", "anger").is_marked
        assert not driver.app.labelling.card.is_saved


@pytest.mark.parametrize("taps", ["", "emotion", "emotion sentiment"])
def test_a_kill_between_two_taps_loses_nothing(start, store, tmp_path, taps):
    script = textwrap.dedent(
        f"""
        import os, signal, sys
        from pathlib import Path
        from mobile_app.ui import environment
        environment.prepare_offscreen(Path({str(tmp_path)!r}), density=1.0)
        environment.configure_offscreen(360, 720)
        from mobile_app.ui.app import make_app
        from mobile_app.ui.driver import Driver
        with Driver(make_app(Path({os.environ.get("UNDERTONE_TEST_BUNDLE")!r}), Path({str(store)!r}), None)) as driver:
            driver.settle()
            driver.tap(driver.root.say.ids.speech)
            driver.paste("at six")
            driver.settle()
            for task in {taps.split()!r}:
                chip = next(c for c in driver.card(task).walk() if getattr(c, "label", None) in ("anger", "negative"))
                driver.reveal(chip)
                driver.tap(chip)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with start() as driver:
        driver.settle()
        assert driver.root.say.ids.speech.text == "at six"
        given = {"emotion": "anger", "sentiment": "negative"}
        assert dict(driver.app.labelling.card.marks) == {task: given[task] for task in taps.split()}
        driver.wait(lambda: driver.app.labelling.card.is_saved == (len(taps.split()) == 2))
        shown = open_history(driver)
        assert len(shown) == (1 if len(taps.split()) == 2 else 0)


def test_nothing_heavy_is_loaded_before_the_first_frame(tmp_path):
    script = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from mobile_app.ui import environment
        environment.prepare_offscreen(Path({str(tmp_path)!r}), density=1.0)
        environment.configure_offscreen(360, 720)
        from mobile_app.ui.app import make_app
        app = make_app(Path("nowhere"), Path({str(tmp_path)!r}) / "store", None)
        app.build()
        heavy = {{"numpy", "sqlite3", "ai_edge_litert", "tensorflow"}} & set(sys.modules)
        assert not heavy, heavy
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_missing_bundle_is_one_kind_sentence(tmp_path, store):
    from mobile_app.ui.app import make_app
    from mobile_app.ui.driver import Driver

    with Driver(make_app(tmp_path / "nowhere", store, None)) as other:
        other.settle()
        sentences = [label.text for label in other.widgets(Label) if label.text.startswith("This did not work")]
    assert len(sentences) == 1
    assert "nowhere" in sentences[0]


SIZES = {"phone": (360, 720), "small": (320, 534), "wide": (720, 360), "desktop": (934, 667)}


@pytest.mark.parametrize(("size", "is_dark"), list(product(SIZES, (False, True))), ids=str)
def test_nothing_is_cut_or_too_small_to_touch(driver, size, is_dark):
    if is_dark:
        driver.tap(driver.button(strings.text("theme.to_dark")))
    driver.resize(*SIZES[size])
    check_layout(driver)
    driver.tap(driver.root.say.ids.speech)
    driver.paste("I can't believe you remembered my birthday, how dare you be so lovely 🎉")
    driver.settle()
    check_layout(driver)
    driver.tap(driver.button(strings.text("say.accept")))
    driver.settle()
    check_layout(driver)
    driver.tap(open_history(driver)[0])
    driver.settle()
    check_layout(driver)


def check_layout(driver):
    found = faults(driver)
    assert not found, "\n".join(found)
