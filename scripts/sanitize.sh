#!/usr/bin/env bash
# Runs all tests with programs that a sanitizer watches: scripts/sanitize.sh address|thread [pytest arguments]
#
# `address` also has the C code watched for undefined behaviour, and what is lost at the end reported. What a sanitizer says ends
# the program, which fails its test. Each has a build of its own. Tests that measure memory or time say nothing here and are left
# out, as are those of the packages, the images and the documents' commands, which want release builds. What else waits does so
# FPW_TEST_PATIENCE times as long as usual.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:?address or thread}
shift
case $kind in
address) options=(--sanitize=address -Xcc -fsanitize=undefined) mark=__asan_ ;;
thread) options=(--sanitize=thread) mark=__tsan_ ;;
*) echo "no sanitizer: $kind; there are address and thread" >&2; exit 64 ;;
esac
build=.build-$kind
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 LSAN_OPTIONS=print_suppressions=0:suppressions=$PWD/Tests/lsan.supp
export TSAN_OPTIONS=halt_on_error=1:abort_on_error=1:suppressions=$PWD/Tests/tsan.supp
export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
export SWIFT_BACKTRACE=enable=no SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8

scripts/corpora.sh
swift build --build-tests "${options[@]}" --scratch-path "$build" --no-color-diagnostics
nm "$build/debug/CFPWCurl.build/transfer.c.o" | grep "$mark" >/dev/null || { echo "the C code is not watched" >&2; exit 1; }

# The unit tests' process ends with what its tests left standing; the programs end in order, and lose nothing.
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 \
    swift test --skip-build --disable-xctest "${options[@]}" --scratch-path "$build" --no-color-diagnostics
FPW_BIN_DIR=$PWD/$build/debug FPW_TEST_PATIENCE=${FPW_TEST_PATIENCE:-5} Tests/EndToEndTests/run \
    -m 'not large and not slow and not measures and not debian' \
    --ignore=test_packages.py --ignore=test_container.py --ignore=test_documents.py --timeout=300 --numprocesses=2 --dist=worksteal "$@"
