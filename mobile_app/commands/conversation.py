"""A conversation on stdin: each line is predicted in the light of those before it."""

import argparse
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from mobile_app.commands.lines import stdin_lines
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import say, say_json
from mobile_app.engine.context import Conversation
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.errors import DataError
from mobile_app.engine.prediction import TaskPrediction

_WIDTH = 48


@dataclass(frozen=True)
class Line:
    """What was said; speaker None where the line does not say."""

    text: str
    speaker: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--conversation``."""
    parser.add_argument(
        "--conversation",
        action="store_true",
        help='read lines "speaker: text" or {"speaker": ..., "text": ...} from stdin and predict each with those '
        "before it; a blank line begins a new conversation (needs a bundle with a context model)",
    )


def run(bundle: Bundle, recipe: str | None, *, as_json: bool) -> int:
    """Predict each line of stdin in its conversation.

    :raises UndertoneError: if the bundle has no context model, or a line cannot be read.
    """
    with closing(Conversation(bundle, recipe)) as conversation, closing(Encoder(bundle, recipe)) as encoder:
        for line in read_lines(stdin_lines()):
            if line is None:
                conversation.clear()
                continue
            found = conversation.predict(encoder.encode(line.text).features, line.speaker)
            if as_json:
                tasks = {name: task.to_dict() for name, task in found.items()}
                say_json({"speaker": line.speaker, "text": line.text, "tasks": tasks})
            else:
                say(_readable(line, found))
    return 0


def read_lines(lines: Iterable[str]) -> Iterator[Line | None]:
    """Yield what was said line by line, and None where a new conversation begins.

    :raises DataError: at a line that begins like JSON and is no object with a text.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            yield None
        elif line.lstrip().startswith("{"):
            yield _from_json(line, number)
        else:
            speaker, colon, text = line.partition(":")
            yield Line(text.strip(), speaker.strip()) if colon and text.strip() else Line(line.strip())


def _from_json(line: str, number: int) -> Line:
    try:
        values = json.loads(line)
        text, speaker = values["text"], values.get("speaker")
    except (ValueError, KeyError, AttributeError):
        text = speaker = None
    if not isinstance(text, str) or not isinstance(speaker, str | None):
        raise DataError(
            f'{{"text": ..., "speaker": ...}} with strings in line {number} of stdin', line.strip(), "correct the line"
        )
    return Line(text, speaker)


def _readable(line: Line, found: dict[str, TaskPrediction]) -> str:
    text = " ".join(f"{line.speaker}: {line.text}".split() if line.speaker else line.text.split())
    if len(text) > _WIDTH:
        text = text[: _WIDTH - 1] + "…"
    columns = [f"{text:<{_WIDTH}}"]
    for name, task in found.items():
        labels = (task.label,) if isinstance(task.label, str) else task.label
        shown = ", ".join(f"{label} {task.probabilities[label]:.2f}" for label in labels) or "none"
        columns.append(f"{name}: {shown}".ljust(len(name) + max(map(len, task.probabilities)) + 7))
    return "  ".join(columns).rstrip()
