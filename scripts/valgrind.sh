#!/usr/bin/env bash
# Lets valgrind look for memory that both programs lose on a tour through all that they do. The programs are taken from
# $FPW_BIN_DIR, default .build/release.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null; then
    echo 'apt-get update && apt-get install --no-install-recommends valgrind'
    [ "$(id -u)" -eq 0 ] || { echo 'Run the line above as root, then this command again.' >&2; exit 1; }
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends valgrind libc6-dbg
fi

# valgrind 3.19, Debian 12's, cannot read the debug information that lld writes.
programs=$(mktemp -d)
trap 'rm -r "$programs"' EXIT
for name in fpwd fpw-relay; do
    strip --strip-debug -o "$programs/$name" "${FPW_BIN_DIR:-.build/release}/$name"
done
FPW_BIN_DIR=$programs FPW_TEST_PATIENCE=20 Tests/EndToEndTests/run leaks -m slow "$@"
