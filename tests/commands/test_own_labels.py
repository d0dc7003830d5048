"""What a person labelled, out and in again by command."""

import csv
import json

import pytest

from tests.commands.helpers import assert_refused, mobile_app
from tests.engine.learning import utterances, write_learning_bundle


@pytest.fixture(scope="module")
def bundle(bundle_path, tmp_path_factory):
    return write_learning_bundle(bundle_path, tmp_path_factory.mktemp("learning") / "bundle")


@pytest.fixture(scope="module")
def store(bundle, tmp_path_factory):
    """A store that has learned six utterances; not to be changed."""
    folder = tmp_path_factory.mktemp("store")
    lines = [{"id": item.uid, "text": item.text, "labels": item.labels} for item in utterances(6)]
    labels = folder / "labels.jsonl"
    labels.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = mobile_app("import", "--bundle", bundle, "--store", folder / "mine.db", labels)
    assert done.stdout == "learned 6, known already 0, kept as they were 0\n", done.stderr
    return folder / "mine.db"


def test_what_is_exported_is_known_when_it_is_imported(bundle, store, tmp_path):
    out = tmp_path / "mine.jsonl"
    assert mobile_app("export", "--store", store, "--out", out).stdout == f"wrote 6 utterances to {out}\n"
    done = mobile_app("import", "--bundle", bundle, "--store", store, out)
    assert done.stdout == "learned 0, known already 6, kept as they were 0\n"


@pytest.mark.parametrize("tool", ["label-studio", "doccano", "argilla"])
def test_annotation_tools_read_and_write_it(bundle, store, tmp_path, tool):
    out = tmp_path / ("out.jsonl" if tool == "doccano" else "out.json")
    assert mobile_app("export", "--store", store, "--out", out, "--format", tool).returncode == 0
    done = mobile_app("import", "--bundle", bundle, "--store", tmp_path / "new.db", "--from-tool", out)
    assert done.stdout == "learned 6, known already 0, kept as they were 0\n", done.stderr


def test_a_table_for_people(store, tmp_path):
    out = tmp_path / "out.csv"
    mobile_app("export", "--store", store, "--out", out, "--format", "csv")
    with out.open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 6


def test_other_labels_wait_for_a_decision(bundle, store, tmp_path):
    backup, copy = tmp_path / "b.zip", tmp_path / "copy.db"
    mobile_app("backup", "--store", store, "--out", backup)
    assert mobile_app("restore", "--store", copy, backup).stdout.startswith("restored 6 utterances")
    exported = tmp_path / "mine.jsonl"
    mobile_app("export", "--store", copy, "--out", exported)
    first, *_ = map(json.loads, exported.read_text().splitlines())
    first["labels"]["emotion"] = "sadness" if first["labels"]["emotion"] != "sadness" else "joy"
    exported.write_text(json.dumps(first) + "\n")
    done = mobile_app("import", "--bundle", bundle, "--store", copy, exported)
    assert done.stdout == "learned 0, known already 0, kept as they were 1\n" and first["id"] in done.stderr
    done = mobile_app("import", "--bundle", bundle, "--store", copy, "--take-theirs", exported)
    assert done.stdout == "learned 1, known already 0, kept as they were 0\n"


def test_bad_input_is_one_sentence_and_changes_nothing(bundle, store, tmp_path):
    before = store.read_bytes()
    assert_refused(mobile_app("export", "--store", tmp_path / "no.db", "--out", tmp_path / "a"), "a store", "no.db")
    assert_refused(mobile_app("export", "--store", store, "--out", store), "a path that is free")
    out = tmp_path / "a.jsonl"
    wrong = mobile_app("export", "--store", store, "--out", out, "--format", "doccano", "--task", "mood")
    assert_refused(wrong, "--task", "'mood'")
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(b"PK no zip")
    assert_refused(mobile_app("restore", "--store", store, damaged), "a backup of Undertone")
    assert store.read_bytes() == before and not out.exists()
