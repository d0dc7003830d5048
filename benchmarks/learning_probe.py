"""What learning costs with the numpy at hand; needs the engine and numpy alone, so that any numpy can be tried.

``python benchmarks/learning_probe.py`` prints one JSON object.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.guard import KIND as REPLAY
from mobile_app.engine.learner import as_stored
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.prediction import Encoding
from mobile_app.engine.separators import OsElmSeparator, SoftmaxSeparator
from mobile_app.engine.store import Store
from mobile_app.engine.task import Task

SEED = 0
EPOCHS = 100


def main() -> int:
    """Measure and print."""
    seconds, arithmetic = one_label()
    x, y = labelled(1300, 512, 7)
    found = {
        "numpy": np.__version__,
        "label_ms": 1e3 * statistics.median(seconds),
        "label_arithmetic_ms": 1e3 * statistics.median(arithmetic),
        "softmax_s": best(lambda: SoftmaxSeparator(sorted(set(y)), 512).learn_many(x, y, epochs=EPOCHS)),
        "oselm_label_ms": 1e3 * oselm_label(),
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def one_label() -> tuple[list[float], list[float]]:
    """Time predict, learn and commit at 256 features and 28 classes, the default rule and the guard included.

    :return: seconds of each of 500 labels, and of the arithmetic alone.
    """
    seconds, arithmetic = [], []
    with tempfile.TemporaryDirectory() as folder, closing(Store(Path(folder) / "undertone.db")) as store:
        bundle, encoder, labels = stand_ins(256, 28)
        personalizer = Personalizer(bundle, encoder, store)
        for number in range(500):
            start = time.perf_counter()
            personalizer.predict(f"text {number}")
            personalizer.learn(f"text {number}", {"fine": labels[number % 28]})
            seconds.append(time.perf_counter() - start)
            encoding = encoder.encode(f"text {number}")
            features = as_stored(encoding.features)
            start = time.perf_counter()
            personalizer.learner.learned(features, {"fine": labels[0]}).predict(encoding)
            arithmetic.append(time.perf_counter() - start)
    return seconds, arithmetic


def oselm_label(width: int = 256, n_labels: int = 28) -> float:
    """Return the median seconds of one label of OS-ELM, whose matrix products are the largest of a single label."""
    x, y = labelled(300, width, n_labels)
    separator, seconds = OsElmSeparator(sorted(set(y)), width), []
    for row, label in zip(x, y, strict=True):
        start = time.perf_counter()
        separator.learn_one(row, label)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def stand_ins(width: int, n_labels: int) -> tuple[Bundle, Encoder, tuple[str, ...]]:
    """Return a bundle and an encoder without a model: what is measured here begins at the features."""
    labels = tuple(f"label {index}" for index in range(n_labels))
    task = Task("fine", labels)
    x, y = labelled(3000, width, n_labels)
    base = SoftmaxSeparator(labels, width)
    base.learn_many(x, [labels[int(name)] for name in y])
    carried = np.zeros((200, n_labels), np.uint8)
    carried[np.arange(200), [int(name) for name in y[:200]]] = 1
    replay = {"features": as_stored(x[:200]), "labels": carried}
    manifest = SimpleNamespace(
        tasks=(task,), feature_dimension=width, name="stand-in", version="1", task=lambda name: task
    )
    bundle = SimpleNamespace(
        manifest=manifest,
        path=Path("stand-in"),
        model_hash=lambda recipe: "0" * 64,
        base_separators=lambda: {"fine": {"softmax": base.to_arrays(), REPLAY: replay}},
    )
    return cast(Bundle, bundle), cast(Encoder, _StandInEncoder(width, n_labels)), labels


class _StandInEncoder:
    """Gives every text features of its own."""

    recipe = "fp32"

    def __init__(self, width: int, n_labels: int) -> None:
        self._features = np.random.default_rng(SEED).normal(size=(64, width)).astype(np.float32)
        self._probabilities = {"fine": np.full(n_labels, 1.0 / n_labels, np.float32)}

    def encode(self, text: str) -> Encoding:
        return Encoding(text, 5, False, 8, self._features[sum(text.encode()) % 64], self._probabilities)


def labelled(n: int, width: int, n_labels: int) -> tuple[Any, list[str]]:
    """Return ``n`` random rows of features, and labels that follow from them but for noise."""
    random = np.random.default_rng(SEED)
    x = random.normal(size=(n, width)).astype(np.float32)
    scores = x @ random.normal(size=(width, n_labels)) + random.normal(scale=width**0.5, size=(n, n_labels))
    return x, [str(label) for label in scores.argmax(axis=1)]


def best(work: Callable[[], None], times: int = 3) -> float:
    """Return the processor's seconds, which other programs beside it do not lengthen as they do the clock's."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


if __name__ == "__main__":
    sys.exit(main())
