#!/usr/bin/env bash
# Checks the Swift version and installs the Debian packages that a build needs, where they are missing.
set -euo pipefail

needed=6.3
libcurl=7.88.1

found=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)+).*/\1/p' | head -n 1) || true
if ! printf '%s\n' "$needed" "${found:-0}" | sort --version-sort --check=quiet; then
    cat >&2 <<TEXT
fpwd is built with Swift $needed or newer; found: ${found:-no swift in PATH}.
Get it from https://www.swift.org/install/linux/ and see that 'swift --version' shows it.
TEXT
    exit 1
fi

missing=()
command -v pkg-config >/dev/null || missing+=(pkg-config)
[ -n "$(find /usr/include -maxdepth 3 -path '*/curl/curl.h' -print -quit)" ] || missing+=(libcurl4-openssl-dev)

if [ ${#missing[@]} -gt 0 ]; then
    command="apt-get update && apt-get install --yes --no-install-recommends ${missing[*]}"
    echo "$command"
    if [ "$(id -u)" -ne 0 ]; then
        echo "The build needs these packages. Run the line above as root, then this command again." >&2
        exit 1
    fi
    DEBIAN_FRONTEND=noninteractive bash -c "$command"
fi

if ! pkg-config --atleast-version=$libcurl libcurl; then
    echo "fpwd needs libcurl $libcurl or newer; found: $(pkg-config --modversion libcurl)." >&2
    exit 1
fi
