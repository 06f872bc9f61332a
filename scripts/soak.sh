#!/usr/bin/env bash
# Lets visitors come for a long time and looks at both programs' memory and descriptors: scripts/soak.sh 20m
#
# The programs are taken from $FPW_BIN_DIR, default .build/release.
set -euo pipefail
cd "$(dirname "$0")/.."

Tests/EndToEndTests/run --version >/dev/null
export FPW_BIN_DIR=${FPW_BIN_DIR:-$PWD/.build/release} PYTHONDONTWRITEBYTECODE=1
cd Tests/EndToEndTests
exec ../../.build-e2e/venv/bin/python soak.py "$1"
