"""The command ``learn``: replays labelled utterances as if a person gave the labels one by one."""

import argparse
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.commands.arguments import add_bundle, open_bundle
from mobile_app.engine.command_line import note, say, say_json
from mobile_app.engine.comparison import Comparison
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.exchange import read_labels
from mobile_app.engine.labelled import LabelledUtterance
from mobile_app.engine.personalizer import DEFAULT_SEPARATOR, Personalizer
from mobile_app.engine.separators import SEPARATORS
from mobile_app.engine.store import Store

_HEADER = ("task", "n", "base acc", "personal acc", "base wF1", "personal wF1")


@dataclass(frozen=True)
class _Replay:
    """What came of the labels of a file."""

    learned: int
    skipped: int
    comparisons: Mapping[str, Comparison]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_bundle(parser)
    parser.add_argument("--store", type=Path, required=True, metavar="DB", help="database of the learner")
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        metavar="FILE.jsonl",
        help='labelled utterances, one {"text": ..., "labels": {task: label}} a line, in the order to learn them; '
        "a label that the bundle's task does not have is added to it as a new one; ids that the store knows already "
        "are skipped",
    )
    parser.add_argument(
        "--recipe", default=argparse.SUPPRESS, help="quantization scheme to run (default: the bundle's)"
    )
    parser.add_argument(
        "--separator",
        choices=tuple(SEPARATORS),
        default=DEFAULT_SEPARATOR,
        help="what learns on the features (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Predict each utterance, then learn it; print how well base and learner did, at every power of two and at the end.

    :raises UndertoneError: if the bundle, a line of the labels or the store cannot be used; a wrong line is found
        before anything is learned.
    """
    bundle = open_bundle(arguments)
    utterances = read_labels(arguments.labels, bundle.manifest.tasks)
    with (
        closing(Encoder(bundle, arguments.recipe)) as encoder,
        closing(Store(arguments.store)) as store,
    ):
        personalizer = Personalizer(bundle, encoder, store, separator=arguments.separator)
        replay = _replay(personalizer, store, utterances)
        new_labels = _new_labels(personalizer)
    if arguments.json:
        marks = {name: comparison.marks() for name, comparison in replay.comparisons.items()}
        say_json(
            {
                "bundle": f"{bundle.manifest.name} {bundle.manifest.version}",
                "recipe": encoder.recipe,
                "separator": arguments.separator,
                "learned": replay.learned,
                "skipped": replay.skipped,
                "new_labels": new_labels,
                "tasks": {name: {"end": rows[-1] if rows else None, "marks": rows} for name, rows in marks.items()},
            }
        )
    else:
        _print(replay, new_labels)
    return 0


def _replay(personalizer: Personalizer, store: Store, utterances: tuple[LabelledUtterance, ...]) -> _Replay:
    comparisons = {name: Comparison() for name in personalizer.learner.tasks}
    learned = 0
    for utterance in utterances:
        if utterance.uid in store:
            continue
        result = personalizer.learn_utterance(utterance)
        learned += 1
        for name, label in utterance.labels.items():
            comparisons[name].add(label, result.base.tasks[name].label, result.before.tasks[name].label)
    return _Replay(learned, len(utterances) - learned, comparisons)


def _new_labels(personalizer: Personalizer) -> dict[str, list[str]]:
    """Return the labels that the bundle's tasks do not have, where there are any."""
    added = {
        name: list(learner.separator.labels[len(learner.task.labels) :])
        for name, learner in personalizer.learner.tasks.items()
    }
    return {name: labels for name, labels in added.items() if labels}


def _print(replay: _Replay, new_labels: Mapping[str, list[str]]) -> None:
    rows: list[tuple[str, ...]] = [_HEADER]
    for name, comparison in replay.comparisons.items():
        rows += [_row(name, mark) for mark in comparison.marks()]
    if len(rows) > 1:
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
        for row in rows:
            cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            say("  ".join([row[0].ljust(widths[0]), *cells]))
    say(f"learned {replay.learned}, skipped {replay.skipped} that the store knew already")
    for name, labels in new_labels.items():
        note(f"labels of {name} that the bundle does not have: {', '.join(labels)}")


def _row(name: str, mark: Mapping[str, Any]) -> tuple[str, ...]:
    base, personal = mark["base"], mark["personal"]
    scores = (base["accuracy"], personal["accuracy"], base["weighted_f1"], personal["weighted_f1"])
    return (name, str(mark["n"]), *(f"{score:.3f}" for score in scores))
