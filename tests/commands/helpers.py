"""Run a command as a person does: in a process of its own."""

import subprocess
import sys


def mobile_app(*arguments, stdin=b"", environment=None):
    """Return the finished process of ``python -m mobile_app`` with these arguments; outputs are text."""
    done = subprocess.run(
        [sys.executable, "-m", "mobile_app", *map(str, arguments)],
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        capture_output=True,
        env=environment,
        check=False,
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def assert_refused(done, *words):
    """Assert that a process ended with exit code 2 and one line on stderr that holds these words."""
    assert done.returncode == 2, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]
    assert "Traceback" not in done.stderr
