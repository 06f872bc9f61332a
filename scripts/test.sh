#!/usr/bin/env bash
# Runs all tests and ends with a summary. The first step that fails ends it.
set -euo pipefail
cd "$(dirname "$0")/.."

logs=.build/test-logs
mkdir -p "$logs"
summary=()
failed=

# step TITLE PATTERN COMMAND...: runs the command; the last two matches of the pattern go into the summary.
step() {
    local title=$1 pattern=$2 log=$logs/${1// /-}.log start=$SECONDS result=passed
    shift 2
    [ -z "$failed" ] || return 0
    printf '\n== %s\n\n' "$title"
    "$@" 2>&1 | tee "$log" || { result=FAILED failed=$title; }
    summary+=("$(printf '%-18s %-7s %5d s   %s' "$title" "$result" $((SECONDS - start)) \
        "$(grep -oE "$pattern" "$log" | tail -n 2 | paste -sd ';')")")
}

# What the end-to-end tests need is installed first, so that a missing package is not found out after the builds.
step 'preparation' '^$' Tests/EndToEndTests/run --version
step 'corpora' '^$' scripts/corpora.sh
# Started all at once, the tests of hundreds of scripted servers would wait for a thread longer than what they test may.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8
step 'unit tests' '[0-9]+ tests? in [0-9]+ suites?|[0-9]+ issues?' \
    swift test --disable-xctest --explicit-target-dependency-import-check error
step 'release build' '^$' scripts/build.sh
step 'packages' '^$' scripts/deb.sh
step 'package tests' '([0-9]+ (failed|passed|skipped|errors?)(, )?)+' Tests/EndToEndTests/run test_packages.py
step 'end-to-end tests' '([0-9]+ (failed|passed|skipped|errors?)(, )?)+' Tests/EndToEndTests/run

printf '\n== Summary\n\n'
printf '   %s\n' "${summary[@]}"
if [ -n "$failed" ]; then
    grep -hE '^✘ .* recorded an issue|: error: |^(FAILED|ERROR) ' "$logs/${failed// /-}.log" | tail -n 20 || true
    printf '\nFAILED: %s. All output is in %s.\n' "$failed" "$logs"
    exit 1
fi
printf '\nAll tests passed.\n'
