"""The peak memory of a process is its own, whoever started it."""

import subprocess
import sys

from training.memory import peak_rss_mb

SAY = "from training.memory import peak_rss_mb; print(peak_rss_mb())"


def test_a_child_does_not_count_what_its_parent_holds():
    held = bytearray(b"x") * 500_000_000
    child = float(subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True).stdout)
    assert peak_rss_mb() > 1e-6 * len(held)
    assert 5 < child < 200
