"""The command ``export``: what a person labelled, as a file for people, training or an annotation tool."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from mobile_app.commands.arguments import add_store, open_store
from mobile_app.engine.annotation_tools import write_argilla, write_doccano, write_label_studio
from mobile_app.engine.command_line import say
from mobile_app.engine.errors import DataError, UndertoneError
from mobile_app.engine.exchange import write_labels
from mobile_app.engine.labelled import StoredUtterance
from mobile_app.engine.spreadsheet import write_csv

FORMATS = ("jsonl", "csv", "label-studio", "doccano", "argilla")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_store(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    parser.add_argument(
        "--format", choices=FORMATS, default="jsonl", help="jsonl trains and imports again (default: %(default)s)"
    )
    parser.add_argument(
        "--task", metavar="NAME", help="for doccano, which holds one (default: the first that has labels)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def run(arguments: argparse.Namespace) -> int:
    """Write the stored utterances, the oldest first.

    :raises UndertoneError: if the store or the file cannot be used, or there is nothing to export.
    """
    if arguments.out.exists() and not arguments.overwrite:
        raise UndertoneError("a path that is free", f"{arguments.out} exists", "choose another or add --overwrite")
    with closing(open_store(arguments)) as store:
        utterances = store.in_order()
    if not utterances:
        raise DataError(f"labelled utterances in {arguments.store}", "none", "label some first")
    _writer(arguments.format, arguments.task)(arguments.out, utterances)
    say(f"wrote {len(utterances):,} utterances to {arguments.out}")
    return 0


def _writer(name: str, task: str | None) -> Callable[[Path, Sequence[StoredUtterance]], None]:
    if name == "csv":
        return lambda path, utterances: write_csv(path, utterances, _tasks(utterances))
    if name == "doccano":
        return lambda path, utterances: write_doccano(path, utterances, _task(utterances, task))
    return {"jsonl": write_labels, "label-studio": write_label_studio, "argilla": write_argilla}[name]


def _tasks(utterances: Sequence[StoredUtterance]) -> list[str]:
    return list(dict.fromkeys(task for stored in utterances for task in stored.utterance.labels))


def _task(utterances: Sequence[StoredUtterance], wanted: str | None) -> str:
    tasks = _tasks(utterances)
    if wanted is not None and wanted not in tasks:
        raise DataError(f"--task with a task that has labels ({', '.join(tasks)})", repr(wanted), "choose one of these")
    return wanted or tasks[0]
