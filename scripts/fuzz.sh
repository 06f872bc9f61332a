#!/usr/bin/env bash
# Fuzzes what reads foreign bytes, each target for so many seconds: scripts/fuzz.sh [SECONDS] [TARGET...]
#
# Inputs that reach new code are kept in .build-fuzz/found and are where the next run begins. An input that breaks a claim
# is written to .build-fuzz/TARGET-crash-…; it becomes a seed once the fault is gone.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift $(($# > 0 ? 1 : 0))
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(json visit config request)
export FPW_FUZZ=1 SWIFT_BACKTRACE=enable=no

swift build --configuration release --sanitize=fuzzer --scratch-path .build-fuzz --product fpw-fuzz --no-color-diagnostics
summary=() failed=
for target in "${targets[@]}"; do
    printf '\n== %s, %s s\n\n' "$target" "$seconds"
    found=.build-fuzz/found/$target log=.build-fuzz/$target.log verdict='0 crashes'
    mkdir -p "$found"
    .build-fuzz/release/fpw-fuzz --target="$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 \
        -artifact_prefix=".build-fuzz/$target-" -print_final_stats=1 "$found" "Tests/Fuzz/seeds/$target" >"$log" 2>&1 ||
        { verdict=FAILED failed=1; }
    grep -E '^(stat::|Fatal|.*Fatal error|SUMMARY|Test unit)' "$log" || tail -n 5 "$log"
    summary+=("$(printf '%-10s %12s inputs   %s' "$target" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$verdict")")
done
printf '\n== Summary\n\n'
printf '   %s\n' "${summary[@]}"
[ -z "$failed" ] || { printf '\nFAILED: the logs are in .build-fuzz.\n'; exit 1; }
