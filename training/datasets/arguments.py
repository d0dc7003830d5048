"""The command line options that name data, the same for every command."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mobile_app.engine.task import Task
from training.datasets.dataset import Dataset
from training.datasets.registry import load, names


def add_data_arguments(parser: argparse.ArgumentParser, *, default: str | None = "sample") -> None:
    """Add ``--data``, ``--data-dir`` and ``--tasks``.

    :param default: the dataset unless one is named; None: one must be named.
    """
    parser.add_argument(
        "--data",
        metavar="NAME|FILE",
        default=default,
        required=default is None,
        help=f"{', '.join(names())}, or your own .csv, .tsv or .jsonl; several with commas"
        + (f" (default {default})" if default else ""),
    )
    add_data_dir_argument(parser)
    add_tasks_argument(parser)


def add_data_dir_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--data-dir``."""
    parser.add_argument(
        "--data-dir", metavar="DIR", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)"
    )


def add_tasks_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--tasks``."""
    parser.add_argument(
        "--tasks", metavar="A,B", type=_names, help="tasks to read (default all); in your own table: its label columns"
    )


def load_from(arguments: argparse.Namespace, *, known: Sequence[Task] = ()) -> Dataset:
    """Load what the options name, and say on stderr which rows were left out.

    :param known: tasks of a model that a person's own file must agree with.
    :raises DataError: if the dataset cannot be used.
    """
    dataset = load(arguments.data, data_dir=arguments.data_dir, tasks=arguments.tasks, known=known)
    dataset.report_rejected()
    return dataset


def _names(text: str) -> tuple[str, ...]:
    tasks = tuple(name.strip() for name in text.split(",") if name.strip())
    if not tasks:
        raise argparse.ArgumentTypeError("expected names separated by commas")
    return tasks
