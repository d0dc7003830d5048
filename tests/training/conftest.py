"""Small real backbones and data for the tests of training."""

import json
from pathlib import Path

import pytest

# The two-label task "topic" is multi-label: some rows carry both labels, some none, and half of the rows no answer.
GOOD = ("we won", "great news", "i love it", "so happy today", "lovely cake", "best day", "thank you", "that is fun")
BAD = ("stop it", "how dare you", "i hate waiting", "outrageous", "shut up", "so unfair", "go away", "that hurts")


def labelled_rows() -> list[dict]:
    """Return 160 rows of one softmax and one sigmoid task; every other row lacks the sigmoid task."""
    rows = []
    for number in range(10):
        for mood, phrases in (("up", GOOD), ("down", BAD)):
            for place, phrase in enumerate(phrases):
                labels: dict[str, object] = {"mood": mood}
                if (number + place) % 2:
                    labels["topic"] = [[], ["me"], ["you"], ["me", "you"]][place % 4]
                split = {6: "dev", 7: "dev", 8: "test", 9: "test"}.get(number, "train")
                rows.append({"text": f"{phrase} {number % 4}", "labels": labels, "split": split})
    return rows


def write_jsonl(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def two_kinds_of_tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a file with a softmax task and a sparsely labelled sigmoid task."""
    return write_jsonl(tmp_path_factory.mktemp("rows") / "rows.jsonl", labelled_rows())
