"""Load time and peak memory of one recipe, in a process of its own so that nothing else is counted with it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Footprint:
    """What opening a recipe and encoding some utterances takes.

    :param load_ms: from opening the model file to the first utterance's answer; the bundle is verified before.
    :param peak_rss_mb: highest resident memory of the whole process (10^6 bytes); None where the system does not tell.
    """

    load_ms: float
    peak_rss_mb: float | None


def measure_footprint(bundle: Path, recipe: str, texts: Sequence[str], threads: int) -> Footprint | None:
    """Run :mod:`quantization.footprint_probe` in a child process.

    :return: None if the child could not run (out of memory, say); the report then lacks the two figures.
    """
    command = [sys.executable, "-m", "quantization.footprint_probe", str(bundle.resolve()), recipe, str(threads)]
    done = subprocess.run(
        command, input=json.dumps(list(texts)), capture_output=True, text=True, cwd=_project_root(), check=False
    )
    if done.returncode:
        return None
    return Footprint(**json.loads(done.stdout.splitlines()[-1]))


def peak_rss_mb() -> float | None:
    """Return the highest resident memory of this process so far, in 10^6 bytes.

    ``VmHWM`` belongs to the program that runs; ``ru_maxrss`` would begin at what the parent had when it forked.
    """
    if not _STATUS.exists():
        return None
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None


def _project_root() -> Path:
    return Path(__file__).parent.parent
