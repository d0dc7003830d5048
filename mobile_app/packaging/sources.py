"""Which modules the app needs: whatever main.py reaches by imports, early or late, and nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "mobile_app"
ROOT = Path(__file__).parents[2]
_KV_IMPORT = re.compile(r"^#:import\s+\S+\s+(\S+)", re.MULTILINE)


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module, and the .kv file beside it, import anywhere but for type checking.

    A ``from`` import yields ``module.name``: the name may be a module itself.
    """
    yield from _imported(ast.parse(path.read_text(encoding="utf-8"), str(path)))
    beside = path.with_suffix(".kv")
    if beside.is_file():
        yield from _KV_IMPORT.findall(beside.read_text(encoding="utf-8"))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for branch in node.orelse:
                yield from _imported(branch)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from _imported(node)


def reached_from(main: Path, root: Path = ROOT) -> list[Path]:
    """Return the files of the app's modules that ``main`` reaches, and of the packages around them, sorted."""
    found: set[Path] = set()
    waiting = [main]
    while waiting:
        for name in imported(waiting.pop()):
            for path in _files(name, root):
                if path not in found:
                    found.add(path)
                    waiting.append(path)
    return sorted(found)


def _files(name: str, root: Path) -> Iterator[Path]:
    """Yield the file of a module, or of the module that a name is in, and of the packages around it."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return
    for length in range(1, len(parts) + 1):
        base = root.joinpath(*parts[:length])
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                yield path
