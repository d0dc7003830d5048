#!/bin/sh
# Make .venv from the lock file, and check the system libraries that wheels do not carry.
set -eu
PYTHON=${PYTHON:-python3}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
    echo "setup: expected Python 3.11, found $("$PYTHON" --version 2>&1); install Python 3.11 or run: make setup PYTHON=/path/to/python3.11" >&2
    exit 2
}
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
echo "setup: installing the packages of requirements.lock into .venv"
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .

# Install packages of the system where this may be done (as root, with apt-get), else say how: REASON PACKAGES.
system() {
    install="apt-get install -y --no-install-recommends $2"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "setup: $1; installing: $install"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq; } >/dev/null ||
            echo "setup: that did not work; everything else does without" >&2
    else
        echo "setup: $1; everything else works without. To install: sudo $install"
    fi
}

# Kivy's wheel carries SDL2; OpenGL and EGL come from the system, libmtdev for touch input.
missing=$(.venv/bin/python - <<'PY'
import ctypes.util
wanted = {"GL": "libgl1", "EGL": "libegl1", "mtdev": "libmtdev1"}
print(" ".join(package for name, package in wanted.items() if ctypes.util.find_library(name) is None))
PY
)
[ -z "$missing" ] || system "the app needs system libraries ($missing)" "$missing libgl1-mesa-dri libegl-mesa0"
# The Android interpreter is tested against a Java stand-in on the desktop, the report's page in a browser.
command -v javac >/dev/null || system "the tests of the Android interpreter need a JDK" openjdk-17-jdk-headless
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    system "the tests of the report's page need a browser" chromium
touch .venv/.done
echo "setup: done"
