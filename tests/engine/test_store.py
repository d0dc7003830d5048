import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.errors import StoreError
from mobile_app.engine.labelled import LabelledUtterance, LearnerState, Said
from mobile_app.engine.schema import APPLICATION_ID, MIGRATIONS
from mobile_app.engine.store import Store

ROOT = Path(__file__).parents[2]
FEATURES = np.array([1.5, -2.0, 65504.0], np.float16)


def utterance(uid="u1", text="We won!", **values):
    values = {"labels": {"emotion": "joy", "topics": ("food", "weather")}, "when": "2026-11-20T10:00:00+00:00"} | values
    return LabelledUtterance(uid, text, **values)


def add(store, labelled, **values):
    said = {task: Said("anger", {"joy": 0.25, "anger": 0.75}, "joy", 7) for task in labelled.labels}
    states = {task: LearnerState(8, 0, b"arrays") for task in labelled.labels}
    values = {"bundle": "b 1", "model_hash": "m", "features": FEATURES, "kind": "softmax", "states": states} | values
    return store.add(labelled, said, **values)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new folder" / "undertone.db"


@pytest.fixture
def store(path):
    store = Store(path)
    yield store
    store.close()


def test_an_utterance_comes_back_with_everything_that_was_known_of_it(store, path):
    labelled = utterance(speaker="Ada", dialogue="d1", position=4, text="Süß 🙂 \x00 'quoted'; --")
    number = add(store, labelled)
    store.close()
    reopened = Store(path)
    found = reopened.get("u1")
    assert found.utterance == labelled
    assert (found.number, found.bundle, found.model_hash) == (number, "b 1", "m")
    assert found.said["topics"] == Said("anger", {"joy": 0.25, "anger": 0.75}, "joy", 7)
    np.testing.assert_array_equal(reopened.features("m")[number], FEATURES)
    assert reopened.learner("m", "softmax") == {
        task: LearnerState(8, number, b"arrays") for task in ("emotion", "topics")
    }
    assert reopened.learner("m", "oselm") == reopened.learner("other", "softmax") == {}
    reopened.close()


def test_the_file_is_safe_against_power_loss_and_forgets_for_good(store):
    def pragma(name):
        return store._database.query(f"PRAGMA {name}")[0][0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)
    assert (pragma("secure_delete"), pragma("user_version")) == (1, len(MIGRATIONS))


def test_an_id_is_stored_once(store):
    add(store, utterance())
    with pytest.raises(StoreError, match="an id that is not in the store yet; found 'u1'; forget that one first"):
        add(store, utterance(text="Another."), states={"emotion": LearnerState(9, 0, b"other")})
    assert len(store) == 1 and "u1" in store and "u2" not in store
    assert store.learner("m", "softmax")["emotion"].version == 8


def test_history_is_newest_first_in_pages(store):
    for index in range(7):
        add(store, utterance(f"u{index}"))
    first = store.history(limit=3)
    second = store.history(limit=3, before=first[-1].number)
    last = store.history(limit=3, before=second[-1].number)
    assert [item.utterance.uid for item in (*first, *second, *last)] == [f"u{index}" for index in range(6, -1, -1)]
    assert store.history(limit=3, before=last[-1].number) == []


def test_search_finds_text_in_any_case_and_takes_signs_as_they_are(store):
    for index, text in enumerate(["100 % sure", "ÄRGERLICH", "so ärgerlich!", "a_b", "100 times"]):
        add(store, utterance(f"u{index}", text))

    def found(search, **page):
        return [item.utterance.uid for item in store.history(search=search, **page)]

    assert found("Ärger") == ["u2", "u1"] and found("Ärger", limit=1) == ["u2"]
    assert found("100 %") == ["u0"] and found("_") == ["u3"] and found("nothing") == []
    assert found("ärger", before=3) == ["u1"]


def test_in_order_starts_after_a_number(store):
    numbers = [add(store, utterance(f"u{index}")) for index in range(3)]
    assert [item.number for item in store.in_order()] == numbers
    assert [item.number for item in store.in_order(after=numbers[0])] == numbers[1:]
    assert store.last_labelled() == {"emotion": numbers[2], "topics": numbers[2]}


def test_a_forgotten_utterance_leaves_no_trace(store, path):
    add(store, utterance("u1", "the secret word"))
    number = add(store, utterance("u2"))
    add(store, utterance("u3"), kind="oselm")
    states = {"emotion": LearnerState(1, number, b"without")}
    store.remove(["u1"], model_hash="m", kind="softmax", states=states)
    assert [item.utterance.uid for item in store.history()] == ["u3", "u2"]
    assert store.learner("m", "softmax") == states and store.learner("m", "oselm") == {}
    assert 1 not in store.features("m")
    store.close()
    assert b"secret" not in path.read_bytes()


def test_numbers_are_never_used_twice(store):
    add(store, utterance("u1"))
    store.remove(["u1"], model_hash="m", kind="softmax", states={})
    assert add(store, utterance("u2")) == 2


def test_replacing_removes_the_old_labels_in_the_same_step(store):
    add(store, utterance())
    add(store, utterance(labels={"emotion": "anger"}), replacing="u1")
    assert [item.utterance.labels for item in store.in_order()] == [{"emotion": "anger"}]


def test_clear_removes_everything(store, path):
    add(store, utterance("u1", "the secret word"))
    store.clear()
    assert len(store) == 0 and store.learner("m", "softmax") == {} and store.features("m") == {}
    assert b"secret" not in path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()


def test_a_full_disk_is_said_and_loses_nothing(store):
    add(store, utterance("u1"))
    pages = store._database.query("PRAGMA page_count")[0][0]
    store._database.query(f"PRAGMA max_page_count = {pages}")
    big = {"emotion": LearnerState(9, 0, bytes(100_000))}
    with pytest.raises(StoreError, match=r"room on the disk; found .*is full; free some space; nothing .* is lost"):
        add(store, utterance("u2"), states=big)
    assert [item.utterance.uid for item in store.history()] == ["u1"]
    store._database.query("PRAGMA max_page_count = 100000")
    add(store, utterance("u2"), states=big)
    assert len(store) == 2


def test_a_disk_that_fills_up_is_said_and_loses_nothing(tmp_path):
    """The limit on the size of files stands in for a full disk: the same write fails, with another number."""
    code = f"""
import resource
from pathlib import Path
from mobile_app.engine.errors import StoreError
from tests.engine.test_store import Store, add, utterance
store = Store(Path({str(tmp_path / "small.db")!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
for index in range(1000):
    try:
        add(store, utterance(str(index), "text " * 1000))
    except StoreError as error:
        print(index, error)
        break
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    stored, message = result.stdout.split(" ", 1)
    assert "free some space; nothing that was stored is lost" in message
    with closing(Store(tmp_path / "small.db")) as store:
        assert len(store) == int(stored) > 2


def test_a_database_is_copied_before_its_tables_are_changed(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:  # as the first version left it
        connection.executescript(MIGRATIONS[0])
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO utterance VALUES (1, 'u1', 'old', '2026', NULL, NULL, NULL, 'b', 'm')")
        connection.commit()
    with closing(Store(path)) as store:
        assert [item.utterance.text for item in store.in_order()] == ["old"]
        assert store.learner_before(9, "m", "softmax") == {}
    with closing(sqlite3.connect(path.with_name("undertone.db.version-1"))) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT text FROM utterance").fetchone() == ("old",)
    assert sorted(item.name for item in path.parent.iterdir()) == ["undertone.db", "undertone.db.version-1"]


def test_what_belongs_to_models_long_gone_is_pruned(store):
    for number, model in enumerate(("first", "second", "third")):
        add(store, utterance(f"u{number}"), model_hash=model)
    store.keep_models(["fourth"])
    assert store.features("first") == store.features("second") == {}
    assert len(store.features("third")) == 1 and store.learner("third", "softmax")
    assert store.learner("first", "softmax") == {} and len(store) == 3


def test_text_that_is_no_text_is_refused(store):
    with pytest.raises(StoreError, match="text that can be written as UTF-8"):
        add(store, utterance(text="\ud800"))
    assert len(store) == 0


def test_a_second_process_is_refused(store, path):
    code = f"from pathlib import Path; from mobile_app.engine.store import Store; Store(Path({str(path)!r}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "nobody else has open" in result.stderr and "close the other program that uses it" in result.stderr


def test_a_worker_thread_may_use_it(store):
    def work():
        for index in range(50):
            add(store, utterance(f"u{index}"))

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        assert len(store.history(limit=5)) <= 5
    assert len(store) == 50


@pytest.mark.parametrize("content", [b"This is no database, but quite a long text. " * 200, None])
def test_a_damaged_file_is_moved_aside_and_the_next_start_is_fresh(path, content):
    store = Store(path)
    for index in range(100):
        add(store, utterance(f"u{index}"))
    store.close()
    if content is None:  # a page in the middle is gone
        content = path.read_bytes()
        content = content[:8192] + b"\xff" * 8192 + content[16384:]
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"an undamaged database .* the old is kept as undertone\.db\.damaged-\d{8}T"):
        Store(path)
    (aside,) = path.parent.glob("undertone.db.damaged-*")
    assert aside.read_bytes() == content
    fresh = Store(path)
    assert len(fresh) == 0
    fresh.close()


def test_a_newer_database_is_refused_and_left_alone(path):
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    known = len(MIGRATIONS)
    with pytest.raises(StoreError, match=rf"version {known} or older; .* of version {known + 1}; update Undertone"):
        Store(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"a database of Undertone; found .* of another program; choose another path"):
        Store(path)
    assert path.read_bytes() == before


def test_a_folder_and_a_path_below_a_file_are_refused(tmp_path):
    (tmp_path / "file").write_text("text")
    for path in (tmp_path, tmp_path / "file" / "undertone.db"):
        with pytest.raises(StoreError, match="choose"):
            Store(path)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_path_is_refused(what):
    with tempfile.TemporaryDirectory() as name:  # and not tmp_path, which other users cannot reach
        folder = Path(name)
        path = folder / "undertone.db"
        if what == "file":
            Store(path).close()
            path.chmod(0o444)
        folder.chmod(0o555)
        found = _opened_by_a_plain_user(path)
        folder.chmod(0o755)
    assert "StoreError: expected a database that" in found
    assert "choose a path in a folder that you may write to" in found


def _opened_by_a_plain_user(path):
    """Open the store in a process that file modes bind, which they do not for root, and return what it says."""
    code = f"""
import os
from pathlib import Path
from mobile_app.engine.store import Store
if os.geteuid() == 0:
    os.setuid(65534)
Store(Path({str(path)!r}))
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
