"""What Kivy reads from the environment, set before it is imported; and whether this machine can draw at all."""

import ctypes
import logging
import os
import sys
from pathlib import Path

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.java import is_android

LIBRARIES = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1"}
REMEDY = "sudo apt-get install -y libgl1 libegl1 libgl1-mesa-dri libegl-mesa0 libmtdev1"


def prepare() -> None:
    """Keep Kivy away from the command line, from log files and from its chatter.

    :raises UndertoneError: if OpenGL or EGL is missing.
    """
    os.environ["KIVY_NO_ARGS"] = "1"
    os.environ["KIVY_NO_FILELOG"] = "1"
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
    if not is_android():
        os.environ.setdefault("KIVY_CLIPBOARD", "sdl2")  # the others look for xclip and xsel, and complain at length
    logging.getLogger("kivy").addFilter(_is_worth_reading)
    _check_libraries()


def prepare_offscreen(home: Path, *, density: float) -> None:
    """Draw into memory: no display, no settings of the user, no input devices.

    :param home: a folder for what Kivy writes about itself.
    :param density: pixels per dp.
    :raises UndertoneError: if OpenGL or EGL is missing.
    """
    prepare()
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    os.environ["KIVY_HOME"] = str(home)
    os.environ["KIVY_METRICS_DENSITY"] = str(density)
    os.environ["KIVY_METRICS_FONTSCALE"] = "1"
    os.environ["KIVY_DPI"] = str(160 * density)


def configure_offscreen(width: int, height: int) -> None:
    """Fix the window's size and take the mouse and touch devices of the machine out of play."""
    from kivy.config import Config

    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "multisamples", "0")
    Config.set("graphics", "maxfps", "0")
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "keyboard_mode", "system")
    for name, _value in Config.items("input"):
        Config.remove_option("input", name)


def _check_libraries() -> None:
    if not sys.platform.startswith("linux") or is_android():
        return
    missing = [name for name in LIBRARIES if not _can_load(name)]
    if missing:
        raise cannot_draw(f"no {' and no '.join(missing)}")


def _is_worth_reading(record: logging.LogRecord) -> bool:
    """Leave out the long complaint that X11's cut buffer needs xclip or xsel: the clipboard works without."""
    return "utbuffer" not in record.getMessage()


def cannot_draw(found: str) -> UndertoneError:
    """Return the error for a machine that cannot open a window."""
    return UndertoneError("OpenGL and EGL to draw the app with", found, f"install them: {REMEDY}")


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
