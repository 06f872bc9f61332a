"""A machine on which the packages have just been installed, without a network and without an edited file."""

import subprocess
from collections.abc import Iterator

import pytest

from harness.debian import Debian
from harness.lab import running
from harness.program import eventually
from harness.site import ACCOUNTS, FILES, FOLDERS, SERVICES, install

# What a service without one has nothing to do for.
WORK = {"fpwd": "tunnel", "fpw-relay": "host"}

services = pytest.mark.parametrize("service", SERVICES)


@pytest.fixture(scope="module", autouse=True)
def debian(boot, debs) -> Iterator[Debian]:
    """One of this file's own, with both packages as they come."""
    with running(boot()) as machine:
        install(machine, debs.both)
        yield machine


@services
def test_a_service_runs_and_says_what_to_edit(debian, service):
    assert debian.run("systemctl", "is-active", service) == "active\n"
    said = eventually(lambda: debian.unit(service, "StatusText"))
    assert said == f"no {WORK[service]} configured, edit {FILES[service]}"


@services
def test_a_service_runs_as_an_account_of_its_own(debian, service):
    account = ACCOUNTS[service]
    process = debian.unit(service, "MainPID")
    assert debian.run("stat", "--format=%U %G", f"/proc/{process}") == f"{account} {account}\n"


def test_a_daemon_without_a_tunnel_contacts_nobody(debian):
    sockets = subprocess.run(["ss", "-Hnutap"], check=True, capture_output=True, text=True)
    ours = [line.split() for line in sockets.stdout.splitlines() if '"fpwd"' in line]
    assert [(line[1], line[4]) for line in ours] == [("LISTEN", "127.0.0.1:9882")]


@services
def test_tokens_are_for_root_and_the_service_alone(debian, service):
    account = ACCOUNTS[service]
    said = debian.run("stat", "--format=%a %U %G", FILES[service], FOLDERS[service])
    assert said == f"640 root {account}\n750 root {account}\n"


@services
def test_manuals_and_completions_are_there(debian, service):
    for file in (
        f"/usr/share/man/man1/{service}.1.gz",
        f"/usr/share/man/man5/{FILES[service].removeprefix('/etc/')}.5.gz",
        f"/usr/share/zsh/vendor-completions/_{service}",
        f"/usr/share/fish/vendor_completions.d/{service}.fish",
    ):
        assert debian.path(file).stat().st_size > 0
    loaded = f". /usr/share/bash-completion/completions/{service}; complete -p {service}"
    assert debian.run("bash", "-c", loaded).endswith(f" {service}\n")


@services
def test_a_service_is_as_confined_as_its_unit_promises(debian, service):
    said = debian.run("systemd-analyze", "security", "--no-pager", service).splitlines()[-1]
    assert float(said.partition("for ")[2].split()[1]) <= 1.5, said


def test_both_services_start_with_the_machine_and_nothing_is_wrong(debian):
    debian.reboot()
    assert debian.run("systemctl", "is-system-running", "--wait") == "running\n"
    assert debian.run("systemctl", "is-active", *SERVICES) == "active\nactive\n"
    assert debian.journal("--priority=warning", *(f"--unit={service}" for service in SERVICES)) == ""
