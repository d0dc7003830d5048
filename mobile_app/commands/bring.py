"""The command ``import``: labels from a file into the store, once each, and learned as if they were given now."""

import argparse
from contextlib import closing
from pathlib import Path

from mobile_app.commands.arguments import add_bundle, add_store, open_bundle
from mobile_app.engine.annotation_tools import read_annotations
from mobile_app.engine.bringing import bring, take
from mobile_app.engine.command_line import note, say
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.exchange import read_labels
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_bundle(parser)
    add_store(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="labelled utterances: .jsonl as export writes them")
    parser.add_argument(
        "--from-tool", action="store_true", help="FILE is an export of Label Studio, doccano or Argilla"
    )
    parser.add_argument("--task", metavar="NAME", help="with --from-tool: whose labels they are, where it is not said")
    parser.add_argument(
        "--take-theirs", action="store_true", help="where an id is known with other labels, take those of FILE"
    )
    parser.add_argument(
        "--recipe", default=argparse.SUPPRESS, help="quantization scheme to run (default: the bundle's)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Learn what is new; bringing a file twice changes nothing.

    :raises UndertoneError: if the bundle, the file or the store cannot be used; a wrong line is found before anything
        is learned.
    """
    bundle = open_bundle(arguments)
    tasks = bundle.manifest.tasks
    if arguments.from_tool:
        utterances = read_annotations(arguments.file, tasks, task=arguments.task)
    else:
        utterances = read_labels(arguments.file, tasks)
    with closing(Encoder(bundle, arguments.recipe)) as encoder, closing(Store(arguments.store)) as store:
        personalizer = Personalizer(bundle, encoder, store)
        brought = bring(personalizer, store, utterances)
        for conflict in brought.conflicts:
            if arguments.take_theirs:
                take(personalizer, conflict)
            else:
                note(f"{conflict.brought.uid}: the store has other labels and keeps them; --take-theirs changes that")
    taken = len(brought.conflicts) if arguments.take_theirs else 0
    kept = len(brought.conflicts) - taken
    say(f"learned {brought.learned + taken:,}, known already {brought.known:,}, kept as they were {kept:,}")
    return 0
