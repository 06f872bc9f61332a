#!/usr/bin/env bash
# Checks what the documents say against what is there: the tables of configuration keys name exactly the keys of the sample
# configurations, and every source file that is named exists.
#
# In a document, `[table]` in a heading begins a table's keys, and each row of it begins with "| `key` |".
set -euo pipefail
cd "$(dirname "$0")/.."

# Prints `table.key` for every key of a sample configuration, commented out or not.
sample_keys() {
    sed -nE 's/^#?\[([a-z]+)[].].*/[\1/p; s/^#?([a-z0-9_]+) = .*/\1/p' "$@" |
        awk '/^\[/ { table = substr($0, 2); next } { print table "." $0 }' | sort -u
}

# Prints `table.key` for every row of a document's tables.
document_keys() {
    sed -nE 's/^#.*`\[([a-z]+)[].].*/[\1/p; t; s/^#.*/[/p; s/^\| `([a-z0-9_]+)` \|.*/\1/p' "$1" |
        awk '/^\[/ { table = substr($0, 2); next } table { print table "." $0 }' | sort -u
}

# `token` may stand in the place of `token_file`, in a comment only.
expected=$({ sample_keys config/fpw.conf config/fpw-relay.conf; echo tunnel.token; } | sort -u)
[ "$(wc -l <<<"$expected")" -gt 40 ] || { echo "config/*.conf: the keys are not recognised" >&2; exit 1; }

status=0
for document in docs/configuration.md docs/configuration.zh-CN.md; do
    if ! difference=$(diff <(echo "$expected") <(document_keys "$document")); then
        echo "$document: '<' is a key that it does not name, '>' one that config/*.conf does not have:" >&2
        grep '^[<>]' <<<"$difference" >&2
        status=1
    fi
done

for document in README.md README.zh-CN.md docs/*.md; do
    while read -r file; do
        [ -n "$(find . -path ./.build -prune -o -path "*/$file" -print -quit)" ] && continue
        echo "$document: there is no $file" >&2
        status=1
    done < <(grep -oE '`[A-Za-z0-9+/_.-]+\.(swift|c|sh)`' "$document" | tr -d '`' | sort -u)
done
exit $status
