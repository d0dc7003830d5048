import os

import pytest

from tests.android.jvm import start_jvm


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_missing_java_is_a_failure_where_every_test_must_run(monkeypatch, ci, outcome):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=r"found no javac on the path; install a JDK: sudo apt-get install -y openjdk-17"):
        start_jvm.__wrapped__()


def test_messages_of_the_system_stay_english(java, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    assert os.strerror(2) == "No such file or directory"
