#!/usr/bin/env bash
# Runs every fault that the tunnel must survive, one after the other because they are measured, and writes the table of what each
# cost to .build/faults.txt. A figure beyond its limit and a fault without a figure fail the run.
#
# The programs are taken from $FPW_BIN_DIR, default .build/release.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
    echo 'The faults of the network are made in network namespaces, which need root: run this as root.' >&2
    exit 1
fi

mkdir -p .build
Tests/EndToEndTests/run faults --fault-table="$PWD/.build/faults.txt" "$@"
