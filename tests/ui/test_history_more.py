"""The history: filters and taking back."""

from datetime import datetime, timedelta, timezone

import pytest

from mobile_app.ui import strings
from mobile_app.ui.filter_bar import FilterChip
from mobile_app.ui.history_row import HistoryRow
from tests.ui.steps import ask, go, press, save, saved


def texts(driver):
    return {row.text for row in driver.widgets(HistoryRow)}


def pick(driver, words):
    chip = next(chip for chip in driver.widgets(FilterChip) if chip.text == words)
    driver.root.pages.current_screen._bar.scroll_to(chip, animate=False)
    driver.frames(3)
    driver.tap(chip)
    driver.settle()


@pytest.fixture
def history(driver):
    old = datetime.now(timezone.utc) - timedelta(days=30)
    ask(driver, lambda s: s.personalizer.learn("old news", {"emotion": "neutral"}, uid="old", when=old))
    save(driver, "we won", emotion="anger", sentiment="negative")
    save(driver, "at six")
    return go(driver, "history")


def test_a_label_is_filtered_by(driver, history):
    pick(driver, "anger")
    assert texts(driver) == {"we won"}
    pick(driver, strings.text("history.filter.all"))
    assert texts(driver) == {"old news", "we won", "at six"}


def test_only_corrected_ones_are_shown(driver, history):
    pick(driver, strings.text("history.filter.corrected"))
    assert "we won" in texts(driver) and "at six" not in texts(driver)


def test_only_this_week_is_shown(driver, history):
    pick(driver, strings.text("history.filter.week"))
    assert texts(driver) == {"we won", "at six"}


def test_filter_and_search_hold_together(driver, history):
    pick(driver, strings.text("history.filter.week"))
    driver.tap(history.ids.search)
    driver.write("six")
    driver.settle()
    assert texts(driver) == {"at six"}
    driver.write("zz")
    driver.settle()
    assert history.message == strings.text("history.no_match")


def test_the_last_ones_are_taken_back_one_after_the_other(driver, history):
    press(driver, "history.undo")
    assert history.notice == strings.text("history.undone", text="at six")
    assert [entry.text for entry in saved(driver)] == ["we won", "old news"]
    press(driver, "history.undo")
    assert [entry.text for entry in saved(driver)] == ["old news"]


def test_ten_are_the_end(driver):
    def teach(session):
        for number in range(12):
            session.learn(f"line {number}", {"emotion": "joy"}, f"id{number}")
        return True

    ask(driver, teach)
    history = go(driver, "history")
    for _ in range(11):
        press(driver, "history.undo")
    assert history.notice == strings.text("history.undo_end")
    assert len(saved(driver)) == 2


def test_ten_thousand_scroll(driver):
    session = driver.app.controller._session
    row = "INSERT INTO utterance (uid, text, time, bundle, model_hash) VALUES (?, ?, ?, 'b', 'm')"
    with session.store.database.transaction() as connection:
        connection.executemany(row, [(str(n), f"line {n}", "2026-11-20T10:00:00+00:00") for n in range(10_000)])
    history = go(driver, "history")
    assert history.count == strings.plural("history.count", 10_000)
    for _ in range(5):
        history.ids.list.scroll_y = 0
        driver.settle()
    assert len(history.ids.list.data) == 600
    assert len(list(driver.widgets(HistoryRow))) < 40  # rows are used again
