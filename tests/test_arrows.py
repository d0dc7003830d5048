"""The arrows of the architecture: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("mobile_app", "training", "converter", "quantization")
# Room -> what of the project it may import besides itself; the longest matching room counts.
ARROWS = {
    "mobile_app": ("mobile_app",),
    "mobile_app.engine": (),
    "mobile_app.commands": ("mobile_app.engine",),
    "mobile_app.ui": ("mobile_app.engine",),
    "mobile_app.packaging": ("mobile_app.engine",),
    "training": ("mobile_app.engine",),
    "converter": ("training", "mobile_app.engine"),
    "quantization": ("mobile_app.engine", "training.datasets", "training.utterance"),
}
LEARNING_PACKAGES = ("tensorflow", "tf_keras", "keras", "transformers", "tokenizers", "sklearn")
# The datasets must load where no training package is.
LIGHT = ("training.datasets", "training.utterance")


def modules(*rooms):
    """Yield dotted name and path of every module of these rooms."""
    for room in rooms:
        for path in sorted((ROOT / room.replace(".", "/")).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, path


def imported(path):
    """Yield the dotted names that a file imports anywhere, with line numbers."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} relative import"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def within(name, packages):
    """Return whether a dotted name is one of the packages or inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def wrong_imports(name, path):
    """Yield a line about every import of a module that its room must not have."""
    room = max((room for room in ARROWS if within(name, [room])), key=len)
    for target, line in imported(path):
        own = within(target, ROOMS) and not within(target, (room, *ARROWS[room]))
        heavy = within(target, LEARNING_PACKAGES) and (within(name, ("mobile_app",)) or within(name, LIGHT))
        report = within(target, LEARNING_PACKAGES[:5]) and within(name, ("quantization",))
        up = within(name, LIGHT) and within(target, ("training",)) and not within(target, LIGHT)
        if own or heavy or report or up:
            yield f"{path.relative_to(ROOT)}:{line} imports {target}"


def test_no_module_imports_against_the_arrows():
    assert [fault for name, path in modules(*ROOMS) for fault in wrong_imports(name, path)] == []


def test_the_check_sees_a_wrong_import(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "mobile_app" / "engine").mkdir(parents=True)
    (tmp_path / "mobile_app/engine/bad.py").write_text(
        "def f():\n    from training.datasets import load\n    import sklearn\n"
    )
    ((name, path),) = modules("mobile_app")
    assert [fault.split(" imports ")[1] for fault in wrong_imports(name, path)] == ["training.datasets.load", "sklearn"]


# Blocks what must not be there, then imports the modules named on the command line.
IMPORT_THEM = """
import importlib, importlib.abc, sys
allowed, blocked, names = (set(word.split(",")) - {""} for word in sys.argv[1:])

class Block(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in blocked or (allowed and top not in allowed | sys.stdlib_module_names):
            raise ImportError(f"{name} is blocked")

for name in [name for name in sys.modules if name.partition(".")[0] in blocked]:
    del sys.modules[name]
sys.meta_path.insert(0, Block())
for name in sorted(names):
    importlib.import_module(name)
"""


def import_alone(names, *, allowed=(), blocked=()):
    """Import modules in a process of its own, in which everything not allowed, or all that is blocked, is missing."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_THEM, ",".join(allowed), ",".join(blocked), ",".join(names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def names_in(*rooms, but=()):
    """Return the modules of these rooms that are no commands of their own."""
    return [name for name, _ in modules(*rooms) if name not in but and not name.endswith("__main__")]


def test_the_engine_needs_numpy_and_the_standard_library_alone():
    names = names_in("mobile_app.engine", but=("mobile_app.engine.litert",))
    assert "mobile_app.engine.encoder" in names
    import_alone(names, allowed=("numpy", "mobile_app"))


def test_the_engine_imports_litert_only_when_a_model_is_opened():
    import_alone(names_in("mobile_app.engine", "mobile_app.commands"), blocked=("ai_edge_litert",))


def test_the_commands_load_without_training_packages():
    import_alone([*names_in("mobile_app.commands"), "mobile_app.__main__"], blocked=LEARNING_PACKAGES)


def test_report_and_datasets_load_without_tensorflow():
    names = [*names_in("quantization", "training.datasets"), "training.utterance"]
    import_alone(names, blocked=LEARNING_PACKAGES[:5])


def test_the_blocked_process_does_block():
    with pytest.raises(AssertionError, match="numpy is blocked"):
        import_alone(["mobile_app.engine.batch"], blocked=("numpy",))
