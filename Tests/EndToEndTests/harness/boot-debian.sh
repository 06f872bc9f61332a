#!/bin/sh
# Boots a Debian by its own systemd, without a network: boot-debian.sh ROOT FOLDER
#
# What it writes goes to memory and is gone when it ends; ROOT stays as it is, and FOLDER, which must exist, looks empty.
# Everything is mounted in a mount namespace of this process. SIGTERM shuts the machine down. Only root may do this.
set -eu

# systemd-nspawn wants the unified hierarchy of control groups and a systemd that runs; both are made up where the host has none.
if [ "${3-}" != inside ]; then
    # Where the tests are killed, the machine goes down, too.
    exec setpriv --pdeathsig TERM unshare --mount --propagation private "$0" "$1" "$2" inside
fi
group=/sys/fs/cgroup/fpw-machine.$$
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir "$group"
echo $$ >"$group/cgroup.procs"
mount -t tmpfs tmpfs /run/systemd
mount -t tmpfs tmpfs "$2"
mkdir "$2/written" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=$1,upperdir=$2/written,workdir=$2/work" overlay "$2/root"

clean() {
    echo $$ >/sys/fs/cgroup/cgroup.procs
    # Where nspawn was ended by force, the machine's processes take a moment longer.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && return
        sleep 0.2
    done
}
trap clean EXIT
trap 'kill -TERM $machine' TERM

# The units' IPAddressDeny= is made of bpf. 133 says that the machine wants to boot again.
status=133
while [ $status -eq 133 ]; do
    status=0
    systemd-nspawn --quiet --register=no --keep-unit --private-network --system-call-filter=bpf --notify-ready=yes \
        --machine=fpw-test --directory="$2/root" --boot -- --show-status=error </dev/null &
    machine=$!
    # A signal ends the first wait, not the machine.
    wait $machine || status=$?
    if kill -0 $machine 2>/dev/null; then
        status=0
        wait $machine || status=$?
    fi
done
exit $status
