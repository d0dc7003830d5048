"""The commands ``backup`` and ``restore``: everything of a person as one zip, and back."""

import argparse
from contextlib import closing
from pathlib import Path

from mobile_app.commands.arguments import add_store, open_store
from mobile_app.engine.command_line import say
from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.whole_state import back_up, restore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``backup``."""
    add_store(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.zip", help="the file to write")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def run(arguments: argparse.Namespace) -> int:
    """Write the whole state, labels and what was learned, as one zip.

    :raises UndertoneError: if the store cannot be read or the file not written.
    """
    if arguments.out.exists() and not arguments.overwrite:
        raise UndertoneError("a path that is free", f"{arguments.out} exists", "choose another or add --overwrite")
    with closing(open_store(arguments)) as store:
        back_up(store, arguments.out)
        say(f"wrote {len(store):,} utterances and what was learned from them to {arguments.out}")
    return 0


def add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``restore``."""
    add_store(parser)
    parser.add_argument("file", type=Path, metavar="FILE.zip", help="as backup wrote it")


def run_restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of the store; close the app first. What was there is kept beside it.

    :raises StoreError: if the file is no whole backup; nothing has changed then.
    """
    restore(arguments.file, arguments.store)
    with closing(open_store(arguments)) as store:
        say(f"restored {len(store):,} utterances; what was there before ends in .before-restore")
    return 0
