"""Speed and exactness of learning on features, as the phone does it: numpy alone, one BLAS thread.

``python -m benchmarks.learning``
"""

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import SGDClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from benchmarks.learning_probe import EPOCHS, SEED, best, labelled, one_label, stand_ins
from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.labelled import LabelledUtterance
from mobile_app.engine.personalizer import Personalizer
from mobile_app.engine.separators import OsElmSeparator, SoftmaxSeparator
from mobile_app.engine.separators.hidden_layer import HiddenLayer
from mobile_app.engine.store import Store

# Features and samples of the tables of training times in the reference paper's layout.
WIDTHS, SAMPLES = (128, 256, 512), (200, 500, 1300)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=int, default=10_000, help="of the large store")
    return run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    with threadpool_limits(1):
        rows = [_training_times(width, n) for width in WIDTHS for n in SAMPLES]
        figures = {"oselm_vs_batch_ridge_error": _ridge_error()} | _one_label() | _large_store(arguments.labels)
    headline = rows[-1]
    figures["sgd_vs_sklearn_time_ratio"] = Figure(
        headline["softmax_s"] / headline["sklearn_s"],
        note=f"{EPOCHS} epochs, 1,300 x 512, 7 classes, one BLAS thread, processor time, best of 3 each; "
        "mini-batches of 32 here, one utterance a step there; row 'loop_s': one utterance a step in plain numpy",
    )
    for row in rows:
        say("  ".join(f"{name} {value:g}" for name, value in row.items()))
    for name, figure in figures.items():
        say(f"{name:<34}{figure.value:>12.4g}")
    data = {"features": "normal random numbers", "epochs": EPOCHS}
    say(str(record("learning", figures, data=data, seeds=[SEED], rows=rows, packages=["scikit-learn"])))
    return 0


def _ridge_error() -> Figure:
    n, width, ridge = 2000, 64, 1.0
    x, y = labelled(n, 32, 7)
    separator = OsElmSeparator(sorted(set(y)), 32, n_hidden=width, ridge=ridge)
    for row, label in zip(x, y, strict=True):
        separator.learn_one(row, label)
    hidden = HiddenLayer(32, width, separator.seed)(x.astype(np.float64))
    targets = np.array([[label == name for name in separator.labels] for label in y], float)
    expected = np.linalg.solve(ridge * np.eye(width + 1) + hidden.T @ hidden, hidden.T @ targets)
    error = float(np.abs(separator.to_arrays()["output"] - expected).max())
    return Figure(error, n=n, note="largest difference of an output weight, single updates, float64")


def _training_times(width: int, n: int) -> dict[str, float]:
    x, y = labelled(n, width, 7)

    def ours() -> None:
        SoftmaxSeparator(sorted(set(y)), width).learn_many(x, y, epochs=EPOCHS)

    def theirs() -> None:
        SGDClassifier(loss="log_loss", max_iter=EPOCHS, tol=None, random_state=SEED).fit(x, y)

    def loop() -> None:
        SoftmaxSeparator(sorted(set(y)), width, batch_size=1).learn_many(x, y, epochs=EPOCHS // 50)

    row = {"features": width, "samples": n, "softmax_s": best(ours), "sklearn_s": best(theirs)}
    return row | {"loop_s": 50 * best(loop, times=1)}


def _one_label() -> dict[str, Figure]:
    seconds, arithmetic = one_label()
    note = "256 features, 28 classes, default rule; without the model"
    return {
        "label_ms_median": Figure(
            1e3 * statistics.median(seconds), n=len(seconds), note=f"predict, learn, guard and commit; {note}"
        ),
        "label_arithmetic_ms_median": Figure(
            1e3 * statistics.median(arithmetic), n=len(arithmetic), note=f"learn and predict; {note}"
        ),
    }


def _large_store(n: int) -> dict[str, Figure]:
    """Fill a store as a person does, and time the next start."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "undertone.db"
        bundle, encoder, labels = stand_ins(256, 28)
        with closing(Store(path)) as store:
            store._database.query("PRAGMA synchronous = OFF")  # only to fill it faster
            personalizer = Personalizer(bundle, encoder, store)
            for number in range(n):
                text = f"utterance number {number}, of about the length that people write in a chat"
                utterance = LabelledUtterance(str(number), text, {"fine": labels[number % 28]}, "2026-11-20T10:00:00Z")
                personalizer.learn_utterance(replace(utterance, when="2026-11-20T10:00:00+00:00"))
        size = path.stat().st_size
        start = time.perf_counter()
        with closing(Store(path)) as store:
            Personalizer(bundle, encoder, store)
            store.history()
            seconds = time.perf_counter() - start
    return {
        "store_start_s": Figure(seconds, n=n, note="open, check and load the learner; 256 features, 28 classes"),
        "store_mb": Figure(size / 1e6, n=n, note="features cached as float16, snapshots included"),
    }


if __name__ == "__main__":
    sys.exit(main())
