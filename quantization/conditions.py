"""The machine and versions that figures were measured with: a number without them says nothing."""

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PACKAGES = ("undertone", "ai-edge-litert", "numpy")
# Instructions that decide how fast products of small numbers are, as /proc/cpuinfo calls them: x86, then Arm.
INSTRUCTIONS = (
    ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8"),
    ("asimd", "asimddp", "i8mm", "bf16"),
)


@dataclass(frozen=True)
class Machine:
    """Where it was measured.

    :param cpu: its name, and those of the :data:`INSTRUCTIONS` that it has.
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
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    about = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    name = about.get("model name") or about.get("Hardware") or platform.processor() or platform.machine()
    flags = {*about.get("flags", "").split(), *about.get("Features", "").split()}
    known = [one for family in INSTRUCTIONS for one in family if one in flags]
    return f"{name} ({', '.join(known)})" if known else name
