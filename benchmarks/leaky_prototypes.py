"""What a leak looks like: prototypes of the evaluated batch, made with its own gold labels.

``python -m benchmarks.leaky_prototypes`` classifies MELD's test utterances by the nearest prototype, once with
prototypes of the batch that is evaluated (each utterance is then part of the prototype of its own label), and once with
prototypes of the train split, and writes ``results/leaky_prototypes.json``. The features are noise, which can know
nothing, and TF-IDF reduced to 128 dimensions, which knows a little. Training has no option for the leak.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Figure, record
from mobile_app.engine.command_line import run, say
from mobile_app.engine.task import Task
from training.datasets import load
from training.examples import targets_of
from training.metrics import task_metrics

BATCH_SIZES = (16, 32, 64)
DIMENSIONS = 128
SEEDS = (1, 2, 3)
Floats = NDArray[np.float32]


def leaky_choices(features: Floats, targets: Floats, batch_size: int, *, seed: int) -> NDArray[np.bool_]:
    """Return labels ``[n, n_labels]`` by the nearest prototype of the utterance's own batch: every one saw its answer.

    :param targets: the gold labels, one-hot; labels that are not in a batch have no prototype there.
    """
    chosen = np.zeros(targets.shape, bool)
    for rows in _batches(len(features), batch_size, seed):
        chosen[rows] = honest_choices(features[rows], features[rows], targets[rows])
    return chosen


def honest_choices(features: Floats, train_features: Floats, train_targets: Floats) -> NDArray[np.bool_]:
    """Return labels ``[n, n_labels]`` by the nearest prototype of other utterances."""
    counts = train_targets.sum(axis=0)
    prototypes = (train_targets.T @ train_features) / np.maximum(counts, 1)[:, None]
    squares = (prototypes**2).sum(axis=1) - 2 * features @ prototypes.T
    nearest = np.where(counts > 0, squares, np.inf).argmin(axis=1)
    return np.arange(train_targets.shape[1]) == nearest[:, None]


def _batches(n: int, size: int, seed: int) -> Iterator[NDArray[np.int64]]:
    order = np.random.default_rng(seed).permutation(n)
    yield from (order[start : start + size] for start in range(0, n, size))


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaky_prototypes", description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, help="folder of the published datasets (default $UNDERTONE_DATA)")
    return run(_main, parser, sys.argv[1:])


def _main(arguments: argparse.Namespace) -> int:
    meld = load("meld", data_dir=arguments.data_dir, tasks=("emotion",))
    task, train, test = meld.task("emotion"), meld.split("train"), meld.split("test")
    gold = {"train": targets_of(train, task), "test": targets_of(test, task)}
    known = _reduced_tfidf([one.text for one in train], [one.text for one in test])
    figures, rows = {}, []
    for name in ("noise", "tfidf_lsa"):
        honest: list[float] = []
        leaky: dict[int, list[float]] = {size: [] for size in BATCH_SIZES}
        for seed in SEEDS:
            features = known if name == "tfidf_lsa" else _noise(seed, len(train), len(test))
            honest.append(_score(task, gold["test"], honest_choices(features[1], features[0], gold["train"])))
            for size, found in leaky.items():
                found.append(_score(task, gold["test"], leaky_choices(features[1], gold["test"], size, seed=seed)))
        figures[f"{name}_honest_wf1"] = _figure(honest, "prototypes of the train split")
        for size, found in leaky.items():
            figures[f"{name}_leaky_{size}_wf1"] = _figure(found, f"prototypes of the evaluated batch of {size}")
        rows.append(
            {"features": name, "honest": round(statistics.fmean(honest), 3)}
            | {f"leaky, batch {size}": round(statistics.fmean(found), 3) for size, found in leaky.items()}
        )
        say("  ".join(f"{key} {value}" for key, value in rows[-1].items()))
    data = {"meld": meld.sha256, "split": "test", "n": len(test), "dimensions": DIMENSIONS}
    say(record("leaky_prototypes", figures, data=data, seeds=SEEDS, rows=rows, packages=("scikit-learn",)).name)
    return 0


def _noise(seed: int, n_train: int, n_test: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    train, test = (random.normal(size=(n, DIMENSIONS)).astype(np.float32) for n in (n_train, n_test))
    return train, test


def _reduced_tfidf(train: list[str], test: list[str]) -> tuple[Floats, Floats]:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    counted = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    reduced = TruncatedSVD(DIMENSIONS, random_state=1)
    first = reduced.fit_transform(counted.fit_transform(train)).astype(np.float32)
    return first, reduced.transform(counted.transform(test)).astype(np.float32)


def _score(task: Task, gold: Floats, chosen: NDArray[np.bool_]) -> float:
    return task_metrics(task, gold, chosen).weighted_f1


def _figure(values: list[float], note: str) -> Figure:
    return Figure(statistics.fmean(values), statistics.stdev(values), len(values), f"MELD emotion, test; {note}")


if __name__ == "__main__":
    sys.exit(main())
