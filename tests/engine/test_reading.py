"""Utterances out of pasted text, tables and exported chats."""

import pytest

from mobile_app.engine.errors import DataError
from mobile_app.engine.reading import CHAT, LINES, LONGEST, TABLE, read_file, read_text
from mobile_app.engine.waiting import MAX_WAITING

ANDROID = """21/11/2026, 10:33 - Messages and calls are end-to-end encrypted.
21/11/2026, 10:33 - Anna: we won
21/11/2026, 10:34 - Ben Müller: how dare you
and on a Sunday
21/11/2026, 10:35 - Anna: <Media omitted>
21/11/2026, 10:36 - Anna left
"""
IOS = "[21.11.26, 10:33:11] Anna: we won\r\n\u200e[21.11.26, 10:34:00] Ben: at six: sharp\r\n"
US = "11/21/26, 10:33\u202fPM - Anna: we won\n11/21/26, 10:34\u202fPM - Ben: ok\n"


def said(read):
    return [(utterance.speaker, utterance.text) for utterance in read.utterances]


def test_pasted_lines_are_utterances_without_blanks_and_doubles():
    read = read_text("we won\n\n  at   six \r\nwe won\n")
    assert read.kind == LINES
    assert said(read) == [(None, "we won"), (None, "at six")]


def test_reading_twice_gives_the_same_ids():
    assert read_text("we won").utterances == read_text("we won\n").utterances


def test_a_chat_of_android_has_speakers_turns_and_no_system_messages(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text(ANDROID, encoding="utf-8")
    read = read_file(path)
    assert read.kind == CHAT
    assert said(read) == [("Anna", "we won"), ("Ben Müller", "how dare you and on a Sunday")]
    assert len({utterance.dialogue for utterance in read.utterances}) == 1
    assert [utterance.position for utterance in read.utterances] == [0, 1]


@pytest.mark.parametrize(
    ("text", "second"), [(IOS, ("Ben", "at six: sharp")), (US, ("Ben", "ok"))], ids=["ios", "american"]
)
def test_chats_of_other_phones_and_countries(text, second):
    assert said(read_text(text)) == [("Anna", "we won"), second]


@pytest.mark.parametrize(
    "text",
    ['id,text,speaker\n1,"we won, again",Ada\n2,at six,Ben\n', 'Speaker;Text\nAda;"we won, again"\nBen;at six\n'],
    ids=["comma", "semicolon"],
)
def test_a_table_gives_the_column_named_text_with_its_speakers(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8-sig")
    read = read_file(path)
    assert read.kind == TABLE
    assert said(read) == [("Ada", "we won, again"), ("Ben", "at six")]


def test_a_table_without_texts_says_which_columns_there_are(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("price,amount\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a column named text in table\.csv; found the columns price, amount"):
        read_file(path)


def test_a_line_with_a_comma_is_no_table(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("well, we won\nno, at six, please\n", encoding="utf-8")
    assert said(read_file(path)) == [(None, "well, we won"), (None, "no, at six, please")]


def test_utf_16_and_json_lines_are_read(tmp_path):
    (tmp_path / "a.txt").write_text("größer\n", encoding="utf-16")
    (tmp_path / "b.jsonl").write_text('{"text": "we won", "labels": {}}\n', encoding="utf-8")
    assert said(read_file(tmp_path / "a.txt")) == [(None, "größer")]
    assert said(read_file(tmp_path / "b.jsonl")) == [(None, "we won")]


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"PK\x03\x04rest", b"\x00\x00\x00\x00", b"%PDF-1.7 x"], ids=lambda c: repr(c[:4])
)
def test_what_holds_no_utterance_is_one_sentence(tmp_path, content):
    path = tmp_path / "chosen"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"; found .*; choose a text file, a CSV with a column named text"):
        read_file(path)


def test_control_characters_and_nul_become_spaces():
    assert said(read_text("we\x00won\x07 now\n")) == [(None, "wewon now")]


def test_a_file_of_50_mb_is_read_as_far_as_it_can_wait(tmp_path):
    path = tmp_path / "long.txt"
    with path.open("w", encoding="utf-8") as stream:
        for number in range(500):
            stream.write("".join(f"line {number} {part} " + "x" * 80 + "\n" for part in range(1150)))
    assert path.stat().st_size > 50_000_000
    read = read_file(path)
    assert read.is_cut
    assert len(read.utterances) == MAX_WAITING


def test_one_endless_line_is_cut():
    assert len(read_text("x" * 100_000).utterances[0].text) == LONGEST
