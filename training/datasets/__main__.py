"""``python -m training.datasets``: what there is, what is in it, and export for the app."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mobile_app.engine.command_line import note, run, say, say_json
from mobile_app.engine.errors import DataError
from mobile_app.engine.files import write_file
from training.datasets.arguments import add_data_dir_argument, add_tasks_argument, load_from
from training.datasets.dataset import SPLITS, Dataset
from training.datasets.export import labelled_line
from training.datasets.registry import PUBLISHED, SAMPLE
from training.datasets.sample import LICENCE
from training.datasets.splitting import text_key


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = argparse.ArgumentParser(prog="python -m training.datasets", description="Datasets of labelled utterances.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="the published datasets, and whether they are here")
    add_data_dir_argument(listing)
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    listing.set_defaults(act=list_datasets)
    show = commands.add_parser("show", help="counts per split and label, and the rows that were left out")
    show.add_argument("--json", action="store_true", help="one JSON object")
    show.set_defaults(act=show_dataset)
    export = commands.add_parser("export", help="write a split as the app's labels.jsonl, to replay with `learn`")
    export.add_argument("--split", default="test", choices=(*SPLITS, "all"), help="which utterances (default test)")
    export.add_argument("--speaker", help="this speaker's utterances alone")
    export.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl", help="the file to write")
    export.set_defaults(act=export_dataset)
    for command in (show, export):
        command.add_argument("data", metavar="NAME|FILE", help="a dataset's name, or your own .csv, .tsv or .jsonl")
        add_data_dir_argument(command)
        add_tasks_argument(command)
    return parser


def list_datasets(arguments: argparse.Namespace) -> None:
    """Print a line per dataset."""
    say_row = say_json if arguments.json else _say_row
    say_row({"name": SAMPLE, "present": True, "about": "chat of six friends, 7 emotions", "licence": LICENCE})
    for name, published in PUBLISHED.items():
        source = published.source
        say_row(
            {
                "name": name,
                "present": source.is_present(arguments.data_dir, published.files),
                "about": published.about,
                "licence": source.licence,
                "address": source.address,
                "citation": source.citation,
            }
        )


def _say_row(row: dict[str, Any]) -> None:
    here = "present" if row["present"] else "missing"
    say(f"{row['name']:<19}{here:<9}{row['about']} [{row['licence']}] {row.get('address', '')}".rstrip())


def show_dataset(arguments: argparse.Namespace) -> None:
    """Print what is in a dataset."""
    dataset = load_from(arguments)
    summary = _summary(dataset)
    if arguments.json:
        say_json(summary)
        return
    say(f"{dataset.name}: {dataset.source} [{dataset.licence}]")
    say(f"sha256 {dataset.sha256}")
    splits = summary["splits"]
    _say_counts("", list(SPLITS))
    for what in ("utterances", "dialogues", "speakers", "texts_also_in_train"):
        _say_counts(what.replace("_", " "), [splits[split][what] for split in SPLITS])
    for task in dataset.tasks:
        say(f"{task.name} ({task.activation})")
        for label in task.labels:
            _say_counts(f"  {label}", [splits[split]["labels"][task.name][label] for split in SPLITS])
    say(f"rows left out: {len(dataset.rejected):,}")


def _say_counts(what: str, counts: list[Any]) -> None:
    say(f"{what:<22}" + "".join(f"{count:>9,}" if isinstance(count, int) else f"{count:>9}" for count in counts))


def _summary(dataset: Dataset) -> dict[str, Any]:
    trained = {text_key(one.text) for one in dataset.utterances if one.split == "train"}
    splits = {}
    for split in SPLITS:
        chosen = [one for one in dataset.utterances if one.split == split]
        splits[split] = {
            "utterances": len(chosen),
            "dialogues": len({one.dialogue for one in chosen if one.dialogue}),
            "speakers": len({one.speaker for one in chosen if one.speaker}),
            "texts_also_in_train": 0 if split == "train" else sum(text_key(one.text) in trained for one in chosen),
            "labels": {task.name: dataset.label_counts(task.name, split) for task in dataset.tasks},
        }
    return {
        "name": dataset.name,
        "source": dataset.source,
        "licence": dataset.licence,
        "sha256": dataset.sha256,
        "tasks": [task.to_dict() for task in dataset.tasks],
        "splits": splits,
        "rejected": [asdict(row) for row in dataset.rejected],
    }


def export_dataset(arguments: argparse.Namespace) -> None:
    """Write utterances in the order of the source."""
    dataset = load_from(arguments)
    chosen = dataset.split(arguments.split)
    if arguments.speaker is not None:
        speakers = sorted({one.speaker for one in chosen if one.speaker})
        chosen = tuple(one for one in chosen if one.speaker == arguments.speaker)
        if not chosen:
            shown = ", ".join(speakers[:20]) + (", ..." if len(speakers) > 20 else "")
            raise DataError(f"a speaker of {dataset.name} ({shown})", repr(arguments.speaker), "choose one of these")
    lines = (json.dumps(labelled_line(one, dataset.tasks), ensure_ascii=False, allow_nan=False) for one in chosen)
    write_file(arguments.out, "".join(line + "\n" for line in lines).encode("utf-8"))
    note(f"{arguments.out}: {len(chosen):,} utterances")


def main(arguments: argparse.Namespace) -> None:
    """Do what the subcommand says."""
    arguments.act(arguments)


if __name__ == "__main__":
    sys.exit(run(main, build_parser(), sys.argv[1:]))
