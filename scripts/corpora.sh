#!/usr/bin/env bash
# Installs the toml-test corpus, which the unit tests read and which is no part of the repository, where it is missing.
set -euo pipefail

package=golang-github-burntsushi-toml-dev
[ ! -d /usr/share/gocode/src/github.com/BurntSushi/toml/internal/toml-test ] || exit 0
echo "apt-get update && apt-get install --no-install-recommends $package"
if [ "$(id -u)" -ne 0 ]; then
    echo 'The unit tests need this package; run the line above as root.' >&2
    exit 1
fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $package
