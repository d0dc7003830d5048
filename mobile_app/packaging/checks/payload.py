"""The app's own files: it holds what it imports, imports what a phone has, and holds nothing else."""

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mobile_app.packaging import sources
from mobile_app.packaging.finding import Finding
from mobile_app.packaging.stage import FOR_GRADLE, SPEC

_THIRD_PARTY = frozenset(("kivy", "numpy", "jnius", "jnius_config", "android"))
# Left out by python-for-android, or gone from Python since 3.11, which stages.
_ABSENT = """
    tkinter idlelib lib2to3 ensurepip test turtle turtledemo curses readline unittest wsgiref pydoc pydoc_data venv
    asynchat asyncore distutils imp smtpd aifc audioop cgi cgitb chunk crypt imghdr mailcap msilib nis nntplib
    ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib
"""
_NOT_ON_PHONES = frozenset(_ABSENT.split())
RUBBISH = frozenset(("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".git", ".DS_Store"))
RUBBISH_SUFFIXES = frozenset((".pyc", ".db", ".sqlite3", ".log", ".orig", ".swp"))
_TOP = frozenset(("main.py", "mobile_app", "licences", FOR_GRADLE, SPEC))
_STAGE = "Stage the app again."


def check(folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with the app's own files."""
    if not (folder / "main.py").is_file():
        yield Finding("payload", "main.py", "is missing: Android starts it", _STAGE)
    yield from _foreign(folder)
    for path in sorted(folder.rglob("*.py")):
        yield from _imports(path, folder)


def _foreign(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.rglob("*")):
        where = path.relative_to(folder).as_posix()
        if path.name in RUBBISH or (path.suffix in RUBBISH_SUFFIXES and not RUBBISH & set(path.parts)):
            remove = partial(shutil.rmtree, path) if path.is_dir() else path.unlink
            yield Finding("payload", where, "is left over from running or editing", "Delete it.", repair=remove)
        elif path.is_symlink():
            yield Finding("payload", where, "is a link: it points to nothing on a phone", _STAGE)
        elif (path.is_dir() and path.name == "tests") or path.name.startswith("test_"):
            yield Finding("payload", where, "is for testing: the app would carry it for nothing", _STAGE)
        elif path.parent == folder and path.name not in _TOP:
            yield Finding("payload", where, "was not staged: the app would carry it", "Delete it, or move it away.")


def _imports(path: Path, folder: Path) -> Iterator[Finding]:
    where = path.relative_to(folder).as_posix()
    try:
        names = sorted(set(sources.imported(path)))
    except SyntaxError as error:
        yield Finding(
            "imports", where, f"is no Python: line {error.lineno}, {error.msg}", "Correct it, and stage again."
        )
        return
    for name in names:
        top = name.partition(".")[0]
        if top == sources.PACKAGE:
            if not _is_there(name, folder):
                yield Finding("imports", where, f"imports {name}, which is not in the app", _STAGE)
        elif not _is_on_phones(top) and (top, path.name) != ("ai_edge_litert", "litert.py"):
            problem = f"imports {top}, which phones do not have"
            yield Finding("imports", where, problem, "Do without it: numpy and the standard library are there.")


def _is_on_phones(top: str) -> bool:
    return top in _THIRD_PARTY or (top in sys.stdlib_module_names and top not in _NOT_ON_PHONES)


def _is_there(name: str, folder: Path) -> bool:
    """Return whether a dotted name is a module of the app, or something in one."""
    base = folder.joinpath(*name.split("."))
    around = base.parent
    return any(path.is_file() for path in (base.with_suffix(".py"), base / "__init__.py")) or any(
        path.is_file() for path in (around.with_suffix(".py"), around / "__init__.py")
    )
