#!/usr/bin/env bash
# Lets liars on every side try the running programs, and gives the parsers the corpora of others. What was tried and what came
# of it goes to .build/hostile.txt; a crash, a wrong accept and a side that tried nothing fail the run.
#
# Inputs that are made by chance come from $SEED, by default another one each time; the same seed makes the same inputs.
# $DEPTH says how many times as many of them there are as in `make test`. The programs are taken from $FPW_BIN_DIR, default
# .build/release.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=${SEED:-$RANDOM} depth=${DEPTH:-20}
table=$PWD/.build/hostile.txt
mkdir -p .build
log=$(mktemp) sides=$(mktemp)
trap 'rm -f "$log" "$sides"' EXIT
failed=

scripts/corpora.sh
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8
swift test --disable-xctest --filter 'TOMLCorpusTests|JSONTestSuiteTests|FuzzClaimsTests' --no-color-diagnostics 2>&1 | tee "$log" ||
    failed='the corpora'
Tests/EndToEndTests/run hostile --hostile-table="$sides" --seed="$seed" --depth="$depth" --timeout=500 \
    --numprocesses=3 --dist=worksteal "$@" || failed="${failed:+$failed and }the sides"

{
    cat "$sides"
    sed -nE 's/^.*hostile: (.*): ([0-9]+) ([0-9]+) ([0-9]+) ([0-9]+) ([0-9]+)$/\1\t\2\t\3\t\4\t\5\t\6/p' "$log" | sort -u |
        awk -F '\t' '{ printf "%-44s%9d%9d%9d%9d%15d\n", $1, $2, $3, $4, $5, $6 }'
} >"$table"
printf '\n== Hostile inputs, seed %s, depth %s, %s s\n\n' "$seed" "$depth" "$SECONDS"
cat "$table"
[ -z "$failed" ] || { printf '\nFAILED: %s\n' "$failed"; exit 1; }
