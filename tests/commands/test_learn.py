import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.learning import utterances, write_learning_bundle

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bundle(bundle_path, tmp_path_factory):
    return write_learning_bundle(bundle_path, tmp_path_factory.mktemp("learning") / "bundle")


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.jsonl"
    lines = [{"id": item.uid, "text": item.text, "labels": item.labels} for item in utterances(20)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def learn(bundle, store, labels, *more):
    command = ["learn", "--bundle", bundle, "--store", store, "--labels", labels, *more]
    return subprocess.run(
        [sys.executable, "-m", "mobile_app", *map(str, command)], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_prints_prequential_scores_of_base_and_personal(bundle, labels, tmp_path):
    result = learn(bundle, tmp_path / "a.db", labels)
    assert result.returncode == 0
    header, *rows, end = result.stdout.splitlines()
    assert header.split("  ")[0].strip() == "task" and "personal wF1" in header
    assert [row.split()[:2] for row in rows] == [
        [task, n] for task in ("emotion", "topics") for n in ("1", "2", "4", "8", "16", "20")
    ]
    assert end == "learned 20, skipped 0 that the store knew already"


@pytest.mark.parametrize("separator", ["softmax", "oselm", "elm", "prototypes"])
def test_json_is_one_document_and_a_second_time_nothing_is_learned(bundle, labels, tmp_path, separator):
    first, second = (
        json.loads(learn(bundle, tmp_path / "a.db", labels, "--json", "--separator", separator).stdout)
        for _ in range(2)
    )
    assert (first["learned"], first["skipped"], first["separator"], first["recipe"]) == (20, 0, separator, "fp32")
    assert [mark["n"] for mark in first["tasks"]["topics"]["marks"]] == [1, 2, 4, 8, 16, 20]
    end = first["tasks"]["emotion"]["end"]
    assert end == first["tasks"]["emotion"]["marks"][-1]
    assert 0.0 <= end["base"]["accuracy"] <= 1.0 and 0.0 <= end["personal"]["weighted_f1"] <= 1.0
    assert (second["learned"], second["skipped"]) == (0, 20)
    assert second["tasks"]["emotion"] == {"end": None, "marks": []}


def test_a_label_that_the_bundle_does_not_have_is_a_new_one(bundle, labels, tmp_path):
    labels.write_text(labels.read_text() + '{"text": "so so", "labels": {"emotion": "boredom"}}\n')
    result = learn(bundle, tmp_path / "a.db", labels)
    assert result.returncode == 0
    assert "labels of emotion that the bundle does not have: boredom" in result.stderr
    document = json.loads(learn(bundle, tmp_path / "b.db", labels, "--json").stdout)
    assert document["new_labels"] == {"emotion": ["boredom"]}
    assert document["tasks"]["emotion"]["end"]["n"] == 21 and document["tasks"]["topics"]["end"]["n"] == 20


def test_a_wrong_line_is_said_before_anything_is_learned(bundle, labels, tmp_path):
    labels.write_text(labels.read_text() + '{"text": "a", "labels": {"mood": "x"}}\n')
    result = learn(bundle, tmp_path / "a.db", labels)
    assert (result.returncode, result.stdout) == (2, "")
    assert "line 21; found 'mood'" in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "a.db").exists()


def test_a_store_that_cannot_be_written_is_refused(bundle, labels):
    result = learn(bundle, "/proc/undertone.db", labels)
    assert (result.returncode, result.stdout) == (2, "")
    assert "choose" in result.stderr and result.stderr.count("\n") == 1


def test_the_export_of_a_store_teaches_another(bundle, labels, tmp_path):
    from contextlib import closing

    from mobile_app.engine.exchange import write_labels
    from mobile_app.engine.store import Store

    first = json.loads(learn(bundle, tmp_path / "a.db", labels, "--json").stdout)
    with closing(Store(tmp_path / "a.db")) as store:
        write_labels(tmp_path / "export.jsonl", store.in_order())
    second = json.loads(learn(bundle, tmp_path / "b.db", tmp_path / "export.jsonl", "--json").stdout)
    assert second == first
