#!/usr/bin/env bash
# Builds both programs for release. Swift's own libraries are linked in: only libcurl and libc stay shared.
set -euo pipefail
cd "$(dirname "$0")/.."

# The default linker warns about a call inside Swift's own libraries that nothing here reaches; lld does not.
# Packed relocations and merged twins make the file an eighth smaller, and what it takes in memory. No library will ever look for
# a symbol in a program: unexported, 15,000 names fall away, and what only they kept. Nor does anything unwind the stack (release.ld).
# C functions stand in sections of their own, as Swift's do, so that what nobody calls is left out: of BoringSSL a tenth of a program.
# No file says where it was built.
# Colours are a compiler flag: were they left to the terminal, a build in one and a build in a pipe would undo each other.
# Exclusive access is checked at run time in the builds that tests use; here the checks would take a twelfth of a visit.
swift build --configuration release --static-swift-stdlib --disable-local-rpath -Xswiftc -use-ld=lld \
    -Xlinker --icf=safe -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -z -Xlinker now \
    -Xlinker --no-export-dynamic -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker "$PWD/scripts/release.ld" \
    -Xswiftc -enforce-exclusivity=unchecked \
    -Xcc -ffunction-sections -Xcc -fdata-sections -Xcc "-ffile-prefix-map=$PWD=." \
    --explicit-target-dependency-import-check error --no-color-diagnostics
