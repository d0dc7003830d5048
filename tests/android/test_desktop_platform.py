"""What is a desktop's own: the environment of the user, and the dialog."""

import sys
from pathlib import Path

import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.ui.platform.desktop.appearance import DesktopAppearance
from mobile_app.ui.platform.desktop.dialog import ask
from mobile_app.ui.platform.desktop.folders import DesktopFolders

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.mark.parametrize(
    ("environment", "languages"),
    [
        ({}, ("en",)),
        ({"LANG": "C.UTF-8"}, ("en",)),
        ({"LANG": "POSIX"}, ("en",)),
        ({"LANG": "tr_TR.UTF-8"}, ("tr-TR",)),
        ({"LANG": "tr_TR", "LC_ALL": "de_DE@euro"}, ("de-DE",)),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "ru:de_CH:ru"}, ("ru", "de-CH")),
    ],
)
def test_languages_come_from_the_environment(monkeypatch, environment, languages):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert DesktopAppearance().languages() == languages


@pytest.mark.parametrize(
    ("system", "data", "cache"),
    [
        ("linux", ".local/share", ".cache"),
        ("darwin", "Library/Application Support", "Library/Caches"),
    ],
)
def test_folders_lie_where_the_system_has_them(monkeypatch, tmp_path, system, data, cache):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert DesktopFolders().data() == tmp_path / data / "undertone"
    assert DesktopFolders().cache() == tmp_path / cache / "undertone"
    assert DesktopFolders().data().is_dir()


def test_a_desktop_that_cannot_show_a_dialog_says_what_to_install(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(UndertoneError, match=r"Tk to choose a file with; found .+; install it: .*python3-tk"):
        ask("name")


def test_the_answer_of_the_dialog_is_a_path(monkeypatch, tmp_path):
    # A Tk that answers by itself, as nobody is here to click.
    (tmp_path / "tkinter").mkdir()
    (tmp_path / "tkinter" / "__init__.py").write_text("class Tk:\n    def withdraw(self): pass\n")
    (tmp_path / "tkinter" / "filedialog.py").write_text(
        "def asksaveasfilename(initialfile): return '/chosen/' + initialfile\ndef askopenfilename(): return ''\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert ask("my file.jsonl") == Path("/chosen/my file.jsonl")
    assert ask(None) is None
