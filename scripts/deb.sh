#!/usr/bin/env bash
# Makes the Debian packages of both programs, and lets lintian look at them: scripts/deb.sh [FOLDER]
#
# They come into FOLDER, default .build/deb, and are made in a copy of the tree. The programs are taken from $FPW_BIN_DIR, default
# .build/release.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=${FPW_BIN_DIR:-.build/release}
for program in fpwd fpw-relay; do
    [ -x "$programs/$program" ] || { echo "Nothing has been built yet: run make first." >&2; exit 1; }
done
mkdir -p "${1:-.build/deb}"
folder=$(realpath "${1:-.build/deb}")

missing=()
command -v dpkg-buildpackage >/dev/null || missing+=(dpkg-dev)
command -v dh >/dev/null || missing+=(debhelper)
command -v lintian >/dev/null || missing+=(lintian)
command -v python3 >/dev/null || missing+=(python3)
if [ ${#missing[@]} -gt 0 ]; then
    command="apt-get update && apt-get install --yes --no-install-recommends ${missing[*]}"
    echo "$command"
    if [ "$(id -u)" -ne 0 ]; then
        echo "The packages are made with these. Run the line above as root, then this command again." >&2
        exit 1
    fi
    DEBIAN_FRONTEND=noninteractive bash -c "$command"
fi

# All files of the copy are as old as the changelog says: the same tree makes the same packages.
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog --file packaging/debian/changelog --show-field Timestamp)
export SOURCE_DATE_EPOCH
copy=$folder/copy
rm -rf "$copy" "$folder"/*.deb "$folder"/*.buildinfo "$folder"/*.changes
mkdir "$copy"
tar --create --mtime="@$SOURCE_DATE_EPOCH" --exclude='./.*' . | tar --extract --directory="$copy"
mv "$copy/packaging/debian" "$copy/debian"
install -D --mode=755 --target-directory="$copy/.build/release" "$programs/fpwd" "$programs/fpw-relay"

(cd "$copy" && LC_ALL=C.UTF-8 dpkg-buildpackage --build=binary --unsigned-source --unsigned-changes)
rm -rf "$copy"

lintian --fail-on error,warning --allow-root "$folder"/*.changes
ls -l "$folder"/*.deb
