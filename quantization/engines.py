"""Where chunks run: in this process, in worker processes of this machine, or on a Ray cluster."""

import logging
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import Any

from mobile_app.engine.errors import UndertoneError
from quantization.outcome import Outcome
from quantization.work import Chunk, Work, do

LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)
# A chunk that ends so many pools will end the next one as well.
MOST_FAILURES = 3
# Chunks that wait on a cluster at a time: enough to keep it busy, and memory stays flat.
MOST_WAITING = 64
# A cluster loses workers; one that is lost so often is lost by the chunk.
RETRIES = 10

Engine = Callable[[Work, Sequence[Chunk]], Iterator[Outcome]]


def engine_named(name: str, *, workers: int, address: str | None = None) -> Engine:
    """Return a function that runs chunks and yields their outcomes in order.

    :param workers: processes on this machine (``local``).
    :param address: of the cluster (``ray``); None starts one on this machine with ``workers`` processors.
    """
    if name == RAY:
        return partial(on_ray, address=address, workers=workers)
    return in_process if workers == 1 else partial(in_processes, workers=workers)


def in_process(work: Work, chunks: Sequence[Chunk]) -> Iterator[Outcome]:
    """Run chunks here, one after the other."""
    return (do(work, chunk) for chunk in chunks)


def in_processes(work: Work, chunks: Sequence[Chunk], *, workers: int) -> Iterator[Outcome]:
    """Run chunks in processes that each open all recipes once; one that dies is replaced and its chunks run again.

    :raises UndertoneError: if processes die again and again on the same chunk.
    """
    waiting, failures = list(chunks), 0
    while waiting:
        # Not forked: the interpreter's threads do not survive a fork.
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_ignore_interrupts)
        try:
            for future in [pool.submit(do, work, chunk) for chunk in waiting]:
                outcome = future.result()
                failures = 0
                waiting.pop(0)
                yield outcome
        except BrokenProcessPool:
            failures += 1
            if failures == MOST_FAILURES:
                raise UndertoneError(
                    "worker processes that stay alive",
                    f"{failures} deaths in a row on chunk {waiting[0].index}",
                    "free some memory or use fewer --workers",
                ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    # Ctrl-C reaches every process of a terminal; the parent says what there is to say and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def on_ray(work: Work, chunks: Sequence[Chunk], *, address: str | None, workers: int) -> Iterator[Outcome]:
    """Run chunks as tasks of a Ray cluster, which runs those of a dead worker again.

    :raises UndertoneError: if Ray is not installed, the cluster does not answer, or a task fails for good.
    """
    try:
        import ray
    except ImportError as error:
        raise UndertoneError("the package ray", str(error), 'install it with pip install "undertone[scale]"') from None
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if address is None:
            ray.init(num_cpus=workers, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except Exception as error:  # several types, a bare Exception among them
        raise UndertoneError(
            f"a Ray cluster at {address or 'this machine'}", str(error), "start one with ray start --head"
        ) from None
    try:
        task = ray.remote(max_retries=RETRIES, num_cpus=1)(do)
        references: deque[Any] = deque()
        for chunk in chunks:
            references.append(task.remote(work, chunk))
            if len(references) == MOST_WAITING:
                yield ray.get(references.popleft())
        while references:
            yield ray.get(references.popleft())
    except ray.exceptions.RayError as error:
        raise UndertoneError("every chunk to be run by the cluster", str(error), "see the cluster's logs") from None
    finally:
        ray.shutdown()
