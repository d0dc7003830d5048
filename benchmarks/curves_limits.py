"""What this machine can do at most with one thread: bytes read and multiply-adds a second."""

import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

# Far larger than any cache, and about what the encoder layers of a small INT8 model take.
LARGE, SMALL = 256 << 20, 4 << 20
_TIMES = 7


def limits() -> dict[str, float]:
    """Return bytes a second from memory and from the caches, and float32 multiply-adds a second."""
    with threadpool_limits(1):
        return {
            "memory_bytes_per_s": _reading(LARGE, 1),
            "cache_bytes_per_s": _reading(SMALL, 50),
            "multiply_adds_per_s": _multiplying(1024),
            "multiply_adds_per_s_16_rows": _multiplying(16),
        }


def _reading(size: int, rounds: int) -> float:
    array = np.ones(size // 4, np.float32)
    return size * rounds / _best(lambda: [array.max() for _ in range(rounds)])


def _multiplying(rows: int) -> float:
    """Multiply ``rows`` states by a matrix of the size that transformer layers have."""
    inner, outer = 384, 1536
    left = np.ones((rows, inner), np.float32)
    right = np.ones((inner, outer), np.float32)
    rounds = max(1, 4096 // rows)
    return rows * inner * outer * rounds / _best(lambda: [left @ right for _ in range(rounds)])


def _best(work: Callable[[], object]) -> float:
    """Return the fewest seconds, since what other programs do beside it only ever adds."""
    seconds = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
