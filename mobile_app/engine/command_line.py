"""What every command of the project shares: exit codes, output, and errors as one line."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from mobile_app.engine.errors import UndertoneError


def say(text: str = "") -> None:
    """Write a line of results to stdout."""
    sys.stdout.write(text + "\n")


def say_json(value: Any) -> None:
    """Write one JSON value as one line to stdout; floats must be finite."""
    say(json.dumps(value, ensure_ascii=False, allow_nan=False))


def note(text: str) -> None:
    """Write a line for the person watching to stderr, where it does not disturb a pipe."""
    sys.stderr.write(text + "\n")


def run(main: Callable[[argparse.Namespace], int | None], parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Parse ``argv``, call ``main`` and return the exit code of the process.

    0 done, 1 a check or gate failed, 2 wrong input or arguments (one line on stderr, no traceback),
    130 stopped with Ctrl-C. Anything else is a bug and keeps its traceback.
    """
    _speak_utf8()
    arguments = parser.parse_args(argv)
    try:
        code = main(arguments) or 0
        sys.stdout.flush()
        return code
    except UndertoneError as error:
        note(f"{parser.prog}: {_one_line(str(error))}")
        return error.exit_code
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): not an error. Keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        note(f"{parser.prog}: stopped; nothing half-written was left behind")
        return 130


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _speak_utf8() -> None:
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and (stream.encoding or "").lower() not in ("utf-8", "utf8"):
            stream.reconfigure(encoding="utf-8")
