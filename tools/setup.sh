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

# Kivy's wheel carries SDL2; OpenGL and EGL come from the system, libmtdev for touch input.
missing=$(.venv/bin/python - <<'PY'
import ctypes.util
wanted = {"GL": "libgl1", "EGL": "libegl1", "mtdev": "libmtdev1"}
print(" ".join(package for name, package in wanted.items() if ctypes.util.find_library(name) is None))
PY
)
if [ -n "$missing" ]; then
    install="apt-get install -y --no-install-recommends $missing libgl1-mesa-dri libegl-mesa0"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "setup: the app needs system libraries ($missing); installing them: $install"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null
    else
        echo "setup: the app needs system libraries ($missing); everything else works without them. To install: sudo $install"
    fi
fi
# The Android interpreter is tested against a Java stand-in on the desktop.
if ! command -v javac >/dev/null; then
    install="apt-get install -y --no-install-recommends openjdk-17-jdk-headless"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "setup: the tests of the Android interpreter need a JDK; installing it: $install"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null
    else
        echo "setup: without a JDK the tests of the Android interpreter are skipped. To install: sudo $install"
    fi
fi
touch .venv/.done
echo "setup: done"
