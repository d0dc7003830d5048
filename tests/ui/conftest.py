"""The app on a phone that exists in memory only: real touches, real keys, the tiny bundle.

TensorFlow and Mesa's renderer each bring an LLVM of their own, and a process that has both crashes when it draws. So
the tests of this folder run together in one child process without TensorFlow; here each takes its result from there.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mobile_app.ui import environment
from tests.child import IS_CHILD, Results, run_in_child

BUNDLE = "UNDERTONE_TEST_BUNDLE"
FOLDER = Path(__file__).parent
RESULTS = pytest.StashKey[Results]()

# Before anything imports Kivy: it reads these once.
HOME = Path(tempfile.mkdtemp(prefix="undertone-kivy-"))
WIDTH, HEIGHT, DENSITY = 540, 1080, 1.5  # 360 x 720 dp
environment.prepare_offscreen(HOME, density=DENSITY)
environment.configure_offscreen(WIDTH, HEIGHT)


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
        results = _results_of_child(pyfuncitem.session, pyfuncitem.funcargs["_bundle_for_child"])
        outcome, words = results.get(pyfuncitem.nodeid, ("failed", results[""][1]))
        if outcome != "passed":
            pytest.fail(words, pytrace=False)
        return True

    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        for item in items:
            if item.path.is_relative_to(FOLDER):
                item.add_marker(pytest.mark.timeout(1200))  # the first one waits for all


def _results_of_child(session: pytest.Session, bundle: Path) -> Results:
    """Run every selected test of this folder in one child process; return outcome and failure by test."""
    if RESULTS not in session.stash:
        names = [item.nodeid for item in session.items if item.path.is_relative_to(FOLDER)]
        session.stash[RESULTS] = run_in_child(session, names, {BUNDLE: str(bundle)})
    return session.stash[RESULTS]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def start(tiny_bundle: Path, store: Path) -> Any:
    """Return a function that makes the app and its driver, to be used in a ``with`` block."""
    if not IS_CHILD:
        return None
    from mobile_app.ui.app import make_app
    from mobile_app.ui.driver import Driver

    return lambda: Driver(make_app(tiny_bundle, store, None))


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
