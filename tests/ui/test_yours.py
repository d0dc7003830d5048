"""What belongs to the person: out, in, back, forget; look and language."""

import csv
import json
import threading
import zipfile
from datetime import datetime, timedelta, timezone

import pytest
from kivy.uix.label import Label

from mobile_app.ui import strings
from mobile_app.ui.action_row import ActionRow
from mobile_app.ui.palette import DARK
from mobile_app.ui.saved_state import StateFile
from tests.ui.steps import ask, go, notice, save, saved


@pytest.fixture
def yours(driver):
    save(driver, "we won", emotion="joy", sentiment="positive")
    save(driver, "how dare you", emotion="anger", sentiment="negative")
    return go(driver, "yours")


def tap_row(driver, key, *, twice=False, **values):
    wanted = strings.text(key, **values)
    row = next(row for row in driver.widgets(ActionRow) if row.title == wanted)
    for _ in range(2 if twice else 1):
        driver.reveal(row)
        driver.tap(row)
    driver.settle()


def wait_for(driver, words):
    driver.wait(lambda: words in notice(driver), words)
    driver.settle()


def test_it_says_where_the_data_lives_and_how_much_it_is(driver, yours):
    size = ask(driver, lambda session: session.store.size())
    assert yours.where == strings.text("yours.where.body", size=strings.size(size))
    assert size > 10_000


def test_labels_are_saved_as_json_lines_where_the_person_wants(driver, yours, chosen, tmp_path):
    chosen.append(tmp_path / "out.jsonl")
    tap_row(driver, "yours.jsonl")
    wait_for(driver, strings.text("yours.saved"))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row["text"] for row in rows] == ["we won", "how dare you"]
    assert rows[0]["labels"]["emotion"] == "joy"
    assert not list(tmp_path.glob("undertone-labels*"))  # no copy stays in the cache


def test_labels_are_saved_as_a_table(driver, yours, chosen, tmp_path):
    chosen.append(tmp_path / "out.csv")
    tap_row(driver, "yours.csv")
    wait_for(driver, strings.text("yours.saved"))
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["text"], row["sentiment"]) for row in rows] == [("we won", "positive"), ("how dare you", "negative")]


def test_a_closed_dialog_says_that_nothing_was_saved(driver, yours):
    tap_row(driver, "yours.jsonl")
    wait_for(driver, strings.text("yours.not_saved"))


def test_with_nothing_to_save_it_says_so(driver):
    go(driver, "yours")
    tap_row(driver, "yours.backup")
    wait_for(driver, strings.text("yours.nothing"))


def test_a_backup_brings_everything_back(driver, yours, chosen, tmp_path):
    backup = tmp_path / "mine.zip"
    chosen += [backup, backup]
    tap_row(driver, "yours.backup")
    wait_for(driver, strings.text("yours.saved"))
    assert zipfile.is_zipfile(backup)
    before = ask(driver, lambda session: session.personalizer.predict("we won").tasks)
    tap_row(driver, "yours.forget", twice=True)
    wait_for(driver, strings.text("yours.forgotten"))
    assert saved(driver) == []
    tap_row(driver, "yours.restore", twice=True)
    wait_for(driver, strings.text("yours.restored"))
    assert [entry.text for entry in saved(driver)] == ["how dare you", "we won"]
    assert ask(driver, lambda session: session.personalizer.predict("we won").tasks) == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no zip at all" * 100], ids=["empty", "cut", "text"])
def test_a_damaged_backup_is_one_sentence_and_nothing_is_lost(driver, yours, chosen, tmp_path, content):
    (tmp_path / "bad.zip").write_bytes(content)
    chosen.append(tmp_path / "bad.zip")
    tap_row(driver, "yours.restore", twice=True)
    wait_for(driver, "a backup of Undertone")
    assert len(saved(driver)) == 2
    save_again = ask(driver, lambda session: session.learn("still there", {"emotion": "joy"}, "new").uid)
    assert save_again == "new"


def test_one_tap_does_not_forget(driver, yours):
    tap_row(driver, "yours.forget")
    row = next(row for row in driver.widgets(ActionRow) if row.title == strings.text("yours.forget"))
    driver.skip(1)
    assert row.is_asking
    driver.skip(6)
    assert not row.is_asking  # the first tap does not wait for ever
    assert len(saved(driver)) == 2


def test_forgetting_everything_leaves_no_text_on_the_disk(driver, yours, store):
    go(driver, "say")
    driver.tap(driver.root.say.ids.speech)
    driver.paste("half typed")
    driver.settle()
    inbox = go(driver, "inbox")
    inbox.flow.add_text("half read")
    driver.settle()
    assert inbox.text == "half read"
    go(driver, "yours")
    tap_row(driver, "yours.forget", twice=True)
    wait_for(driver, strings.text("yours.forgotten"))
    for path in store.parent.glob("store*"):
        content = path.read_bytes()
        assert not any(words in content for words in (b"how dare you", b"half typed", b"half read")), path
    assert driver.root.say.ids.speech.text == ""
    assert not go(driver, "inbox").can_label


def test_resetting_learning_keeps_the_labels(driver, yours):
    base = ask(driver, lambda session: session.personalizer.base_prediction("we won").tasks["emotion"].probabilities)
    tap_row(driver, "yours.afresh", twice=True)
    wait_for(driver, strings.text("yours.afresh.done"))
    now = ask(driver, lambda session: session.personalizer.predict("we won").tasks["emotion"].probabilities)
    assert now == pytest.approx(base, abs=0.05)
    assert len(saved(driver)) == 2


def test_going_back_to_a_day_forgets_what_came_later(driver):
    today = datetime.now(timezone.utc)
    old = today - timedelta(days=3)

    def job(session):
        session.personalizer.learn("old", {"emotion": "joy"}, uid="old", when=old)
        session.personalizer.learn("new", {"emotion": "joy"}, uid="new", when=today)

    ask(driver, lambda session: job(session) or True)
    yours = go(driver, "yours")
    tap_row(driver, "yours.rollback")
    assert [(day.later, day.is_first) for day in yours.flow.days] == [(1, False), (2, True)]
    row = next(row for row in driver.widgets(ActionRow) if row.more == strings.plural("yours.rollback.later", 1))
    driver.reveal(row)
    driver.tap(row)
    driver.tap(row)
    wait_for(driver, strings.plural("yours.rolled", 1))
    assert [entry.text for entry in saved(driver)] == ["old"]


def test_with_nothing_labelled_there_is_no_day_to_go_back_to(driver):
    go(driver, "yours")
    tap_row(driver, "yours.rollback")
    wait_for(driver, strings.text("yours.rollback.none"))


def test_labels_from_a_file_are_learned_once(driver, yours, chosen, tmp_path):
    path = tmp_path / "in.jsonl"
    rows = [{"id": str(n), "text": f"line {n}", "labels": {"emotion": "joy"}} for n in range(3)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    chosen += [path, path]
    tap_row(driver, "yours.import")
    wait_for(driver, strings.plural("yours.imported", 3))
    tap_row(driver, "yours.import")
    wait_for(driver, strings.plural("yours.known", 3))
    assert len(saved(driver)) == 5


def test_where_labels_differ_the_person_decides(driver, yours, chosen, tmp_path):
    uid = saved(driver)[0].uid
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": uid, "text": "how dare you", "labels": {"emotion": "joy"}}), encoding="utf-8")
    chosen.append(path)
    tap_row(driver, "yours.import")
    wait_for(driver, strings.plural("yours.conflicts", 1))
    assert saved(driver)[0].labels["emotion"] == "anger"
    driver.tap(driver.button(strings.text("yours.take")))
    wait_for(driver, strings.text("yours.taken"))
    assert {entry.uid: entry for entry in saved(driver)}[uid].labels["emotion"] == "joy"


def test_the_export_of_label_studio_is_read(driver, yours, chosen, tmp_path):
    result = [{"from_name": "emotion", "to_name": "text", "type": "choices", "value": {"choices": ["joy"]}}]
    record = [{"id": 1, "data": {"text": "from there"}, "annotations": [{"result": result}]}]
    (tmp_path / "in.json").write_text(json.dumps(record), encoding="utf-8")
    chosen.append(tmp_path / "in.json")
    tap_row(driver, "yours.import")
    wait_for(driver, strings.plural("yours.imported", 1))
    assert saved(driver)[0].text == "from there"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"text,label\nwe won,joy\n", "a JSON object"),
        (b"", "at least one labelled utterance"),
        (b"\x00\x01\x02", "a JSON object"),
        (b'{"text": "x", "labels": {"mood": "joy"}}\n', "tasks of the bundle"),
    ],
    ids=["csv", "empty", "binary", "another task"],
)
def test_a_file_without_labels_is_one_sentence_and_nothing_is_lost(driver, yours, chosen, tmp_path, content, words):
    (tmp_path / "in").write_bytes(content)
    chosen.append(tmp_path / "in")
    tap_row(driver, "yours.import")
    wait_for(driver, words)
    assert len(saved(driver)) == 2


def test_a_file_of_50_mb_is_refused_in_one_sentence(driver, yours, chosen, tmp_path):
    with (tmp_path / "in").open("wb") as stream:
        stream.truncate(50_000_000)
    chosen.append(tmp_path / "in")
    tap_row(driver, "yours.import")
    wait_for(driver, "a file of at most 16 MB")
    assert len(saved(driver)) == 2


def test_the_language_changes_at_once_and_is_kept(start, store):
    with start() as driver:
        driver.settle()
        save(driver, "we won", emotion="joy", sentiment="positive")
        driver.tap(driver.root.say.ids.speech)
        driver.paste("half typed")
        driver.settle()
        go(driver, "yours")
        row = next(row for row in driver.widgets(ActionRow) if row.title == "Deutsch")
        driver.reveal(row)
        driver.tap(row)
        driver.settle()
        assert driver.root.screen == "yours"
        assert "Verlauf" in [label.text for label in driver.widgets(Label)]
        go(driver, "say")
        assert driver.root.say.ids.speech.text == "half typed"
        assert driver.chip("emotion", "joy").name == "Freude"
    assert StateFile.beside(store).load().language == "de"
    with start() as driver:
        driver.settle()
        assert "Verlauf" in [label.text for label in driver.widgets(Label)]
    strings.use("en")


def test_the_theme_is_chosen_and_kept(driver, yours, store):
    tap_row(driver, "yours.dark")
    assert StateFile.beside(store).load().theme == "dark"
    assert list(driver.root.say.ids.speech.foreground_color)[:3] == pytest.approx(
        [int(DARK.ink[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    )
    tap_row(driver, "yours.light")
    assert StateFile.beside(store).load().theme == "light"


def test_a_file_that_waits_to_be_read_outlasts_another_language_and_another_choice(driver, yours, chosen, tmp_path):
    source = tmp_path / "labels.jsonl"
    source.write_text('{"text": "so glad", "labels": {"emotion": "joy"}}\n', "utf-8")
    chosen += [source, None]  # the second dialog is closed
    problems, slow = [], threading.Event()
    driver.app.controller.report = problems.append
    driver.app.controller.ask(lambda _session: slow.wait(30), lambda _done: None)
    yours.do(yours.flow.bring)
    driver.wait(lambda: list(tmp_path.glob("chosen-*")), "the copy")
    yours.choose_language("de")
    again = driver.root.page("yours")
    again.do(again.flow.bring)
    driver.wait(lambda: not again.flow.is_busy, "the closed dialog")
    slow.set()
    driver.settle()
    assert not problems
    assert [entry.text for entry in saved(driver)] == ["so glad", "how dare you", "we won"]
    assert not list(tmp_path.glob("chosen-*"))
