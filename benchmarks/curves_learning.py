"""Learning time against features and classes, store size and start time against labels; without the model."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from benchmarks.learning_probe import stand_ins
from mobile_app.engine.labelled import LabelledUtterance
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.separators import OsElmSeparator, SoftmaxSeparator
from mobile_app.engine.store import Store

FEATURES, CLASSES = (64, 128, 256, 512, 1024), (2, 7, 28, 100)
# Each label takes milliseconds to fill in: a hundred thousand are minutes.
LABELS = (10, 100, 1_000, 10_000, 100_000)
_STEPS = 200


def learning_rows(steps: int = _STEPS) -> list[dict[str, Any]]:
    """Return microseconds of learning one label, by kind, features and classes."""
    rows = []
    with threadpool_limits(1):
        for kind in (SoftmaxSeparator, OsElmSeparator):
            for features in FEATURES:
                rows.append(_learning(kind, features, 28, steps))
            for classes in CLASSES:
                rows.append(_learning(kind, 256, classes, steps))
    return rows


def _learning(kind: Any, features: int, classes: int, steps: int) -> dict[str, Any]:
    random = np.random.default_rng(0)
    labels = [f"label {index}" for index in range(classes)]
    x = random.normal(size=(steps, features)).astype(np.float32)
    separator, seconds = kind(labels, features), []
    for number, row in enumerate(x):
        start = time.perf_counter()
        separator.learn_one(row, labels[number % classes])
        seconds.append(time.perf_counter() - start)
    us = 1e6 * statistics.median(seconds[steps // 10 :])
    return {"separator": kind.__name__, "features": features, "classes": classes, "us": round(us, 2)}


def store_rows(labels: Sequence[int] = LABELS) -> list[dict[str, Any]]:
    """Return size, start time and time of the next label of a store, filled as a person does, at each number."""
    rows, filled = [], 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "undertone.db"
        bundle, encoder, names = stand_ins(256, 28)
        for wanted in labels:
            with closing(Store(path)) as store:
                store.database.query("PRAGMA synchronous = OFF")  # only to fill it faster
                personalizer = Personalizer(bundle, encoder, store)
                for number in range(filled, wanted):
                    personalizer.learn_utterance(_utterance(number, names))
            rows.append(_store_row(path, bundle, encoder, names, wanted))
            filled = wanted + 1  # the row learned one more
    return rows


def _store_row(path: Path, bundle: Any, encoder: Any, names: Sequence[str], n: int) -> dict[str, Any]:
    start = time.perf_counter()
    with closing(Store(path)) as store:
        personalizer = Personalizer(bundle, encoder, store)
        store.history()
        opened = time.perf_counter()
        personalizer.learn_utterance(_utterance(n, names))
        learned = time.perf_counter()
    return {
        "labels": n,
        "mb": round(path.stat().st_size / 1e6, 3),
        "start_ms": round(1e3 * (opened - start), 2),
        "next_label_ms": round(1e3 * (learned - opened), 2),
    }


def _utterance(number: int, names: Sequence[str]) -> LabelledUtterance:
    text = f"utterance number {number}, of about the length that people write in a chat"
    return LabelledUtterance(str(number), text, {"fine": names[number % len(names)]}, "2026-11-20T10:00:00+00:00")
