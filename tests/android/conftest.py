import sys

import pytest

from mobile_app.engine.java import java_class
from tests.android.jvm import PYTHON, start_jvm
from tests.engine.conftest import bundle_path  # noqa: F401


@pytest.fixture
def java():
    """Return pyjnius with the stand-ins on its class path."""
    start_jvm()
    import jnius

    return jnius


@pytest.fixture
def phone(java, monkeypatch):
    """Let this process be an app on a phone, as far as it can tell."""
    monkeypatch.setenv("ANDROID_ARGUMENT", "")
    monkeypatch.syspath_prepend(PYTHON)
    return java


@pytest.fixture
def activity(phone, monkeypatch, tmp_path):
    """Return the activity of an app that has just been started, with folders of its own."""
    folders = [tmp_path / "files", tmp_path / "cache"]
    for folder in folders:
        folder.mkdir()
    for name in ("android", "android.activity"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    java_class("android.os.Build$VERSION").set(36)
    return java_class("org.kivy.android.PythonActivity").start(*map(str, folders))
