"""A Java virtual machine in the test process, with stand-ins for LiteRT's and Android's classes on its class path."""

import atexit
import functools
import locale
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

SOURCES = Path(__file__).parent / "java"
PYTHON = Path(__file__).parent / "python"  # what python-for-android adds to an app
# -Xrs leaves Ctrl-C to Python; the rest keeps the machine small. Stand-ins for file descriptors look into java.io.
OPTIONS = (
    "-Xrs",
    "-Xmx128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
)


@functools.cache
def start_jvm(*more_options: str) -> Path:
    """Compile the stand-ins and start the machine, once a process: its class path cannot change afterwards.

    :param more_options: of the machine, beside the usual ones.
    :return: the folder of the compiled classes.
    """
    if shutil.which("javac") is None:
        missing("no javac on the path; install a JDK: sudo apt-get install -y openjdk-17-jdk-headless")
    try:
        import jnius_config
    except ImportError:
        missing("no pyjnius; install it: pip install pyjnius==1.7.0")
    assert not jnius_config.vm_running, "something started Java before its class path was set"
    classes = Path(tempfile.mkdtemp(prefix="undertone-java-"))
    atexit.register(shutil.rmtree, classes, ignore_errors=True)
    subprocess.run(["javac", "-nowarn", "-d", classes, *sorted(SOURCES.rglob("*.java"))], check=True)
    jnius_config.set_options(*OPTIONS, *more_options)
    jnius_config.set_classpath(str(classes))
    before = locale.setlocale(locale.LC_ALL)
    import jnius  # noqa: F401  starts the machine

    locale.setlocale(locale.LC_ALL, before)  # Java takes the whole locale of the user; Python keeps to English messages
    return classes


def missing(found: str) -> NoReturn:
    """Skip the tests that need Java, or fail them where every test must run."""
    sentence = f"tests of the Android side expected Java; found {found}"
    if os.environ.get("CI"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
