r"""TweetEval emotion: English tweets with one of four emotions.

Lines end at LF alone, since other separators occur inside tweets; each text is stripped. HTML entities (``&amp;``) and
the literal ``\n`` are artefacts of the publisher's export that no phone ever types: entities are unescaped, and a
literal backslash-n becomes a space. User names stay ``@user``.
"""

import html
from pathlib import Path

from mobile_app.engine.errors import DataError
from mobile_app.engine.task import Task
from training.datasets.reading import Reading, check_label
from training.datasets.source import Source
from training.datasets.text_files import read_lines
from training.utterance import Utterance

SOURCE = Source(
    folder="tweeteval_emotion",
    address="https://github.com/cardiffnlp/tweeteval",
    download="https://github.com/cardiffnlp/tweeteval/tree/4fbd22cd78421f05b1ecdb4fc5725bc7a7bd8f66/datasets/emotion",
    files={
        "train_text.txt": "2c62f67aeb3eac1aea0e5a9c3d0f4bc337992581f3f858061786a1fb4d79d95e",
        "train_labels.txt": "987e767d8679e18abdf7de37a6d2bcd0a40a296ddd704e8d515cf0e3033c8d9c",
        "val_text.txt": "e2e30c86b8cbb97944d6543aedc06eace3bb275cb2f381aba787b838b4f23ca5",
        "val_labels.txt": "313730630160b7e0a6b4235b800c76683f4aeeb72d094eb69646630cd5cfe338",
        "test_text.txt": "7e1070f5d3e3fcece5bc73680bff9981e90d8f7b2f1009bfe7a01d059d1c6091",
        "test_labels.txt": "245072348c711961785be6d395997f97cf7fcda3effeae7805664171dc75f913",
    },
    licence="no restrictions but those of SemEval-2018 Task 1 and of the platform",
    citation="Barbieri et al. 2020, TweetEval, Findings of EMNLP; Mohammad et al. 2018, SemEval-2018 Task 1",
)
LABELS = ("anger", "joy", "optimism", "sadness")
PREFIXES = {"train": "train", "dev": "val", "test": "test"}


def read(folder: Path) -> Reading:
    """Read the three pairs of files of the published layout."""
    reading = Reading((Task("emotion", LABELS),))
    for split, prefix in PREFIXES.items():
        _read_split(folder / f"{prefix}_text.txt", folder / f"{prefix}_labels.txt", split, reading)
    return reading


def _read_split(text_path: Path, label_path: Path, split: str, reading: Reading) -> None:
    texts, ids = list(read_lines(text_path)), list(read_lines(label_path))
    if len(texts) != len(ids):
        raise DataError(
            f"as many lines in {label_path.name} as in {text_path.name}",
            f"{len(ids):,} and {len(texts):,}",
            "get both files from the same release",
        )
    known = {str(index): label for index, label in enumerate(LABELS)}
    for (line, raw), (_, one) in zip(texts, ids, strict=True):
        label = known[check_label(label_path, line, one.strip(), known)]
        text = " ".join(html.unescape(raw).replace("\\n", " ").split())
        if text:
            reading.utterances.append(Utterance(text=text, labels={"emotion": (label,)}, split=split))
        else:
            reading.reject(text_path, line, "blank text")
