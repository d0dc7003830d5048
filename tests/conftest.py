"""What every room's tests share: one tiny real run and one tiny real bundle, made once."""

import csv
import os
from pathlib import Path
from random import Random

import pytest

from tests.child import IS_CHILD, Results, run_in_child, sharing_a_child, write_result

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A Java machine in the process makes numpy's linear algebra crash (both claim the main thread's stack), so all tests
# that start one share a child process.
NEEDS_JAVA = (Path(__file__).parent / "android", Path(__file__).parent / "engine" / "test_interpreter_contract.py")
JAVA_RESULTS = pytest.StashKey[Results]()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if IS_CHILD:
        write_result(report)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    if IS_CHILD or not _needs_java(item):
        return None
    session = item.session
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    results = session.stash.setdefault(JAVA_RESULTS, {})
    if item.nodeid not in results:
        names = sharing_a_child(item, filter(_needs_java, session.items))
        results |= run_in_child(session, names, {})
    outcome, words = results.get(item.nodeid, results[""])
    report = pytest.TestReport(item.nodeid, item.location, {}, outcome, words or None, "call")
    item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _needs_java(item: pytest.Item) -> bool:
    return any(item.path.is_relative_to(path) for path in NEEDS_JAVA)


# Two tasks, words that decide them, three dialogues of each kind; enough for a model that is better than chance.
FEELINGS = {
    ("joy", "positive"): ("we won", "great news", "i love it", "so happy today", "what a lovely cake", "best day"),
    ("anger", "negative"): ("stop it", "how dare you", "i hate waiting", "this is outrageous", "shut up", "so unfair"),
    ("neutral", "neutral"): ("at six", "the bus is here", "bring the keys", "it is on the table", "yes", "turn left"),
}
TAGS = ("", "!", "...", "now", "you know", "again")


def tiny_rows() -> list[dict[str, str]]:
    """Return 108 labelled utterances in 18 dialogues, over three splits."""
    rows = []
    for (emotion, sentiment), phrases in FEELINGS.items():
        for number, phrase in enumerate(phrases):
            for position, tag in enumerate(TAGS):
                rows.append(
                    {
                        "dialogue": f"{emotion}{number}",
                        "position": str(position),
                        "speaker": ("Ada", "Ben")[position % 2],
                        "text": f"{phrase} {tag}".strip(),
                        "emotion": emotion,
                        "sentiment": sentiment,
                        "split": ("train", "train", "train", "train", "dev", "test")[position],
                    }
                )
    return rows


@pytest.fixture(scope="session")
def tiny_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny utterances as a file that ``--data`` takes."""
    path = tmp_path_factory.mktemp("data") / "tiny.csv"
    rows = tiny_rows()
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, tiny_csv: Path) -> Path:
    """A run folder: a two-layer backbone built in place, fine-tuned for a few epochs. Do not change it."""
    from training.config import FitConfig
    from training.fit import fit

    path = tmp_path_factory.mktemp("runs") / "tiny"
    fit(FitConfig(data=str(tiny_csv), epochs=6, batch_size=8, learning_rate=1e-3, max_length=16), path, baselines=False)
    return path


# Every part of the multitask prototypical network at once.
PROTOTYPICAL = {
    "self_attention": True,
    "cross_attention": True,
    "branch": "dense",
    "head": "prototypes",
    "loss": "focal",
    "focal_gamma_end": 1.0,
    "class_weights": "adaptive",
    "prototypical_loss": 0.5,
    "word_deletion": 0.1,
}


@pytest.fixture(scope="session")
def prototypical_run(tmp_path_factory: pytest.TempPathFactory, tiny_csv: Path) -> Path:
    """A run folder of the whole multitask prototypical network on the tiny utterances. Do not change it."""
    from training.config import FitConfig
    from training.fit import fit

    path = tmp_path_factory.mktemp("runs") / "prototypical"
    choices = {"data": str(tiny_csv), "epochs": 4, "batch_size": 12, "learning_rate": 1e-3, "max_length": 16}
    fit(FitConfig(**choices, **PROTOTYPICAL), path, baselines=False)
    return path


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path) -> Path:
    """A bundle of the tiny run: three recipes, buckets of 8, 16 and 32 tokens. Copy it before changing it."""
    from converter.build import BuildOptions, build

    path = tmp_path_factory.mktemp("bundles") / "tiny"
    build(tiny_run, path, BuildOptions(lengths=(8, 16, 32), licence="CC0-1.0"))
    return path


@pytest.fixture(scope="session")
def dialogues_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dialogues in which half of the utterances say nothing: the label is that of the speaker's utterance before."""
    words = {emotion: phrases for (emotion, _), phrases in FEELINGS.items()}
    random = Random(7)
    path = tmp_path_factory.mktemp("dialogues") / "dialogues.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["dialogue", "position", "speaker", "text", "emotion", "split"])
        for number in range(60):
            split = "train" if number < 40 else "dev" if number < 50 else "test"
            moods = {name: random.choice(list(words)) for name in ("Ada", "Ben")}
            for position in range(6):
                speaker = ("Ada", "Ben")[position % 2]
                said = "well okay" if position > 1 and random.random() < 0.7 else random.choice(words[moods[speaker]])
                writer.writerow([f"{split}-{number}", position, speaker, said, moods[speaker], split])
    return path
