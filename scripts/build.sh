#!/usr/bin/env bash
# Builds both programs for release. Swift's own libraries are linked in: only libcurl and libc stay shared.
set -euo pipefail
cd "$(dirname "$0")/.."

# The default linker warns about a call inside Swift's own libraries that nothing here reaches; lld does not.
# Packed relocations and merged twins make the file an eighth smaller, and what it takes in memory.
# Colours are a compiler flag: were they left to the terminal, a build in one and a build in a pipe would undo each other.
# Exclusive access is checked at run time in the builds that tests use; here the checks would take a twelfth of a visit.
swift build --configuration release --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld \
    -Xlinker --icf=safe -Xlinker -z -Xlinker pack-relative-relocs \
    -Xswiftc -enforce-exclusivity=unchecked \
    --explicit-target-dependency-import-check error --no-color-diagnostics
