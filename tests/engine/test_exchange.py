import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.exchange import read_labels, write_labels
from mobile_app.engine.labelled import LabelledUtterance, Said, StoredUtterance
from mobile_app.engine.task import Task

TASKS = (Task("emotion", ("joy", "anger")), Task("topics", ("food", "weather"), "sigmoid"))
GOOD = '{"text": "We won!", "labels": {"emotion": "joy"}}'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "labels.jsonl"


def test_every_field_is_read(path):
    line = {
        "id": "u7",
        "time": "2026-11-20T10:00:00Z",
        "text": " We won! ",
        "labels": {"emotion": "joy", "topics": ["food", "food", "sport"]},
        "predicted": {"emotion": {"label": "anger", "probability": 0.4}},
        "bundle": "b 1",
        "speaker": "Ada",
        "dialogue": 12,
        "position": 3,
    }
    path.write_text(json.dumps(line))
    assert read_labels(path, TASKS) == (
        LabelledUtterance(
            uid="u7",
            text="We won!",
            labels={"emotion": "joy", "topics": ("food", "sport")},
            when="2026-11-20T10:00:00+00:00",
            speaker="Ada",
            dialogue="12",
            position=3,
        ),
    )


def test_text_and_labels_are_enough(path):
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n\n" + GOOD.replace('"joy"', '["joy"]').encode())
    first, second = read_labels(path, TASKS)
    assert first.labels == second.labels == {"emotion": "joy"} and first.when


def test_an_id_made_from_the_content_is_the_same_each_time_and_different_for_each_line(path):
    path.write_text("\n".join([GOOD, GOOD, GOOD.replace("won", "lost")]))
    ids = [utterance.uid for utterance in read_labels(path, TASKS)]
    assert len(set(ids)) == 3
    assert ids == [utterance.uid for utterance in read_labels(path, TASKS)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "a"', "a JSON object in labels.jsonl, line 2; found an error: Expecting"),
        (b"[1]", r"a JSON object in labels.jsonl, line 2; found list \[1\]"),
        (b'{"labels": {"emotion": "joy"}}', "a text in labels.jsonl, line 2; found only labels"),
        (b'{"text": " ", "labels": {"emotion": "joy"}}', "a text in labels.jsonl, line 2; found ' '"),
        (b'{"text": 3, "labels": {"emotion": "joy"}}', "a text in labels.jsonl, line 2; found 3"),
        (b'{"text": "a"}', "an object 'labels' with a task in labels.jsonl, line 2; found only text"),
        (b'{"text": "a", "labels": {}}', "an object 'labels' with a task in labels.jsonl, line 2; found {}"),
        (b'{"text": "a", "labels": {"mood": "x"}}', r"tasks of the bundle \(emotion, topics\) .* line 2; found 'mood'"),
        (b'{"text": "a", "labels": {"emotion": NaN}}', "line 2; found an error: NaN, which is no JSON"),
        (b'{"text": "a", "labels": {"emotion": null}}', "a label or a list of labels for 'emotion' in .* found None"),
        (b'{"text": "a", "labels": {"emotion": []}}', "for 'emotion' exactly one label an utterance in .* line 2"),
        (b'{"text": "a", "labels": {"topics": [""]}}', "for 'topics' labels that are one line of text in .* line 2"),
        (b'{"text": "a\xff", "labels": {}}', "UTF-8 in labels.jsonl, line 2; found byte 0xFF at position 12"),
        (b'{"text": "\\ud800", "labels": {"emotion": "joy"}}', "line 2; found half a surrogate pair"),
        (GOOD.encode()[:-1] + b', "time": "soon"}', "an ISO 8601 time in labels.jsonl, line 2; found 'soon'"),
        (GOOD.encode()[:-1] + b', "position": -1}', "a 'position' counted from 0 in labels.jsonl, line 2; found -1"),
        (GOOD.encode()[:-1] + b', "id": 1.5}', "a string 'id' in labels.jsonl, line 2; found 1.5"),
        (b"[" * 100_000, "line 2; found endless nesting"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_read(path, line, message):
    path.write_bytes(GOOD.encode() + b"\n" + line + b"\n" + GOOD.encode())
    with pytest.raises(DataError, match=message):
        read_labels(path, TASKS)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"at least one labelled utterance in .*; found an empty file; write \{"):
        read_labels(path, TASKS)


def test_a_missing_file_and_a_folder_are_refused(path, tmp_path):
    for wrong in (path, tmp_path):
        with pytest.raises(DataError, match="a file of labelled utterances at"):
            read_labels(wrong, TASKS)


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(lambda text: text.strip())
label = st.sampled_from(["joy", "anger", "Überraschung"])


@given(
    text=words.map(str.strip),
    emotion=label,
    topics=st.sets(label).map(tuple),
    speaker=st.none() | words.map(str.strip),
    position=st.none() | st.integers(0, 2**31 - 1),
)
def test_what_was_written_is_read(tmp_path_factory, text, emotion, topics, speaker, position):
    path = tmp_path_factory.mktemp("exchange") / "labels.jsonl"
    labelled = LabelledUtterance(
        "u1", text, {"emotion": emotion, "topics": topics}, "2026-11-20T10:00:00+00:00", speaker, None, position
    )
    said = {
        "emotion": Said("joy", {"joy": 0.75, "anger": 0.25}, "anger", 3),
        "topics": Said(("food",), {"food": 0.9}, (), 3),
    }
    write_labels(path, [StoredUtterance(1, labelled, "b 1", "hash", said)])
    assert read_labels(path, TASKS) == (labelled,)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["predicted"]["emotion"] == {"label": "joy", "probability": 0.75}
    assert written["predicted"]["topics"] == {"label": ["food"], "probability": [0.9]}
    assert written["bundle"] == "b 1"


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UndertoneError, match="to write"):
        write_labels(tmp_path / "folder", [])
