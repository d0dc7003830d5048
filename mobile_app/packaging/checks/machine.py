"""This machine: it has what a build needs, or can get it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from mobile_app.packaging import pins, tools
from mobile_app.packaging.finding import Finding
from mobile_app.packaging.spec_file import SpecFile

_PROGRAMS = ("git", "unzip", "zip", "patch", "autoconf", "automake", "libtoolize", "pkg-config", "cmake")
_PACKAGES = (
    "git zip unzip autoconf automake autopoint libtool libltdl-dev pkg-config zlib1g-dev libncurses-dev cmake "
    "libffi-dev libssl-dev gettext patch"
)


def check(spec: SpecFile) -> Iterator[Finding]:
    """Yield what the machine lacks for a build of this spec."""
    yield from check_sdk(spec)
    yield from check_ndk(spec)
    yield from check_packages()
    yield from check_java()
    yield from check_programs()


def check_packages() -> Iterator[Finding]:
    """Yield what is wrong with the Python packages that build."""
    wanted = {"buildozer": pins.BUILDOZER, "python-for-android": pins.P4A}
    for name, found in tools.installed().items():
        if found != wanted[name]:
            problem = f"is {found or 'missing'}, not {wanted[name]}: this project was tried with that"
            yield Finding("packages", name, problem, f"Run: {tools.INSTALL}.")
    try:
        cython = metadata.version("cython")
    except metadata.PackageNotFoundError:
        cython = "missing"
    if not cython.startswith("0.29."):
        problem = f"is {cython}: buildozer wants one below 3; recipes bring their own"
        yield Finding("packages", "cython", problem, 'Run: pip install "cython==0.29.37".')


def check_java() -> Iterator[Finding]:
    """Yield what is wrong with the Java that Gradle would use."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin", "javac")) if home else "javac"
    remedy = (
        f"Install JDK {pins.JDK} (Debian: apt-get install openjdk-{pins.JDK}-jdk-headless) and set JAVA_HOME to it."
    )
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        yield Finding("java", program, "is missing", remedy)
        return
    version = re.search(r"javac (\d+)", done.stdout + done.stderr)
    if not version or int(version[1]) != pins.JDK:
        found = version[1] if version else "of an unknown version"
        yield Finding("java", program, f"is {found}: Gradle 8.14 with this plugin wants {pins.JDK}", remedy)


def check_programs() -> Iterator[Finding]:
    """Yield the programs that recipes call and this machine does not have."""
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if shutil.which("dpkg") and not Path("/usr/include/zlib.h").is_file():
        missing.append("zlib.h")  # buildozer itself refuses to start without it
    if missing:
        problem = "not installed: recipes stop half-way without them"
        yield Finding("programs", ", ".join(missing), problem, f"Run: sudo apt-get install -y {_PACKAGES}.")


def check_sdk(spec: SpecFile) -> Iterator[Finding]:
    """Yield what is wrong with the SDK, or with the way to it."""
    folder = _platform(spec.app.get("android.sdk_path", ""), "android-sdk")
    if not folder.exists():
        yield from _from_google("SDK", pins.SDK_FILE, "APP_ANDROID_SDK_PATH")
    elif not (folder / "tools" / "bin" / "sdkmanager").is_file():
        problem = "has no tools/bin/sdkmanager, where buildozer looks for it"
        remedy = "Unpack the command line tools there, or delete the folder and let buildozer download its own."
        yield Finding("sdk", str(folder), problem, remedy)


def check_ndk(spec: SpecFile) -> Iterator[Finding]:
    """Yield what is wrong with the NDK, or with the way to it."""
    folder = _platform(spec.app.get("android.ndk_path", ""), f"android-ndk-r{pins.NDK}")
    properties = folder / "source.properties"
    if not folder.exists():
        yield from _from_google("NDK", pins.NDK_FILE, "APP_ANDROID_NDK_PATH")
        return
    revision = re.search(r"Pkg\.Revision *= *(\S+)", properties.read_text("utf-8")) if properties.is_file() else None
    if not revision or not revision[1].startswith(pins.NDK_REVISION):
        found = revision[1] if revision else "no NDK"
        problem = f"holds {found}, not r{pins.NDK}: pages of 16 KB come with that"
        yield Finding("ndk", str(folder), problem, "Delete the folder and let buildozer download the right one.")


def _platform(path: str, name: str) -> Path:
    return Path(path).expanduser() if path else Path.home() / ".buildozer" / "android" / "platform" / name


def _from_google(what: str, file: str, variable: str) -> Iterator[Finding]:
    url = f"{pins.GOOGLE}/{file}"
    reason = why_unreachable(url)
    if reason is None:
        problem = f"is not here yet: buildozer will download the {what}"
        yield Finding(what.lower(), url, problem, "Have 10 GB of disk free.", is_fault=False)
        return
    problem = f"cannot be downloaded ({reason}): only Google distributes the Android {what}, and it is not here yet"
    remedy = f"Build where Google can be reached, such as GitHub Actions (apk.yml), or set {variable} to a copy."
    yield Finding(what.lower(), url, problem, remedy)


def why_unreachable(url: str) -> str | None:
    """Return why a file cannot be downloaded; None if it can."""
    try:
        with urlopen(Request(url, method="HEAD"), timeout=10):
            return None
    except HTTPError as error:
        return f"HTTP {error.code}"
    except (URLError, OSError, ValueError) as error:
        return str(getattr(error, "reason", error))
