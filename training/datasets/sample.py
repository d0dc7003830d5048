"""The sample corpus: dialogues between six invented friends, written for this project and dedicated to the public."""

from pathlib import Path

from training.datasets.dataset import SPLITS
from training.datasets.labels import EMOTION_TASK, EMOTIONS, SENTIMENT_TASK, SENTIMENTS
from training.datasets.reading import Reading, check_label
from training.datasets.table import read_table
from training.utterance import Utterance

FOLDER = Path(__file__).parent.parent / "data" / "sample"
LICENCE = "CC0-1.0"
COLUMNS = ("dialogue", "position", "speaker", "text", "emotion", "sentiment")


def read(folder: Path) -> Reading:
    """Read ``train.csv``, ``dev.csv`` and ``test.csv``."""
    reading = Reading((EMOTION_TASK, SENTIMENT_TASK))
    for split in SPLITS:
        path = folder / f"{split}.csv"
        for line, row in read_table(path, ",", COLUMNS, reading):
            reading.utterances.append(
                Utterance(
                    text=row["text"],
                    labels={
                        "emotion": (check_label(path, line, row["emotion"], EMOTIONS),),
                        "sentiment": (check_label(path, line, row["sentiment"], SENTIMENTS),),
                    },
                    split=split,
                    dialogue=row["dialogue"],
                    position=int(row["position"]),
                    speaker=row["speaker"],
                    uid=f"{row['dialogue']}-{row['position']}",
                )
            )
    return reading
