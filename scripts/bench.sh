#!/usr/bin/env bash
# Measures what a visit costs through fpwd and fpw-relay, side by side with what else could carry it; or what both programs
# need and carry.
#
#     scripts/bench.sh [options]             see --help
#     scripts/bench.sh capacity [options]
#     scripts/bench.sh document              writes the figures of both into docs/performance.md
#
# The programs are taken from $FPW_BIN_DIR; without it they are built.
set -euo pipefail
cd "$(dirname "$0")/.."

export PYTHONDONTWRITEBYTECODE=1
if [ "${1:-}" = document ]; then
    cd Tests/EndToEndTests
    exec ../../.build-e2e/venv/bin/python -m bench.document ../../.build/bench.json ../../.build/capacity.json
fi

missing=()
{ command -v cc || command -v clang; } >/dev/null || missing+=(gcc libc6-dev)
command -v ssh >/dev/null || missing+=(openssh-client)
[ -x /usr/sbin/sshd ] || missing+=(openssh-server)
if [ ${#missing[@]} -gt 0 ]; then
    echo "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        echo "The benchmark needs these packages; run the line above as root." >&2
        exit 1
    fi
    # The benchmark starts an sshd of its own. systemd would start Debian's, open to the network: that is not ours to decide.
    if [ -d /run/systemd/system ] && [[ " ${missing[*]} " == *' openssh-server '* ]]; then
        echo "openssh-server would serve the network here; run the line above if that may be." >&2
        exit 1
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
# As root, sshd wants the folder that Debian's service makes.
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd

scripts/prepare.sh
Tests/EndToEndTests/run --version >/dev/null
if [ -z "${FPW_BIN_DIR:-}" ]; then
    scripts/build.sh
    FPW_BIN_DIR=$PWD/.build/release
fi

module=bench
name=bench
if [ "${1:-}" = capacity ]; then
    module=bench.capacity
    name=capacity
    shift
fi
mkdir -p .build
json=$PWD/.build/$name.json
export FPW_BIN_DIR
cd Tests/EndToEndTests
exec ../../.build-e2e/venv/bin/python -m $module --json "$json" "$@"
