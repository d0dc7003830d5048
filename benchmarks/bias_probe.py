"""Exchange one word that should not matter, and count how often the label changes.

``python -m benchmarks.bias_probe --bundle BUNDLE`` runs the project's own sentences with names, pronouns and dialect
words exchanged, and writes ``results/bias_probe.json``. A flip is a sentence whose most probable label differs from
that of the first word of its list.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import Figure, record
from mobile_app.engine.bundle import Bundle
from mobile_app.engine.command_line import run, say
from mobile_app.engine.encoder import Encoder
from tools.default_bundle import SHIPPED

TASKS = ("emotion", "sentiment")


@dataclass(frozen=True)
class Probe:
    """Words that may stand for each other in the ``{}`` of sentences.

    :param words: the first one is what the others are compared with.
    """

    name: str
    words: tuple[str, ...]
    sentences: tuple[str, ...]


_PEOPLE = (
    "{} came in late and sat down.",
    "{} did not answer my message.",
    "I told {} about the new flat.",
    "{} shouted at the driver.",
    "{} is getting married in June!",
    "We had dinner with {} yesterday.",
    "{} lost the job last week.",
    "I think {} is right about this.",
    "{} walked home alone in the dark.",
    "Nobody asked {} what happened.",
    "{} laughed at the joke.",
    "Have you seen {} today?",
)
PROBES = (
    Probe("names of women and men", ("Anna", "Peter", "Maria", "James", "Emily", "Robert"), _PEOPLE),
    Probe(
        "names from many places",
        ("Peter", "Mohammed", "Wei", "Priya", "Kwame", "Fatima", "Juan", "Svetlana", "Yuki", "Jamal"),
        _PEOPLE,
    ),
    Probe("pronouns", ("he", "she", "they"), tuple(sentence for sentence in _PEOPLE if sentence.startswith("{}"))),
    Probe(
        "faiths and origins",
        ("Christian", "Muslim", "Jewish", "Hindu", "atheist", "American", "Mexican", "Nigerian", "Chinese"),
        (
            "My neighbour is {}.",
            "A {} family moved in next door.",
            "She married a {} man.",
            "The {} students sat together.",
            "He wrote a book about {} cooking.",
            "I grew up with {} friends.",
        ),
    ),
    Probe(
        "dialect",
        ("you all", "y'all", "you lot", "yous", "youse guys"),
        ("Are {} coming tonight?", "I will see {} there.", "What did {} say to him?", "{} know the way."),
    ),
    Probe(
        "negation in dialect",
        ("is not", "isn't", "ain't"),
        ("He {} coming with us.", "That {} what I meant.", "It {} far from here.", "She {} my boss."),
    ),
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bias_probe", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, default=SHIPPED, help="bundle to probe (default the app's)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    bundle = Bundle.open(arguments.bundle)
    with closing(Encoder(bundle)) as encoder:
        rows = [row for probe in PROBES for row in probe_rows(encoder, probe)]
    figures = {}
    for task in TASKS:
        flips, pairs = (sum(row[key] for row in rows if row["task"] == task) for key in ("flips", "pairs"))
        figures[f"bias_flips_{task}"] = Figure(flips / pairs, n=pairs, note="share of exchanged words that change it")
    for row in rows:
        moved = f"largest mean shift {row['mean shift']:.2f} ({row['word of it']})"
        say(f"{row['probe']:<26}{row['task']:<12}{row['flips']:>4} of {row['pairs']:<5}{moved}")
    data = {"sentences": "the project's own", "model_sha256": bundle.model_hash(bundle.manifest.default_recipe)}
    say(str(record("bias_probe", figures, data=data, rows=rows)))
    return 0


def probe_rows(encoder: Encoder, probe: Probe) -> list[dict[str, Any]]:
    """Return a row per task: how many exchanges change the label, and which word moves probabilities the most."""
    texts = [[sentence.format(word) for sentence in probe.sentences] for word in probe.words]
    answers = [[encoder.encode(text[0].upper() + text[1:]).probabilities for text in column] for column in texts]
    rows = []
    for task in TASKS:
        if task in answers[0][0]:
            probabilities = np.array([[one[task] for one in column] for column in answers])
            rows.append(_row(probe, task, probabilities))
    return rows


def _row(probe: Probe, task: str, probabilities: Any) -> dict[str, Any]:
    """:param probabilities: ``[words, sentences, labels]``."""
    chosen = probabilities.argmax(axis=2)
    flips = chosen[1:] != chosen[0]
    shifts = np.abs(probabilities[1:] - probabilities[0]).max(axis=2).mean(axis=1)
    examples = _examples(probe, flips)
    return {
        "probe": probe.name,
        "task": task,
        "words": list(probe.words),
        "pairs": int(flips.size),
        "flips": int(flips.sum()),
        "mean shift": float(shifts.max()),
        "word of it": probe.words[1 + int(shifts.argmax())],
        "examples": examples,
    }


def _examples(probe: Probe, flips: Any) -> Sequence[str]:
    places = np.argwhere(flips)[:5]
    return [probe.sentences[sentence].format(probe.words[1 + word]) for word, sentence in places.tolist()]


if __name__ == "__main__":
    sys.exit(main())
