"""MELD: utterances of a TV series in dialogues, with speaker, emotion and sentiment.

Texts are stripped and otherwise left as published: this release is clean UTF-8, and the tokenizer treats straight and
curly apostrophes alike as punctuation, so normalising them would only hide what the data holds. Dialogue ids begin
anew in each split, and ``Sr No.`` is not unique: ``<split>-<Dialogue_ID>`` names a dialogue here.
"""

from pathlib import Path

from training.datasets.labels import EMOTION_TASK, EMOTIONS, SENTIMENT_TASK, SENTIMENTS
from training.datasets.reading import Reading, check_label
from training.datasets.source import Source
from training.datasets.table import read_table
from training.utterance import Utterance

SOURCE = Source(
    folder="meld",
    address="https://github.com/declare-lab/MELD",
    download="https://github.com/declare-lab/MELD/tree/2d2011b409d3ca2d7e94460cd007d434b1d0a102/data/MELD",
    files={
        "train_sent_emo.csv": "d2fa2d6529cf03cac2989efec05c9b27d8fd2f4c8fc5974c7ae88aa537fa02db",
        "dev_sent_emo.csv": "2e89c6f8aa182d6f62f8c6331aece905ac7273ca4999660bfb5213e1d0370c1c",
        "test_sent_emo.csv": "8d37103938f7067600839fe29d5a114a6cd1bcdafb75bec101e06464c5006888",
    },
    licence="GPL-3.0 (repository); transcripts of a broadcast series",
    citation="Poria et al. 2019, MELD, ACL, arXiv 1810.02508; Chen et al. 2018, EmotionLines, arXiv 1802.08379",
)
COLUMNS = ("Utterance", "Speaker", "Emotion", "Sentiment", "Dialogue_ID", "Utterance_ID")


def read(folder: Path) -> Reading:
    """Read the three files of the published layout."""
    reading = Reading((EMOTION_TASK, SENTIMENT_TASK))
    for name in SOURCE.files:
        _read_split(folder / name, name.split("_")[0], reading)
    return reading


def _read_split(path: Path, split: str, reading: Reading) -> None:
    for line, row in read_table(path, ",", COLUMNS, reading):
        if not row["Utterance"]:
            reading.reject(path, line, "blank text")
            continue
        if not row["Utterance_ID"].isdecimal():
            reading.reject(path, line, "Utterance_ID is no number")
            continue
        reading.utterances.append(
            Utterance(
                text=row["Utterance"],
                labels={
                    "emotion": (check_label(path, line, row["Emotion"], EMOTIONS),),
                    "sentiment": (check_label(path, line, row["Sentiment"], SENTIMENTS),),
                },
                split=split,
                dialogue=f"{split}-{row['Dialogue_ID']}",
                position=int(row["Utterance_ID"]),
                speaker=row["Speaker"] or None,
                uid=f"{split}-{row['Dialogue_ID']}-{row['Utterance_ID']}",
            )
        )
