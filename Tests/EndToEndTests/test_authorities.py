"""Whose certificates fpwd takes: those of one file's authorities, which it reads for all connections at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.program import eventually
from harness.tls import Authority

# The shell in whose mount namespace a folder stands in the place of the system's certificates.
INSTEAD = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/ssl/certs && exec "$@"']


@pytest.fixture
def system(tmp_path, authority):
    """The system's certificates are those of the tests' authority: as one file, and as a folder with hashed names."""
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "ca-certificates.crt").write_bytes(authority.file.read_bytes())
    hashed = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", authority.file], capture_output=True, text=True
    )
    (folder / f"{hashed.stdout.strip()}.0").write_bytes(authority.file.read_bytes())
    return [*INSTEAD, folder]


@pytest.fixture
def relay(fpw_relay, authority):
    return fpw_relay(authority=authority)


def test_the_systems_authorities_are_trusted_where_no_file_is_named(relay, fpwd, upstream, system):
    fpwd(tunnels={"demo": {"relay": relay.url, "upstream": upstream.url}}, under=system).wait_until_ready()


def test_a_file_of_authorities_stands_in_the_place_of_the_systems(relay, fpwd, upstream, system, tmp_path):
    daemon = fpwd(relay, upstream, ca_file=str(Authority(tmp_path, "another").file), under=system)
    daemon.wait_for_line("certificate")
    assert not daemon.is_ready


@pytest.mark.measures
def test_authorities_are_held_once_for_all_connections(relay, fpwd, upstream, authority, tmp_path):
    """As many as a system has take a mebibyte, and tens of milliseconds to read."""
    many = tmp_path / "many.pem"
    others = [Authority(tmp_path, f"other-{number}").file for number in range(60)]
    many.write_bytes(b"".join(file.read_bytes() for file in (*others, authority.file)))

    def memory(authorities: Path) -> int:
        before = relay.metric("fpw_relay_slots", state="parked")
        daemon = fpwd(relay, upstream, workers=42, ca_file=str(authorities), daemon={"loops": 1})
        eventually(lambda: relay.metric("fpw_relay_slots", state="parked") == before + 42, 20)
        return daemon.memory("VmRSS")

    more = memory(many) - memory(authority.file)
    print(f"sixty more authorities take {more / 1024:.0f} KiB at 42 connections")
    assert more < 4 << 20
