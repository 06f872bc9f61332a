#!/usr/bin/env bash
# Installs the programs that were built, sample configurations, manual pages, completions and documents.
#
# DESTDIR, PREFIX and SYSCONFDIR come from the Makefile. The configuration stands in /etc whatever PREFIX says, because
# that is where the programs look for it.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$DESTDIR$PREFIX/bin
etc=$DESTDIR$SYSCONFDIR
share=$DESTDIR$PREFIX/share
doc=$share/doc/fpwd

for program in fpwd fpw-relay; do
    [ -x .build/release/$program ] || { echo "Nothing has been built yet: run make first." >&2; exit 1; }
done

for program in fpwd fpw-relay; do
    install -D --mode=755 --strip .build/release/$program "$bin/$program"
    echo "$bin/$program"
done

for page in packaging/man/*; do
    name=${page##*/}
    scripts/manual.py "$page" | install -D --mode=644 /dev/stdin "$share/man/man${name##*.}/$name"
done

for program in fpwd fpw-relay; do
    completion() { .build/release/$program --generate-completion-script "$1" | install -D --mode=644 /dev/stdin "$share/$2"; }
    completion bash bash-completion/completions/$program
    completion zsh zsh/site-functions/_$program
    completion fish fish/vendor_completions.d/$program.fish
done

for file in fpw.conf fpw-relay.conf; do
    if [ -e "$etc/$file" ]; then
        echo "$etc/$file (kept as it is)"
    else
        install -D --mode=644 config/$file "$etc/$file"
        echo "$etc/$file"
    fi
done

install -D --mode=644 --target-directory="$doc" README.md README.zh-CN.md SECURITY.md CHANGELOG.md LICENSE
install -D --mode=644 --target-directory="$doc/docs" docs/*.md docs/*.svg
install -D --mode=644 --target-directory="$doc/docs/images" docs/images/*
install -D --mode=644 packaging/caddy/Caddyfile "$doc/examples/Caddyfile"
install -D --mode=644 packaging/nginx/fpw-relay.conf "$doc/examples/nginx-fpw-relay.conf"
install -D --mode=644 --target-directory="$doc/examples/prometheus" packaging/prometheus/*.yml
install -D --mode=644 --target-directory="$doc/examples/grafana" packaging/grafana/*.json
echo "$doc/"
