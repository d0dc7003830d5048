"""How large the APK will be, by parts: the app's own files compressed as they are, the rest by stand-ins."""

import zlib
from pathlib import Path

from mobile_app.packaging.stage import FOR_GRADLE

MB = 1e6
# Compressed size per architecture in MB of what compilers and Google bring. Stand-ins: the same software for Linux on
# this project's desktop, stripped and packed as in an APK (`python -m benchmarks.stage`, table in docs/android.md).
RUNTIME_MB = {
    "Python and its library": 8.0,
    "SDL, OpenSSL, SQLite": 5.7,
    "Kivy": 5.8,
    "NumPy": 6.2,
    "LiteRT": 5.4,
    "Java, resources, signature": 1.0,
}


def payload_mb(folder: Path) -> dict[str, float]:
    """Return the compressed size in MB of the parts of a staged app: model files by name, code, everything else."""
    parts: dict[str, float] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            part = _part(path, folder)
            parts[part] = parts.get(part, 0.0) + len(zlib.compress(path.read_bytes(), 6)) / MB
    return parts


def apk_mb(folder: Path, architectures: int = 1) -> dict[str, float]:
    """Return the estimated size in MB of the APK of a staged app, by parts.

    :param architectures: how many processors it is for: each has its own libraries.
    """
    return {name: size * architectures for name, size in RUNTIME_MB.items()} | payload_mb(folder)


def _part(path: Path, folder: Path) -> str:
    if path.suffix == ".tflite":
        return path.name
    if path.suffix in (".py", ".kv"):
        return "app: code"
    if path.suffix == ".ttf":
        return "app: fonts"
    return "app: pictures for Android" if path.relative_to(folder).parts[0] == FOR_GRADLE else "app: rest of the bundle"
