"""How large the staged app is, and an estimate of its APK by parts: python -m benchmarks.stage --bundle B.

The app's own part is exact: the archive that python-for-android itself packs. What compilers and Google bring is
weighed in stand-ins: the same software for Linux on this machine, compressed as in an APK. Libraries for Linux are not
those for Android, so read these rows as "about"; numpy is weighed without OpenBLAS, which phones do not get.
"""

import argparse
import marshal
import subprocess
import sys
import sysconfig
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from importlib import util
from pathlib import Path

from benchmarks.record import Figure, record
from mobile_app.engine import command_line
from mobile_app.engine.command_line import say
from mobile_app.packaging.app_config import AppConfig
from mobile_app.packaging.rendering import Rendering, render
from mobile_app.packaging.stage import Stage, stage

MB = 1e6
NOT_PACKED = {
    "test",
    "tests",
    "tkinter",
    "idlelib",
    "lib2to3",
    "ensurepip",
    "site-packages",
    "__pycache__",
    "turtledemo",
    "unittest",
    "pydoc_data",
    "wsgiref",
    "distutils",
}
SOURCES_ONLY = {".h", ".pxi", ".pxd", ".pyi", ".pyx", ".c", ".a", ".txt", ".md", ".pyc"}
PURE = ("requests", "urllib3", "chardet", "idna", "certifi", "filetype")  # what Kivy's recipe brings
JAVA_MB = 1.0  # classes, resources and the signature: assumed, not weighed


def packed(paths: Iterable[Path]) -> float:
    """Return the compressed size in MB of files; Python files are compiled without docstrings first."""
    return sum(len(zlib.compress(_content(path), 6)) for path in paths) / MB


def _content(path: Path) -> bytes:
    if path.read_bytes()[:4] == b"\x7fELF":
        return _stripped(path)
    content = path.read_bytes()
    if path.suffix != ".py":
        return content
    try:
        return marshal.dumps(compile(content, path.name, "exec", optimize=2))
    except (SyntaxError, ValueError):
        return content


def _stripped(path: Path) -> bytes:
    """Return a library without its symbols, as python-for-android packs it."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / path.name
        subprocess.run(["strip", "--strip-unneeded", "-o", out, path], check=True, capture_output=True)
        return out.read_bytes()


def files_in(folder: Path, patterns: tuple[str, ...] = ("*",)) -> Iterator[Path]:
    """Yield what of a package's folder a phone would get."""
    for pattern in patterns:
        for path in sorted(folder.rglob(pattern)):
            inside = path.relative_to(folder).parts
            if path.is_file() and not NOT_PACKED & set(inside) and path.suffix not in SOURCES_ONLY:
                yield path


def stand_ins() -> dict[str, float]:
    """Return the compressed size in MB of what is not the app's own, by part."""
    site = Path(sysconfig.get_paths()["purelib"])
    library = Path(sysconfig.get_paths()["stdlib"])
    pure = [
        path for name in ("requests", "urllib3", "chardet", "idna", "certifi", "filetype") for path in _package(name)
    ]
    return {
        "Python and its library": packed([*files_in(library), *_shared("python3.11")]),
        "SDL, OpenSSL, SQLite": packed(
            [*_kivy_libraries(site), *_shared("ssl"), *_shared("crypto"), *_shared("sqlite3"), *_shared("ffi")]
        ),
        "Kivy": packed([*_package("kivy"), *pure]),
        "NumPy": packed(_package("numpy")),
        "LiteRT": packed(_package("ai_edge_litert", ("libpywrap_litert_common.so",))),
        "Java, resources, signature": JAVA_MB,
    }


def _package(name: str, patterns: tuple[str, ...] = ("*",)) -> Iterator[Path]:
    spec = util.find_spec(name)
    if spec is not None and spec.submodule_search_locations:
        yield from files_in(Path(spec.submodule_search_locations[0]), patterns)


def _kivy_libraries(site: Path) -> Iterator[Path]:
    for folder in sorted(site.glob("[Kk]ivy.libs")):
        yield from sorted(folder.iterdir())


def _shared(name: str) -> list[Path]:
    """Return the shared library of that name which this process or the system has."""
    places = (Path(sys.base_prefix, "lib"), Path("/usr/lib/x86_64-linux-gnu"), Path("/lib/x86_64-linux-gnu"))
    for place in places:
        found = sorted(path for path in place.glob(f"lib{name}.so*") if path.is_file())
        if found:
            return [found[-1].resolve()]
    return []


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stage", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to weigh")
    parser.add_argument("--recipe", help="the recipe to ship (default: the bundle's)")
    parser.add_argument("--out", type=Path, help="folder of the result (default: results)")
    return command_line.run(_measure, parser, sys.argv[1:])


def _measure(arguments: argparse.Namespace) -> int:
    recipes = (arguments.recipe,) if arguments.recipe else ()
    with tempfile.TemporaryDirectory() as scratch:
        staged = stage(AppConfig(bundle=arguments.bundle, recipes=recipes), Path(scratch) / "android")
        rendering = render(staged.path, Path(scratch) / "gradle", byte_compile=True)
        parts = stand_ins() | _own(staged, rendering)
    for name, size in parts.items():
        say(f"{size:6.2f} MB  {name}")
    total = sum(parts.values())
    say(f"{total:6.2f} MB  APK for one processor, estimated; staged files {staged.bytes / MB:.2f} MB")
    folder = {"folder": arguments.out} if arguments.out else {}
    path = record(
        "stage",
        {
            "stage_mb_pocket": Figure(round(total, 2), note="APK estimate: exact payload, the rest in Linux stand-ins"),
            "stage_files_mb": Figure(
                round(staged.bytes / MB, 2), n=len(staged.files), note="files that buildozer gets"
            ),
        },
        data={"bundle": arguments.bundle.name, "recipes": recipes or "the bundle's default"},
        rows=[{"part": name, "mb": round(size, 2)} for name, size in parts.items()],
        packages=["kivy", "buildozer", "python-for-android"],
        **folder,
    )
    say(f"{path}")
    return 0


def _own(staged: Stage, rendering: Rendering) -> dict[str, float]:
    """Split the packed archive: the model is by far the largest, the rest is what remains."""
    models = [staged.path / name for name in staged.files if name.endswith(".tflite")]
    sizes = {f"the model, {path.name}": packed([path]) for path in models}
    archive = rendering.payload.stat().st_size / MB
    pictures = packed(path for path in (staged.path / "android").iterdir() if path.suffix == ".png")
    return sizes | {"the app: code, fonts, rest of the bundle": archive - sum(sizes.values()), "icons": pictures}


if __name__ == "__main__":
    sys.exit(main())
