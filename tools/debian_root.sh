#!/bin/sh
# Unpack Debian packages of another release or architecture, with all they need, into a folder of their own:
#   tools/debian_root.sh FOLDER RELEASE ARCHITECTURE PACKAGE...
# Uses the package source of this machine; no root rights, and nothing outside the folder is changed.
set -eu
folder=$1 release=$2 architecture=$3
shift 3
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "debian_root: expected Debian or Ubuntu, whose packages are unpacked here; found no apt-get" >&2
    exit 2
fi
mirror=$(apt-cache policy libc6 | awk '$3 ~ /^(bookworm|trixie|sid)\/main$/ { print $2; exit }')
if [ -z "$mirror" ]; then
    echo "debian_root: expected a package source of Debian in apt's configuration, found none; add one" >&2
    exit 2
fi
apt=$folder.apt
rm -rf "$folder" "$apt"
mkdir -p "$folder" "$apt/lists/partial" "$apt/cache/archives/partial"
: >"$apt/status"
echo "deb $mirror $release main" >"$apt/sources.list"
options="-qq -o APT::Architecture=$architecture -o APT::Architectures=$architecture -o Dir::State=$apt
    -o Dir::State::lists=$apt/lists -o Dir::State::status=$apt/status -o Dir::Cache=$apt/cache
    -o Dir::Etc::sourceparts=- -o Dir::Etc::sourcelist=$apt/sources.list"
# shellcheck disable=SC2086 # the options are words
apt-get $options update
# shellcheck disable=SC2086
apt-get $options -y --no-install-recommends --download-only install "$@" >/dev/null
for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
rm -rf "$apt"
