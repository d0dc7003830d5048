"""Where chunks run makes no difference, a worker that dies costs only time, and finished chunks are found again."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import UndertoneError
from quantization import evaluation
from quantization.engines import MOST_FAILURES, engine_named, in_process, in_processes
from quantization.evaluation import evaluate
from quantization.work import Work
from tests.conftest import tiny_rows

RECIPES = ("fp32", "dynamic_wi8_afp32")


@pytest.fixture(scope="module")
def texts():
    return [f"{row['text']} {number}" for number in range(5) for row in tiny_rows()]


@pytest.fixture(scope="module")
def bundle(tiny_bundle):
    return Bundle.open(tiny_bundle)


def run(bundle, texts, engine, **options):
    work = Work(str(bundle.path), RECIPES, "fp32")
    done = []
    outcome = evaluate(work, bundle, texts, engine=engine, advance=done.append, **options)
    assert sum(done) == len(texts)
    return outcome


@pytest.fixture(scope="module")
def expected(bundle, texts):
    return run(bundle, texts, in_process, kept=range(0, len(texts), 50))


def assert_equal(one, other):
    """Check that two outcomes are equal to the last bit, sums included."""
    first, second = one.to_arrays(), other.to_arrays()
    assert set(first) == set(second)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)


def test_only_the_wanted_features_are_kept_in_their_order(expected, bundle, texts):
    from mobile_app.engine.encoder import Encoder

    found = expected.recipes["dynamic_wi8_afp32"].kept_features()
    encoder = Encoder(bundle, "dynamic_wi8_afp32")
    np.testing.assert_array_equal(found, np.stack([encoder.encode(text).features for text in texts[::50]]))


def test_a_killed_worker_is_replaced_and_nothing_is_lost(expected, bundle, texts):
    def killing(work, chunks):
        for number, outcome in enumerate(in_processes(work, chunks, workers=2)):
            yield outcome
            if number == 0:
                os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    assert_equal(run(bundle, texts, killing, kept=range(0, len(texts), 50)), expected)


def test_a_chunk_that_kills_every_worker_is_given_up(monkeypatch, bundle, texts):
    monkeypatch.setattr("quantization.engines.do", _die)
    with pytest.raises(UndertoneError, match=f"{MOST_FAILURES} deaths in a row on chunk 0"):
        run(bundle, texts[:10], engine_named("local", workers=2))


def _die(work, chunk):
    os.kill(os.getpid(), signal.SIGKILL)


def test_finished_chunks_are_not_run_again(expected, bundle, texts, tmp_path):
    ran = []

    def counting(work, chunks):
        ran.append([chunk.index for chunk in chunks])
        return in_process(work, chunks)

    def interrupted(work, chunks):
        for number, outcome in enumerate(in_process(work, chunks)):
            if number == 3:
                raise KeyboardInterrupt
            yield outcome

    options = {"kept": range(0, len(texts), 50), "resume": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        run(bundle, texts, interrupted, **options)
    assert_equal(run(bundle, texts, counting, **options), expected)
    assert ran == [[3, 4]]
    parts = sorted(tmp_path.rglob("*.npz"))
    parts[1].write_bytes(parts[1].read_bytes()[:100])
    assert_equal(run(bundle, texts, counting, **options), expected)
    assert ran == [[3, 4], [1]]
    # Other texts are other work.
    run(bundle, texts[:130], counting, resume=tmp_path)
    assert ran[-1] == [0, 1]


def test_memory_does_not_grow_with_features(expected, texts):
    recipe = expected.recipes["dynamic_wi8_afp32"]
    assert sum(len(rows) for rows in recipe.features) == len(range(0, len(texts), 50))
    assert recipe.probabilities_of("emotion").shape == (len(texts), 3)
    assert len(texts) > evaluation.CHUNK


def test_two_ray_workers_give_the_same_answers_though_one_is_killed(expected, bundle, texts):
    pytest.importorskip("ray", reason="the extra `scale` is not installed")
    killed = []

    def killing(work, chunks):
        for number, outcome in enumerate(engine_named("ray", workers=2)(work, chunks)):
            yield outcome
            if number == 0:
                killed.extend(ray_workers()[:1])
                os.kill(killed[0], signal.SIGKILL)

    assert_equal(run(bundle, texts, killing, kept=range(0, len(texts), 50)), expected)
    assert len(killed) == 1


def ray_workers():
    """Return the worker processes of the cluster that this process started."""
    parents, workers = {}, []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if path.joinpath("cmdline").read_bytes().startswith(b"ray::do"):
                workers.append(int(path.name))
        except OSError:  # ended meanwhile
            continue

    def is_ours(process):
        while process in parents and process != os.getpid():
            process = parents[process]
        return process == os.getpid()

    return [worker for worker in workers if is_ours(worker)]


def test_ray_that_is_not_installed_is_one_sentence(bundle, texts, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UndertoneError, match=r"expected the package ray.*undertone\[scale\]"):
        run(bundle, texts[:1], engine_named("ray", workers=1))
