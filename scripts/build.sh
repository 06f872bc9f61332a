#!/usr/bin/env bash
# Builds both programs for release. Swift's own libraries are linked in: only libcurl and libc stay shared.
set -euo pipefail
cd "$(dirname "$0")/.."

# The default linker warns about a call inside Swift's own libraries that nothing here reaches; lld does not.
# Colours are a compiler flag: were they left to the terminal, a build in one and a build in a pipe would undo each other.
swift build --configuration release --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld \
    --explicit-target-dependency-import-check error --no-color-diagnostics
