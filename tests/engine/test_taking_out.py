"""What leaves the store and comes back: tables, annotation tools, backups."""

import csv
import json
import zipfile
from contextlib import closing

import pytest

from mobile_app.engine.annotation_tools import read_annotations, write_argilla, write_doccano, write_label_studio
from mobile_app.engine.errors import DataError, StoreError
from mobile_app.engine.labelled import LabelledUtterance, Said, StoredUtterance
from mobile_app.engine.spreadsheet import harmless, write_csv
from mobile_app.engine.store import Store
from mobile_app.engine.task import Task
from mobile_app.engine.whole_state import back_up, restore
from tests.engine.test_store import add, utterance

TASKS = (Task("emotion", ("joy", "anger")), Task("topics", ("food", "weather"), "sigmoid"))


def stored(number=1, text="We won!", **labels):
    labels = labels or {"emotion": "joy", "topics": ("food", "weather")}
    said = {"emotion": Said("anger", {"anger": 1.0}, "joy", 0)}
    labelled = LabelledUtterance(f"u{number}", text, labels, "2026-11-20T10:00:00+00:00")
    return StoredUtterance(number, labelled, "b 1", "hash", said)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "  =cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(tmp_path, cell):
    assert harmless(cell) == "'" + cell
    write_csv(tmp_path / "a.csv", [stored(text=cell)], ["emotion", "topics"])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["text"] == "'" + cell
    assert (row["id"], row["emotion"], row["topics"], row["speaker"]) == ("u1", "joy", "food|weather", "")


def test_harmless_text_stays_as_it_is():
    for cell in ("We won!", "a=b", "", "1", 'Süß, "so"\nsüß'):
        assert harmless(cell) == cell


@pytest.mark.parametrize("write", [write_label_studio, write_argilla])
def test_what_an_annotation_tool_gets_it_gives_back(tmp_path, write):
    items = [stored(1), stored(2, "Stop it.", emotion="anger")]
    write(tmp_path / "a.json", items)
    found = read_annotations(tmp_path / "a.json", TASKS)
    assert [(item.uid, item.text, item.labels) for item in found] == [
        (item.utterance.uid, item.utterance.text, item.utterance.labels) for item in items
    ]


def test_doccano_has_one_task(tmp_path):
    write_doccano(tmp_path / "a.jsonl", [stored(1), stored(2, "Stop it.", topics=("food",))], "topics")
    assert [json.loads(line)["label"] for line in (tmp_path / "a.jsonl").read_text().splitlines()] == [
        ["food", "weather"],
        ["food"],
    ]
    found = read_annotations(tmp_path / "a.jsonl", TASKS, task="topics")
    assert [item.labels for item in found] == [{"topics": ("food", "weather")}, {"topics": ("food",)}]


CHOICE = {"from_name": "emotion", "to_name": "text", "type": "choices", "value": {"choices": ["joy"]}}


@pytest.mark.parametrize(
    ("records", "uid"),
    [
        (
            [
                {
                    "id": 7,
                    "data": {"text": "We won!"},
                    "annotations": [{"was_cancelled": True, "result": []}, {"result": [CHOICE]}],
                },
                {"id": 8, "data": {"text": "Nobody labelled this."}, "annotations": []},
            ],
            "label-studio-7",
        ),
        ([{"id": 7, "text": "We won!", "label": ["joy"]}, {"id": 8, "text": "No.", "label": []}], "doccano-7"),
        ([{"id": "r7", "inputs": {"text": "We won!"}, "annotation": "joy", "prediction": None}], "r7"),
        ([{"id": "r7", "fields": {"text": "We won!"}, "responses": {"emotion": [{"value": "joy"}]}}], "r7"),
    ],
)
@pytest.mark.parametrize("as_lines", [False, True])
def test_exports_of_those_tools_are_read(tmp_path, records, uid, as_lines):
    path = tmp_path / "export"
    path.write_text("\n".join(map(json.dumps, records)) if as_lines else json.dumps(records))
    (found,) = read_annotations(path, TASKS)
    assert (found.uid, found.text, found.labels) == (uid, "We won!", {"emotion": "joy"})


@pytest.mark.parametrize(
    "content", ["", "[]", "no json", '[{"text": "a"}]', "[1]", '[{"data": {}, "annotations": [], "id": 1}]', "[" * 9999]
)
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(DataError, match=r"the export of Label Studio .* in .*; found .*; export it again"):
        read_annotations(tmp_path / "a.json", TASKS)


def test_a_backup_brings_everything_back(tmp_path):
    path, archive = tmp_path / "undertone.db", tmp_path / "backup.zip"
    with closing(Store(path)) as store:
        add(store, utterance("u1"))
        back_up(store, archive)
        add(store, utterance("u2"))
    restore(archive, path)
    with closing(Store(path)) as store:
        assert [item.utterance for item in store.in_order()] == [utterance("u1")]
        assert store.learner("m", "softmax")["emotion"].version == 8
    with closing(Store(tmp_path / "undertone.db.before-restore")) as old:
        assert len(old) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "backup.zip",
        "undertone.db",
        "undertone.db.before-restore",
    ]


@pytest.mark.parametrize("wrong", ["no zip", "more names", "a path outside", "changed", "newer", "no database"])
def test_what_is_no_backup_changes_nothing(tmp_path, wrong):
    path, good, archive = tmp_path / "undertone.db", tmp_path / "good.zip", tmp_path / "wrong.zip"
    with closing(Store(path)) as store:
        add(store, utterance("u1"))
        back_up(store, good)
    before = path.read_bytes()
    with zipfile.ZipFile(good) as source:
        files = {name: source.read(name) for name in source.namelist()}
    about = json.loads(files["about.json"])
    if wrong == "more names":
        files["more"] = b""
    elif wrong == "a path outside":
        files["../undertone.db"] = files.pop("undertone.db")
    elif wrong == "changed":
        files["undertone.db"] = files["undertone.db"][:-1] + b"x"
    elif wrong == "newer":
        files["about.json"] = json.dumps(about | {"format": 2}).encode()
    elif wrong == "no database":
        from hashlib import sha256

        files["undertone.db"] = b"text" * 1000
        files["about.json"] = json.dumps(about | {"sha256": sha256(files["undertone.db"]).hexdigest()}).encode()
    with zipfile.ZipFile(archive, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    if wrong == "no zip":
        archive.write_bytes(b"text")
    with pytest.raises(StoreError, match="a backup of"):
        restore(archive, path)
    assert path.read_bytes() == before
    assert not (tmp_path.parent / "undertone.db").exists()


def test_a_backup_larger_than_any_of_ours_is_refused(tmp_path, monkeypatch):
    from mobile_app.engine import whole_state

    with closing(Store(tmp_path / "undertone.db")) as store:
        back_up(store, tmp_path / "good.zip")
    monkeypatch.setattr(whole_state, "MAX_BYTES", 1000)
    with pytest.raises(StoreError, match=r"a backup of Undertone at .*; found more than 0 MB"):
        restore(tmp_path / "good.zip", tmp_path / "other.db")
    assert not (tmp_path / "other.db").exists()
