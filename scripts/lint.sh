#!/usr/bin/env bash
# Checks the format of the Swift sources, the shell scripts where shellcheck is installed, and the documents' keys.
set -euo pipefail
cd "$(dirname "$0")/.."

swift format lint --strict --recursive --parallel Package.swift Sources Tests

scripts=(scripts/*.sh .ci/run Tests/EndToEndTests/run Tests/EndToEndTests/harness/*.sh packaging/debian/*.{postinst,postrm,prerm})
for script in "${scripts[@]}"; do bash -n "$script"; done
if command -v shellcheck >/dev/null; then shellcheck --severity=warning "${scripts[@]}"; fi

scripts/check-docs.sh
