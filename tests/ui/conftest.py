"""The app on a phone that exists in memory only: real touches, real keys, the tiny bundle.

TensorFlow and Mesa's renderer each bring an LLVM of their own, and a process that has both crashes when it draws. So
the tests of this folder run together in one child process without TensorFlow; here each takes its result from there.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mobile_app.ui import environment
from tests.child import IS_CHILD, Results, run_in_child, sharing_a_child

BUNDLE = "UNDERTONE_TEST_BUNDLE"
FOLDER = Path(__file__).parent
RESULTS = pytest.StashKey[Results]()

# Before anything imports Kivy: it reads these once.
os.environ["LANGUAGE"] = "en"
HOME = Path(tempfile.mkdtemp(prefix="undertone-kivy-"))
WIDTH, HEIGHT, DENSITY = 360, 720, 1.0  # of a small phone; few pixels are drawn fast
environment.prepare_offscreen(HOME, density=DENSITY)
if not IS_CHILD:
    # Some widgets open a window when they are imported, which brings Mesa into the process of TensorFlow's tests.
    os.environ["KIVY_WINDOW"] = "none"
environment.configure_offscreen(WIDTH, HEIGHT)
os.environ.pop("KIVY_WINDOW", None)


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


if IS_CHILD:

    @pytest.fixture(scope="session")
    def tiny_bundle() -> Path:
        """Return the bundle that the parent process built."""
        return Path(os.environ[BUNDLE])

else:

    @pytest.fixture(scope="session", autouse=True)
    def _bundle_for_child(tiny_bundle: Path) -> Path:
        return tiny_bundle

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
        results = _results_of_child(pyfuncitem, pyfuncitem.funcargs["_bundle_for_child"])
        outcome, words = results.get(pyfuncitem.nodeid, ("failed", results[""][1]))
        if outcome != "passed":
            pytest.fail(words, pytrace=False)
        return True

    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        for item in items:
            if item.path.is_relative_to(FOLDER):
                item.add_marker(pytest.mark.timeout(1200))  # the first one waits for all
                item.fixturenames[:] = ["_bundle_for_child"]  # what else a test needs is made in the child


def _results_of_child(item: pytest.Item, bundle: Path) -> Results:
    """Run the selected tests of this folder in a child process; return outcome and failure by test."""
    results = item.session.stash.setdefault(RESULTS, {})
    if item.nodeid not in results:
        mine = (other for other in item.session.items if other.path.is_relative_to(FOLDER))
        results |= run_in_child(item.session, sharing_a_child(item, mine), {BUNDLE: str(bundle)})
    return results


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def chosen() -> list[Path | None]:
    """Return the files that the person will choose, one after the other; None is a closed dialog."""
    return []


@pytest.fixture
def copied() -> list[str]:
    """Return what goes to the clipboard."""
    return []


@pytest.fixture
def start(
    tiny_bundle: Path,
    store: Path,
    tmp_path: Path,
    chosen: list[Path | None],
    copied: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Return a function that makes the app and its driver, to be used in a ``with`` block.

    The person knows the app already; ``chosen`` is the list of files that their document picker gives out.
    """
    if not IS_CHILD:
        return None
    from mobile_app.ui.app import _deliver, make_app
    from mobile_app.ui.driver import Driver
    from mobile_app.ui.platform.desktop import desktop_platform
    from mobile_app.ui.platform.desktop.documents import DesktopDocuments
    from mobile_app.ui.platform.desktop.folders import DesktopFolders
    from mobile_app.ui.saved_state import SavedState, StateFile

    StateFile.beside(store).save(SavedState(intro=True))
    monkeypatch.setattr(DesktopFolders, "cache", lambda _self: tmp_path)

    def started(**options: Any) -> Any:
        platform = desktop_platform(_deliver, copied.append)
        documents = DesktopDocuments(_deliver, lambda _name: chosen.pop(0) if chosen else None)
        platform = replace(platform, documents=documents, **options)
        return Driver(make_app(tiny_bundle, store, None, platform))

    return started


@pytest.fixture
def driver(start: Any) -> Iterator[Any]:
    """Run the app until the test ends; the engine is there."""
    if not IS_CHILD:
        yield None
        return
    with start() as started:
        started.resize(WIDTH, HEIGHT)
        started.settle()
        yield started
        started.resize(WIDTH, HEIGHT)
