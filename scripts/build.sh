#!/usr/bin/env bash
# Builds both programs for release. Swift's own libraries are linked in: only libcurl and libc stay shared.
set -euo pipefail
cd "$(dirname "$0")/.."

# The default linker warns about a call inside Swift's own libraries that nothing here reaches; lld does not.
swift build --configuration release --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld \
    --explicit-target-dependency-import-check error
