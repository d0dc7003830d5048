"""Every platform, every promise of the interfaces: a desktop, and a phone that is stand-ins on a Java machine."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.java import java_class
from mobile_app.ui.platform import this_platform
from mobile_app.ui.platform.android.sharing import AndroidSharing
from mobile_app.ui.platform.checks import MAX_SHARED
from mobile_app.ui.platform.desktop.documents import DesktopDocuments
from mobile_app.ui.platform.interfaces import Insets, Platform


@dataclass
class World:
    """A platform and the person before it.

    :param answer: what the person does when asked for a file: a path, or None to go back.
    :param shared: what reached other apps.
    """

    platform: Platform
    delivered: queue.Queue
    answer: Callable[[Path | None], None]
    shared: Callable[[], list[str]]

    def outcome(self, ask, *arguments):
        """Ask for a document; return what came back on the thread of the screens."""
        outcomes = []
        ask(*arguments, outcomes.append, outcomes.append)
        assert outcomes == [], "an answer came before the question was asked"
        self.delivered.get(timeout=10)()
        (outcome,) = outcomes
        return outcome


def desktop(tmp_path, monkeypatch):
    chosen, clipboard, delivered = [], [], queue.Queue()
    monkeypatch.delenv("ANDROID_ARGUMENT", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LANGUAGE", "de_CH:en")
    platform = this_platform(delivered.put, clipboard.append)
    # In the place of the person and the dialog: a window cannot be clicked here.
    platform = replace(platform, documents=DesktopDocuments(delivered.put, lambda name: chosen.pop()))
    return World(platform, delivered, chosen.append, lambda: clipboard)


def android(tmp_path, request):
    activity, delivered = request.getfixturevalue("activity"), queue.Queue()
    activity.getResources().getConfiguration().set(0x11, 1.0, "de-CH,en")
    uri, intent, file = map(java_class, ("android.net.Uri", "android.content.Intent", "java.io.File"))

    def answer(path):
        def press():
            while not (code := activity.nextCode()):
                time.sleep(0.005)
            if path is None:
                activity.answer(code, 0, None)
            else:
                activity.answer(code, -1, intent("", uri.fromFile(file(str(path)))))

        threading.Thread(target=press, daemon=True).start()

    def shared():
        texts = [sheet.getIntentExtra(intent.EXTRA_INTENT) for sheet in activity.started()]
        return [text.getStringExtra(intent.EXTRA_TEXT) for text in texts]

    return World(this_platform(delivered.put, pytest.fail), delivered, answer, shared)


@pytest.fixture(params=["desktop", "android"])
def world(request, tmp_path, monkeypatch):
    return desktop(tmp_path, monkeypatch) if request.param == "desktop" else android(tmp_path, request)


def test_appearance_is_what_the_person_set(world):
    appearance = world.platform.appearance
    assert appearance.languages() == ("de-CH", "en")
    assert appearance.font_scale() == 1.0
    assert appearance.is_dark() is False


def test_nothing_covers_a_plain_window(world):
    assert world.platform.surroundings.insets() == Insets()


def test_folders_exist_and_can_be_written(world, tmp_path):
    folders = (world.platform.folders.data(), world.platform.folders.cache())
    assert folders[0] != folders[1]
    for folder in folders:
        assert tmp_path in folder.parents
        (folder / "file").write_text("kept")


def test_a_chosen_document_is_copied(world, tmp_path):
    document, copy = tmp_path / "labels.jsonl", tmp_path / "into" / "copy.jsonl"
    document.write_bytes(b"\x00\xff" * 700_000)
    world.answer(document)
    assert world.outcome(world.platform.documents.open, ["application/json"], copy) is True
    assert copy.read_bytes() == document.read_bytes()


def test_a_file_is_saved_where_the_person_says(world, tmp_path):
    source, place = tmp_path / "export.jsonl", tmp_path / "place.jsonl"
    source.write_bytes(b"new" * 500_000)
    place.write_bytes(b"older and longer" * 200_000)
    world.answer(place)
    assert world.outcome(world.platform.documents.save, source, "labels.jsonl", "application/json") is True
    assert place.read_bytes() == source.read_bytes()


def test_a_person_who_goes_back_changes_nothing(world, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_text("old")
    world.answer(None)
    assert world.outcome(world.platform.documents.open, ["*/*"], copy) is False
    world.answer(None)
    assert world.outcome(world.platform.documents.save, copy, "name", "text/plain") is False
    assert copy.read_text() == "old"


def test_a_document_that_cannot_be_read_is_one_sentence(world, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_text("old")
    world.answer(tmp_path / "gone")
    failure = world.outcome(world.platform.documents.open, ["*/*"], copy)
    assert isinstance(failure, UndertoneError)
    assert "No such file" in failure.found
    assert copy.read_text() == "old"


def test_a_place_that_cannot_be_written_is_one_sentence(world, tmp_path):
    source = tmp_path / "export"
    source.write_text("new")
    (tmp_path / "folder").mkdir()
    world.answer(tmp_path / "folder")
    failure = world.outcome(world.platform.documents.save, source, "name", "text/plain")
    assert isinstance(failure, UndertoneError)
    assert "directory" in failure.found


def test_several_documents_one_after_the_other(world, tmp_path):
    for number in range(3):
        document = tmp_path / f"{number}"
        document.write_text(f"content {number}")
        world.answer(document)
        assert world.outcome(world.platform.documents.open, ["*/*"], tmp_path / "copy") is True
        assert (tmp_path / "copy").read_text() == f"content {number}"


def test_shared_text_arrives_unchanged(world):
    text = "she said: “no” – 我們 👩‍👩‍👧 \n second line"
    shows_choice = world.platform.sharing.share(text, "Share")
    assert list(world.shared()) == [text]
    assert shows_choice is isinstance(world.platform.sharing, AndroidSharing)


@pytest.mark.parametrize("text", ["", " \n", "x" * (MAX_SHARED + 1)])
def test_text_that_no_app_could_take_is_refused(world, text):
    with pytest.raises(UndertoneError, match=f"1 to 100,000 characters to share; found {len(text):,}"):
        world.platform.sharing.share(text, "Share")
    assert list(world.shared()) == []
