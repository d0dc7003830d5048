"""A person's own CSV, TSV and JSON lines: what is read, and what is refused with which sentence."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import SIGMOID, SOFTMAX, Task
from training.datasets import load
from training.datasets.splitting import split_groups


def own(tmp_path, content, name="mine.csv", **options):
    """Write a file and load it."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(str(path), **options)


def rows(n, *, label="joy"):
    return "".join(f"text {i},{label if i % 2 else 'calm'}\n" for i in range(n))


def test_every_remaining_column_is_a_task(tmp_path):
    header = "id,text,speaker,dialogue,position,split,Emotion,Topic\n"
    body = "a,Hi,Zed,d1,0,train,joy,work;home\nb,Oh,Yara,d1,1,train,calm,\n"
    body += "c,No,Zed,d2,0,test,joy,;\nd,Eh,Zed,d3,0,val,,home\n"
    dataset = own(tmp_path, header + body)
    assert dataset.tasks == (Task("emotion", ("calm", "joy"), SOFTMAX), Task("topic", ("home", "work"), SIGMOID))
    first, second, third, fourth = dataset.utterances
    assert (first.uid, first.text, first.speaker, first.dialogue, first.position) == ("a", "Hi", "Zed", "d1", 0)
    assert first.labels == {"emotion": ("joy",), "topic": ("work", "home")}
    assert second.labels == {"emotion": ("calm",)}, "an empty cell is not labelled"
    assert third.labels == {"emotion": ("joy",), "topic": ()}, "a lone ; carries no label"
    assert fourth.split == "dev" and fourth.labels == {"topic": ("home",)}


def test_tasks_may_be_chosen(tmp_path):
    dataset = own(tmp_path, "text,mood,note\n" + "a,up,x1\nb,down,x2\n" * 5, tasks=["mood"])
    assert [task.name for task in dataset.tasks] == ["mood"]
    with pytest.raises(
        DataError, match=r"task 'moood' in mine.csv; found the columns mood, note; did you mean 'mood'\?"
    ):
        load(str(tmp_path / "mine.csv"), tasks=["moood"])


def test_tsv_and_byte_order_mark_and_quotes_and_line_breaks(tmp_path):
    dataset = own(tmp_path, b'\xef\xbb\xbftext\tmood\r\n"two\nlines ""quoted"""\tup\r\nb\tdown\r\n', "mine.tsv")
    assert dataset.utterances[0].text == 'two\nlines "quoted"'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"utterances in .*mine.csv; found an empty file"),
        (b"\xef\xbb\xbf \n", r"found an empty file"),
        (b"text,mood\n", r"rows below the header of .*mine.csv; found none"),
        (b"txet,mood\na,up\n", r"the columns text in mine.csv; found txet, mood \(no 'text'\); did you mean 'txet'\?"),
        (
            b"text,mood\na,up\nb,caf\xe9\n",
            r"UTF-8 text in .*mine.csv; found byte 0xe9 in line 3; save the file as UTF-8",
        ),
        (b'text,mood\na,up\n"b,down\nc,up\n', r"unexpected end of data in the record that begins in line 3"),
        (b"text,mood,mood\na,up,down\n", r"'mood' twice"),
        (b"text,mood\na,up\nb,Up\n", r"'up' in line 2 and 'Up' in line 3"),
        (b"text,mood\na,up\nb,up\n", r"2 to 200 different labels of 'mood' in mine.csv; found 1"),
        (b"text,mood\na,\n,up\n", r"utterances with labels in .*; found none in 2 rows"),
        (b"text,mood,split\na,up,train\nb,down,tset\n", r"line 3; found 'tset'; did you mean 'test'\?"),
        (b"text,mood,split\na,up,train\nb,down,\n", r"line 3; found nothing; name the split of every row"),
        (b"text,mood,position\na,up,one\nb,down,2\n", r"a whole number as position in mine.csv, line 2; found 'one'"),
        (
            b"text,mood,split\na,up,train\nb,down,train\nc,dwon,test\n",
            r"one of the labels down, up; found 'dwon' in mine.csv, line 4; did you mean 'down'\?",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(tmp_path, content, message):
    with pytest.raises(DataError, match=message) as caught:
        own(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_bad_rows_are_reported_with_line_and_reason(tmp_path):
    body = 'text,mood\na,up\n"x\ny",down\nlone\n,up\nb,\nc,down,extra\n,\nd,up\n'
    dataset = own(tmp_path, body)
    assert [(row.line, row.reason) for row in dataset.rejected] == [
        (5, "1 fields instead of 2"),
        (7 + 1, "3 fields instead of 2"),
        (6, "blank text"),
        (7, "no label"),
        (9, "blank text"),
    ]
    assert [one.text for one in dataset.utterances] == ["a", "x\ny", "d"]


def test_labels_must_be_known_to_the_model(tmp_path):
    known = [Task("mood", ("up", "down", "sideways")), Task("other", ("x", "y"))]
    dataset = own(tmp_path, "text,mood,note\na,up,n1\nb,down,n2\n", known=known)
    assert dataset.tasks == (known[0],), "in the model's order of labels; columns it has no task for are passed over"
    with pytest.raises(DataError, match=r"one of the labels up, down, sideways; found 'upp' in mine.csv, line 2"):
        own(tmp_path, "text,mood\na,upp\nb,down\n", known=known)
    with pytest.raises(DataError, match=r"one label of 'mood' in mine.csv, line 2; found up, down; keep one"):
        own(tmp_path, "text,mood\na,up;down\nb,down\n", known=known)


def test_random_split_is_seeded_by_dialogue_and_independent_of_order(tmp_path):
    lines = [f"d{i % 40},line {i},{'up' if i % 3 else 'down'}\n" for i in range(400)]
    first = own(tmp_path, "dialogue,text,mood\n" + "".join(lines))
    second = own(tmp_path, "dialogue,text,mood\n" + "".join(reversed(lines)))
    assert {one.text: one.split for one in first.utterances} == {one.text: one.split for one in second.utterances}
    dialogues = {split: {one.dialogue for one in first.split(split)} for split in ("train", "dev", "test")}
    assert sum(map(len, dialogues.values())) == 40
    assert [len(first.split(split)) for split in ("train", "dev", "test")] == [320, 40, 40]


def test_random_split_keeps_copies_together(tmp_path):
    dataset = own(
        tmp_path, "text,mood\n" + "".join(f"{t} {i % 30},up\n{t} {i % 30}!,down\n" for i in range(60) for t in "a")
    )
    splits = {}
    for one in dataset.utterances:
        splits.setdefault(one.text.rstrip("!"), set()).add(one.split)
    assert all(len(found) == 1 for found in splits.values()) and len(dataset.split("test")) == 12


@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=3), min_size=1, max_size=80))
def test_split_groups_assigns_each_group_and_fills_each_split(keys):
    splits = split_groups(keys)
    assert set(splits) == set(keys)
    if len(set(keys)) >= 3:
        assert set(splits.values()) == {"train", "dev", "test"}


def jsonl(*objects):
    return "".join(json.dumps(one) + "\n" for one in objects)


def test_the_apps_export_is_read(tmp_path):
    exported = {
        "id": "u1",
        "time": "2026-11-20T10:00:00+00:00",
        "text": " so good ",
        "labels": {"emotion": "joy", "topics": ["work"]},
        "predicted": {"emotion": {"label": "neutral", "probability": 0.5}},
        "bundle": "demo",
        "dialogue": 7,
        "position": 0,
    }
    later = {"id": "u2", "text": "oh", "labels": {"emotion": "neutral", "topics": []}}
    dataset = own(
        tmp_path, jsonl(exported, later, {**later, "labels": {"emotion": "fear", "topics": ["home"]}}), "x.jsonl"
    )
    assert dataset.tasks == (Task("emotion", ("fear", "joy")), Task("topics", ("home", "work"), SIGMOID))
    first, second = dataset.utterances
    assert (first.text, first.dialogue, first.position, first.uid) == ("so good", "7", 0, "u1")
    assert second.labels == {"emotion": ("fear",), "topics": ("home",)}
    assert [(row.line, row.reason) for row in dataset.rejected] == [(2, "labelled again in a later line")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a"', r"a JSON object in x.jsonl, line 1; found an error"),
        ("[1]", r"a JSON object in x.jsonl, line 1; found list"),
        ('{"txt": "a"}', r"a string 'text' in x.jsonl, line 1; found txt"),
        ('{"text": "a", "labels": "joy"}', r"an object 'labels' in x.jsonl, line 1; found 'joy'"),
        ('{"text": "a", "labels": {"mood": 3}}', r"a label or a list of labels for 'mood' in x.jsonl, line 1; found 3"),
    ],
)
def test_json_lines_of_another_form_are_refused(tmp_path, line, message):
    with pytest.raises(DataError, match=message):
        own(tmp_path, line + "\n", "x.jsonl")


def test_unknown_dataset_suggests_a_name():
    with pytest.raises(DataError, match=r"found 'mled'; did you mean 'meld'\?"):
        load("mled")


def test_split_that_is_empty_or_unknown_is_named(tmp_path):
    dataset = own(tmp_path, "text,mood,split\na,up,train\nb,down,train\n")
    with pytest.raises(DataError, match=r"utterances in split dev of mine.csv; found none"):
        dataset.split("dev")
    with pytest.raises(DataError, match=r"one of train, dev, test, all; found 'valid'"):
        dataset.split("valid")
    assert len(dataset.split("all")) == 2
