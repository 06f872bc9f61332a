#!/usr/bin/env bash
# Tries the Debian packages as an operator would: installs, configures, breaks, upgrades and removes them on Debian 12 and 13,
# each booted by its own systemd in a container (systemd-nspawn), in memory and without a network. Then runs some of the
# end-to-end tests with the libcurl of Debian 13.
#
#     scripts/deb-test.sh [pytest arguments]
#
# The packages are taken from $FPW_DEB_DIR, default .build/deb. The Debians are made once, from the mirror that apt uses, and kept in
# .build-debians, or $FPW_DEBIAN_DIR.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
    echo 'The packages are tried on machines that only root may boot: run this as root.' >&2
    exit 1
fi

missing=()
command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
command -v systemd-nspawn >/dev/null || missing+=(systemd-container)
if [ ${#missing[@]} -gt 0 ]; then
    echo "apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

export FPW_DEBIAN_DIR=${FPW_DEBIAN_DIR:-$PWD/.build-debians}
mkdir -p "$FPW_DEBIAN_DIR"

# What the packages depend on is there beforehand: the machines have no network.
include=systemd-sysv,dbus,ca-certificates,libcurl4,libstdc++6,logrotate,nginx-light

# machine RELEASE: makes its Debian unless it is there.
machine() {
    local root=$FPW_DEBIAN_DIR/$1 mirror options
    [ "$(cat "$root/made-of" 2>/dev/null)" != "$include" ] || return 0
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | sed -n 1p)
    mapfile -t options < <(apt-config dump | sed -nE 's/^Acquire::https?::Proxy.*/--aptopt=&/p')
    rm -rf "$root" "$root.new"
    mmdebstrap --quiet --variant=minbase --include=$include "${options[@]}" "$1" "$root.new" ${mirror:+"$mirror"}
    echo "$include" >"$root.new/made-of"
    mv "$root.new" "$root"
}

machine bookworm &
bookworm=$!
machine trixie
wait $bookworm

Tests/EndToEndTests/run packages --numprocesses=2 --dist=loadgroup --timeout=180 "$@"
[ $# -eq 0 ] || exit 0

# The fpwd of the package with the libraries of Debian 13, whose libcurl is 8.14 in the place of 7.88: what tells of broken
# connections, of header fields and bodies, of proxies and TLS.
libraries=$(dirname "$FPW_DEBIAN_DIR"/trixie/usr/lib/*/libcurl.so.4)
programs=$(mktemp -d)
trap 'rm -r "$programs"' EXIT
for package in "${FPW_DEB_DIR:-.build/deb}"/*.deb; do dpkg-deb --extract "$package" "$programs"; done
mkdir "$programs/bin"
ln -s ../usr/bin/fpw-relay "$programs/bin/"
cat >"$programs/bin/fpwd" <<SCRIPT
#!/bin/sh
exec "$libraries"/ld-linux-*.so.* --argv0 fpwd --library-path "$libraries" "$programs/usr/bin/fpwd" "\$@"
SCRIPT
chmod +x "$programs/bin/fpwd"
FPW_BIN_DIR=$programs/bin Tests/EndToEndTests/run --numprocesses=2 --dist=worksteal faults/test_replies.py \
    test_{foreign_relay,fronts,methods,proxies,repeats,resend,upstream_faults,upstream_kinds}.py
