#!/bin/sh
# Run Python for 64-bit Arm on this x86-64 machine, by user-mode emulation:
#   tools/arm64.sh setup              a Debian root, the emulator and aarch64 wheels under build/arm64, once
#   tools/arm64.sh python CPU ARGS    CPU: v8.0, dotprod or i8mm, the generations of kernels that LiteRT has
# Needs Debian's or Ubuntu's apt, and pip; no root rights. Nothing outside build/arm64 is changed.
set -eu
HERE=$PWD/build/arm64
ROOT=$HERE/root
LITERT=${LITERT:-2.3.0}
NUMPY=${NUMPY:-1.26.4}

setup() {
    [ -e "$HERE/.done" ] && exit 0
    mkdir -p "$HERE"
    sh tools/debian_root.sh "$ROOT" bookworm arm64 python3-minimal libpython3.11-stdlib libstdc++6
    (cd "$HERE" && apt-get -qq download qemu-user-static)
    dpkg-deb --fsys-tarfile "$HERE"/qemu-user-static_*.deb |
        tar -x -C "$HERE" --strip-components=3 ./usr/bin/qemu-aarch64-static
    rm -f "$HERE"/qemu-user-static_*.deb
    .venv/bin/python -m pip install -q --disable-pip-version-check --only-binary=:all: --no-deps \
        --platform manylinux_2_17_aarch64 --platform manylinux_2_27_aarch64 --python-version 3.11 \
        --implementation cp --target "$HERE/site" "ai-edge-litert==$LITERT" "numpy==$NUMPY"
    touch "$HERE/.done"
}

# LiteRT asks /proc/cpuinfo what the processor can do, so the root gets one that agrees with the emulated processor.
describe() {
    mkdir -p "$ROOT/proc"
    : >"$ROOT/proc/cpuinfo"
    for number in $(seq 0 $(($(nproc --all) - 1))); do
        printf 'processor\t: %s\nFeatures\t: %s\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\n' \
            "$number" "$2" >>"$ROOT/proc/cpuinfo"
        printf 'CPU part\t: %s\nCPU revision\t: 0\n\n' "$1" >>"$ROOT/proc/cpuinfo"
    done
}

python() {
    base="fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"
    dot="$base atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"
    case $1 in
    v8.0) cpu=cortex-a53 && describe 0xd03 "$base" ;;
    dotprod) cpu=cortex-a76 && describe 0xd0b "$dot" ;;
    i8mm) cpu=max,sve=off,sme=off && describe 0xd47 "$dot i8mm bf16" ;;
    *)
        echo "arm64: expected v8.0, dotprod or i8mm, found $1" >&2
        exit 2
        ;;
    esac
    shift
    exec env -i PATH="$PATH" LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE/site:$PWD" \
        "$HERE/qemu-aarch64-static" -cpu "$cpu" -L "$ROOT" "$ROOT/usr/bin/python3" "$@"
}

case ${1:-} in
setup) setup ;;
python) shift && python "$@" ;;
*)
    echo "usage: tools/arm64.sh setup | python v8.0|dotprod|i8mm ARGS" >&2
    exit 2
    ;;
esac
