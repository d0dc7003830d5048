"""The border to buildozer and python-for-android: heavy, chatty packages that only an Android build needs."""

import contextlib
import io
import logging
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging import pins

_WANTED = {"buildozer": pins.BUILDOZER, "python-for-android": pins.P4A}
_MODULES = ("buildozer", "pythonforandroid", "jinja2", "pyaxmlparser", "elftools")
INSTALL = 'pip install "undertone[android]"'


def installed() -> dict[str, str | None]:
    """Return the installed versions of buildozer and python-for-android; None for what is missing."""
    versions: dict[str, str | None] = {}
    for name in _WANTED:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def require() -> None:
    """Make sure that the packages for Android builds are there.

    :raises UndertoneError: if one is missing.
    """
    missing = [name for name in _MODULES if util.find_spec(name) is None]
    if missing:
        raise UndertoneError("the packages for Android builds", f"no {' and no '.join(missing)}", f"run: {INSTALL}")


def folder_of(package: str) -> Path:
    """Return where a package lies, without importing it.

    :raises UndertoneError: if it is not installed.
    """
    require()
    spec = util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UndertoneError(f"the package {package}", "nothing to import", f"run: {INSTALL}")
    return Path(spec.origin).parent


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what both packages print and log away from our output."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)
