"""The machine and versions that figures were measured with: a number without them says nothing."""

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PACKAGES = ("undertone", "ai-edge-litert", "numpy")


@dataclass(frozen=True)
class Machine:
    """Where it was measured.

    :param cores: that this process may use.
    :param threads: that the interpreter used.
    """

    cpu: str
    cores: int
    threads: int
    system: str
    versions: dict[str, str]


def this_machine(threads: int) -> Machine:
    """Describe this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return Machine(_cpu(), cores, threads, f"{platform.system()} {platform.release()} {platform.machine()}", versions)


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith(("model name", "Hardware")):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
