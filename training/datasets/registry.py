"""The datasets by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.datasets import goemotions, iemocap, meld, sample, tsad, tweeteval, xed
from training.datasets.dataset import Dataset
from training.datasets.merging import merged
from training.datasets.own_file import READERS, read_own_file
from training.datasets.reading import Reading, did_you_mean
from training.datasets.source import Source


@dataclass(frozen=True)
class Published:
    """A published dataset.

    :param about: what it is, in a few words.
    :param source: where it comes from.
    :param read: reads its folder.
    :param files: the files that this one needs; None: all of the source.
    """

    about: str
    source: Source
    read: Callable[[Path], Reading]
    files: tuple[str, ...] | None = None


PUBLISHED = {
    "goemotions": Published("Reddit comments, 28 emotions, multi-label", goemotions.SOURCE, goemotions.read),
    "meld": Published("TV dialogues, 7 emotions, 3 sentiments", meld.SOURCE, meld.read),
    "iemocap": Published("acted dialogues, 6 emotions", iemocap.SOURCE, iemocap.read),
    "tsad": Published("tweets, sentiment towards an entity, 4 classes", tsad.SOURCE, tsad.read),
    "tsad-3": Published("the same, irrelevant counted as neutral", tsad.SOURCE, tsad.read_three_classes),
    "tweeteval-emotion": Published("tweets, 4 emotions", tweeteval.SOURCE, tweeteval.read),
    "xed": Published(
        "English subtitles, 8 emotions and neutral, multi-label", xed.SOURCE, xed.reader("en"), xed.FILES["en"]
    ),
    "xed-de": Published("German subtitles, 8 emotions, projected", xed.SOURCE, xed.reader("de"), xed.FILES["de"]),
    "xed-ru": Published("Russian subtitles, 8 emotions, projected", xed.SOURCE, xed.reader("ru"), xed.FILES["ru"]),
    "xed-tr": Published("Turkish subtitles, 8 emotions, projected", xed.SOURCE, xed.reader("tr"), xed.FILES["tr"]),
}
SAMPLE = "sample"


def names() -> tuple[str, ...]:
    """Return the names that :func:`load` knows."""
    return (SAMPLE, *PUBLISHED)


def load(
    name_or_path: str,
    *,
    data_dir: Path | None = None,
    tasks: Sequence[str] | None = None,
    known: Sequence[Task] = (),
) -> Dataset:
    """Read a dataset.

    :param name_or_path: one of :func:`names`, or the path of a person's own .csv, .tsv or .jsonl file; or several of
        these with commas, see :func:`training.datasets.merging.merged`.
    :param data_dir: the folder with the published datasets; None: the one named by ``UNDERTONE_DATA``.
    :param tasks: the tasks to read; None: all.
    :param known: tasks of a model that a person's own file must agree with.
    :raises DataError: if there is no such dataset, it is missing or cannot be used.
    """
    parts = [part.strip() for part in name_or_path.split(",") if part.strip()]
    if len(parts) > 1 and not Path(name_or_path).exists():
        dataset = merged([load(part, data_dir=data_dir, known=known) for part in parts])
    elif Path(name_or_path).suffix.lower() in READERS:
        path = Path(name_or_path)
        dataset = _dataset(path.name, read_own_file(path, tasks, known), "the owner's", path.name)
    elif name_or_path == SAMPLE:
        dataset = _dataset(SAMPLE, sample.read(sample.FOLDER), sample.LICENCE, "training/data/sample")
    elif name_or_path in PUBLISHED:
        published = PUBLISHED[name_or_path]
        folder = published.source.locate(data_dir, published.files)
        dataset = _dataset(name_or_path, published.read(folder), published.source.licence, published.source.address)
    else:
        raise DataError(
            f"a dataset, one of {', '.join(names())}, or a path ending in {', '.join(READERS)}",
            repr(name_or_path),
            did_you_mean(name_or_path, names()).replace("correct it", "choose one of these"),
        )
    return dataset if tasks is None else dataset.with_tasks(tasks)


def _dataset(name: str, reading: Reading, licence: str, source: str) -> Dataset:
    return Dataset(name, reading.tasks, tuple(reading.utterances), tuple(reading.rejected), licence, source)
