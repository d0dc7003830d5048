"""Let the app label and learn without a screen: ``python -m tools.walk --bundle BUNDLE --out FOLDER``.

Types utterances into the real app by its own input system, answers by touch, and leaves screenshots and the store.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from mobile_app.engine.command_line import run, say
from mobile_app.engine.files import new_folder
from mobile_app.ui.headless import Step, walk

UTTERANCES = (
    ("ugh fine, I'll do it 🙄", {"emotion": "anger", "sentiment": "negative"}),
    ("you remembered my birthday!", {"emotion": "joy", "sentiment": "positive"}),
    ("ugh fine, we can go 🙄", {"emotion": "anger", "sentiment": "negative"}),
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.walk", description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for screenshots, store and walk.json")
    parser.add_argument("--overwrite", action="store_true")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    with new_folder(arguments.out, overwrite=arguments.overwrite) as folder:
        steps = walk(arguments.bundle, folder / "walk.sqlite3", folder, UTTERANCES)
        content = json.dumps([asdict(step) for step in steps], default=lambda path: path.name, ensure_ascii=False)
        (folder / "walk.json").write_text(content + "\n", encoding="utf-8")
    for step in steps:
        say(sentence(step))
    return 0


def sentence(step: Step) -> str:
    """Return what one utterance taught, for people."""
    changes = (
        f"{label} {100 * step.after[task]:.0f} %, was {100 * step.before[task]:.0f} %"
        for task, label in step.labels.items()
    )
    return f"learned: “{step.text}” is now {' and '.join(changes)}"


if __name__ == "__main__":
    sys.exit(main())
