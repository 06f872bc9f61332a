#!/usr/bin/env bash
# The whole path on this machine: visitor → fpw-relay → fpwd → a local site. Runs until Ctrl-C.
#
#     scripts/demo.sh [UPSTREAM]
#
# UPSTREAM is a service of your own, `3000` or `http://127.0.0.1:3000`; without it a small site stands behind the tunnel.
set -euo pipefail
cd "$(dirname "$0")/.."

host=demo.localhost
bin=${FPW_BIN_DIR:-$PWD/.build/release}
dir=$(mktemp --directory --tmpdir fpwd-demo.XXXXXX)
pids=()

# The last one started is the first to end: fpwd takes leave of the relay before that ends.
finish() {
    trap '' INT TERM
    local index
    for ((index = ${#pids[@]} - 1; index >= 0; index--)); do
        kill "${pids[index]}" 2>/dev/null || true
        wait "${pids[index]}" 2>/dev/null || true
    done
    rm -rf "$dir"
}
trap finish EXIT
trap 'echo; exit 0' INT TERM

# free_port FIRST: the first port from FIRST on that nobody listens at, and that this demo has not taken.
free_port() {
    local port=$1
    while [ -e "$dir/port-$port" ] || (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    touch "$dir/port-$port"
    echo "$port"
}

# start NAME COMMAND...: runs it in a session of its own, where Ctrl-C does not reach it: `finish` ends it, in order.
start() {
    local name=$1
    shift
    setsid "$@" >"$dir/$name.log" 2>&1 </dev/null &
    pids+=($!)
}

fail() {
    printf '\n%s\n' "$1" >&2
    tail --lines=20 --verbose "$dir"/*.log >&2
    exit 1
}

upstream=${1:-}
port=$(free_port 28820)
site_port=$(free_port 28821)
admin_port=$(free_port 9882)
relay_admin_port=$(free_port 9883)
# Where the programs leave the keys of their status pages.
export RUNTIME_DIRECTORY=$dir
case $upstream in
    '') upstream=http://127.0.0.1:$site_port ;;
    *[!0-9]*) ;;
    *) upstream=http://127.0.0.1:$upstream ;;
esac

umask 077
token=$(od --address-radix=n --format=x8 --read-bytes=16 /dev/urandom | tr -d ' ')

cat >"$dir/fpw-relay.conf" <<TOML
[relay]
listen = "127.0.0.1:$port"
admin_listen = "127.0.0.1:$relay_admin_port"

[host."$host"]
token = "$token"
TOML

cat >"$dir/fpw.conf" <<TOML
[daemon]
admin_listen = "127.0.0.1:$admin_port"
inspector = true

[tunnel.demo]
host = "$host"
token = "$token"
upstream = "$upstream"
relay = "http://127.0.0.1:$port/"
TOML

"$bin/fpwd" -t -q -c "$dir/fpw.conf" || exit 1
if [ -z "${1:-}" ]; then start site scripts/demo-site/serve "$site_port"; fi
start fpw-relay "$bin/fpw-relay" -c "$dir/fpw-relay.conf"
start fpwd "$bin/fpwd" -c "$dir/fpw.conf"

for ((tries = 100; ; tries--)); do
    if "$bin/fpwd" ready -c "$dir/fpw.conf" >/dev/null 2>&1; then break; fi
    [ "$tries" -gt 0 ] || fail 'The tunnel did not open within 10 seconds:'
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || fail 'A program of the demo ended:'; done
    sleep 0.1
done

cat <<TEXT

    The tunnel is open. Visit

        http://$host:$port/

    or, where that name is not known:

        curl --fail -H 'Host: $host' http://127.0.0.1:$port/

    visitor → fpw-relay on port $port → fpwd → $upstream

    What comes in, with its headers and bodies, and the relay's side of it:

        $("$bin/fpwd" status --url -c "$dir/fpw.conf")
        $("$bin/fpw-relay" status --url -c "$dir/fpw-relay.conf")

    Ctrl-C ends it. What fpwd writes from here on, a line for each visit:

TEXT

tail --follow --lines=0 "$dir/fpwd.log" &
pids+=($!)
wait -n "${pids[@]}" || true
fail 'A program of the demo ended:'
