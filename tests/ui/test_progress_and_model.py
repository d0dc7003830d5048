"""What was learned, in words and curves; and the page about the model."""

from datetime import datetime, timedelta, timezone

import pytest

from mobile_app.engine.labelled import LabelledUtterance, Said, StoredUtterance
from mobile_app.engine.phone_results import PhoneResults
from mobile_app.engine.task import Task
from mobile_app.ui import strings
from mobile_app.ui.action_row import ActionRow
from mobile_app.ui.bar_row import BarRow
from mobile_app.ui.progress import verdict
from mobile_app.ui.progress_report import POINTS, task_report
from mobile_app.ui.saved_state import StateFile
from tests.ui.steps import ask, go, notice, press, save

TASK = Task("emotion", ("joy", "anger", "neutral"))


def stored(number, truth, yours, base):
    utterance = LabelledUtterance(str(number), "hi", {"emotion": truth}, "2026-11-20T10:00:00+00:00")
    return StoredUtterance(number, utterance, "b", "m", {"emotion": Said(yours, {}, base, number)})


def history(*rows):
    return [stored(number, *row) for number, row in enumerate(rows, 1)]


def test_a_report_counts_what_was_heard_before_it_was_told():
    report = task_report(TASK, history(("joy", "joy", "anger"), ("joy", "anger", "anger"), ("anger", "anger", "anger")))
    assert (report.n, report.yours, report.base) == (3, 2, 1)
    assert report.curve == ((1.0, 0.0), (0.5, 0.0), (pytest.approx(2 / 3), pytest.approx(1 / 3)))
    assert [(count.label, count.n, count.right) for count in report.labels] == [("joy", 2, 1), ("anger", 1, 1)]
    assert report.confusions == (("anger", "joy", 1),)


def test_a_long_curve_has_few_points_and_ends_at_the_end():
    report = task_report(TASK, history(*[("joy", "joy", "anger")] * 1000))
    assert len(report.curve) == POINTS
    assert report.curve[-1] == (1.0, 0.0)


@pytest.mark.parametrize(
    ("n", "right", "base", "key"),
    [(5, 5, 0, "too_few"), (30, 20, 10, "better"), (30, 10, 10, "same"), (30, 5, 10, "worse")],
)
def test_the_verdict_is_honest(n, right, base, key):
    rows = [("joy", "joy" if i < right else "anger", "joy" if i < base else "anger") for i in range(n)]
    assert verdict(task_report(TASK, history(*rows))) == strings.text(f"progress.{key}")


def test_without_labels_the_page_says_what_will_be_here(driver):
    page = go(driver, "progress")
    assert not page.has_labels
    assert any(label.text == strings.text("progress.empty.title") for label in driver.labels())


def test_the_numbers_can_be_shared_and_hold_no_words_of_the_person(driver, copied):
    save(driver, "a secret about my sister")
    page = go(driver, "progress")
    press(driver, "progress.share")
    assert [page.headline in text for text in copied] == [True]
    assert "sister" not in copied[0]
    assert page.shared == strings.text("progress.share.copied")


def test_the_page_shows_counts_words_and_curves(driver):
    old = datetime.now(timezone.utc) - timedelta(days=30)
    ask(driver, lambda s: s.personalizer.learn("old", {"emotion": "joy"}, uid="old", when=old))
    save(driver, "we won", emotion="joy", sentiment="positive")
    save(driver, "how dare you", emotion="joy", sentiment="negative")
    page = go(driver, "progress")
    assert page.week.startswith(strings.plural("progress.week", 2, corrected="?").split("?")[0])
    assert len(page.yours) == len(page.base) == 3
    assert {row.label: row.words for row in driver.widgets(BarRow)}.keys() == {"joy"}
    press(driver, "task.sentiment")
    assert {row.label for row in driver.widgets(BarRow)} == {"positive", "negative"}
    assert len(page.yours) == 2


@pytest.fixture
def model(driver):
    save(driver, "we won", emotion="anger", sentiment="negative")
    go(driver, "yours")
    press(driver, "nav.model")
    return driver.root.pages.current_screen


def test_the_page_says_what_is_installed(driver, model):
    assert model.name == "model"
    assert "tiny" in model.what.casefold() or model.flow.info.name in model.what
    rows = {row.value: row for row in driver.widgets(ActionRow) if row.value}
    assert set(rows) >= {"fp32", "fp16", "dynamic_wi8_afp32"}
    assert rows[model.flow.info.recipe].is_chosen


def test_another_recipe_keeps_what_was_learned(driver, model, store):
    before = ask(driver, lambda s: s.personalizer.predict("we won").tasks["emotion"].probabilities["anger"])
    other = "fp32" if model.flow.info.recipe != "fp32" else "fp16"
    row = next(row for row in driver.widgets(ActionRow) if row.value == other)
    driver.reveal(row)
    driver.tap(row)
    driver.settle()
    driver.wait(lambda: model.flow.info.recipe == other)
    after = ask(driver, lambda s: s.personalizer.predict("we won").tasks["emotion"].probabilities["anger"])
    base = ask(driver, lambda s: s.personalizer.base_prediction("we won").tasks["emotion"].probabilities["anger"])
    assert after == pytest.approx(before, abs=0.05)
    assert after > base
    assert StateFile.beside(store).load().recipe == other


def test_a_recipe_of_the_last_time_is_used_again_unless_it_is_gone(start, store):
    from mobile_app.ui.saved_state import SavedState

    for recipe, used in (("fp32", "fp32"), ("static_wi8_ai8", None)):
        StateFile.beside(store).save(SavedState(intro=True, recipe=recipe))
        with start() as driver:
            driver.settle()
            encoder = ask(driver, lambda s: s.encoder.recipe)
            default = ask(driver, lambda s: s.bundle.manifest.default_recipe)
        assert encoder == (used or default)
        StateFile.beside(store).save(SavedState(intro=True))


def test_the_self_check_passes_in_words(driver, model):
    press(driver, "model.check.run")
    driver.wait(lambda: model.check)
    n = ask(driver, lambda s: len(s.bundle.golden().texts))
    assert model.check.startswith(strings.text("model.check.passed", n=n))


def test_the_speed_is_measured_and_saved_for_the_report(driver, model, chosen, tmp_path):
    press(driver, "model.speed.save")
    assert notice(driver) == strings.text("model.speed.none")
    press(driver, "model.speed.run")
    driver.wait(lambda: model.speed)
    chosen.append(tmp_path / "phone.json")
    press(driver, "model.speed.save")
    driver.wait(lambda: notice(driver) == strings.text("yours.saved"))
    results = PhoneResults.read(tmp_path / "phone.json")
    assert set(results.recipes) == {model.flow.info.recipe}


def test_back_leads_from_the_model_to_ones_own_things(driver, model):
    assert driver.back()
    assert driver.root.screen == "yours"
    assert driver.back()
    assert driver.root.screen == "say"
