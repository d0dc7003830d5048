import argparse
import subprocess
import sys

import pytest

from mobile_app.engine import command_line
from mobile_app.engine.errors import BundleError, CheckFailedError


def run(main):
    return command_line.run(main, argparse.ArgumentParser(prog="tool"), [])


def test_no_code_means_done():
    assert run(lambda arguments: None) == 0
    assert run(lambda arguments: 1) == 1


@pytest.mark.parametrize(("error", "code"), [(BundleError, 2), (CheckFailedError, 1)])
def test_an_error_is_one_line_and_its_exit_code(capsys, error, code):
    def main(arguments):
        raise error("a\nbundle", "no\n bundle", "make one")

    assert run(main) == code
    assert capsys.readouterr().err == "tool: expected a bundle; found no bundle; make one\n"


def test_ctrl_c_is_130(capsys):
    def main(arguments):
        raise KeyboardInterrupt

    assert run(main) == 130
    assert "stopped" in capsys.readouterr().err


def test_a_bug_keeps_its_traceback():
    def main(arguments):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(main)


def test_json_keeps_characters_and_refuses_nan(capsys):
    command_line.say_json({"text": "é 😭"})
    assert capsys.readouterr().out == '{"text": "é 😭"}\n'
    with pytest.raises(ValueError, match="Out of range float"):
        command_line.say_json(float("nan"))


CHATTER = """
import argparse, sys
from mobile_app.engine.command_line import run, say
def main(arguments):
    for _ in range(100_000):
        say("\\u00e9" * 50)
sys.exit(run(main, argparse.ArgumentParser(prog="tool"), []))
"""


def test_a_reader_that_goes_away_is_no_error():
    writer = subprocess.Popen([sys.executable, "-c", CHATTER], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writer.stdout.readline()
    writer.stdout.close()
    assert (writer.wait(30), writer.stderr.read()) == (0, b"")


def test_output_is_utf8_whatever_the_locale():
    done = subprocess.run(
        [sys.executable, "-c", CHATTER.replace("100_000", "1")],
        capture_output=True,
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert done.stdout.decode() == "é" * 50 + "\n"
