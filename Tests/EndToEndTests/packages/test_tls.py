"""fpw-relay ends TLS itself, inside its confined service."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest

from harness.program import eventually
from harness.programs import HOST
from harness.site import Site
from harness.tls import Authority
from harness.visitor import Visitor

FILES = {"tls_certificate": "/etc/fpw-relay/tls.pem", "tls_key": "/etc/fpw-relay/tls.key"}


@pytest.fixture
def certify(debian, tmp_path) -> Callable[[], ssl.SSLContext]:
    """Puts a new certificate where the relay finds it, as a deploy hook of certbot's does; how visitors come by it."""
    authority = Authority(tmp_path, "authority")
    debian.write("/etc/fpw/authority.pem", authority.file.read_bytes(), 0o640, "_fpwd")

    def certified() -> ssl.SSLContext:
        for place, file in zip(FILES.values(), authority.certificate("localhost", HOST), strict=True):
            debian.write(place, file.read_bytes(), 0o640, "_fpw-relay")
        return ssl.create_default_context(cafile=str(authority.file))

    return certified


@pytest.fixture
def visitor(certify, served) -> Visitor:
    """Of a site that visitors and slots come to by TLS alone."""
    tls = certify()
    tunnel = {"relay": "https://localhost/", "ca_file": "/etc/fpw/authority.pem"}
    served(tunnel, {"tls_listen": "*:443"} | FILES)
    return Visitor(443, HOST, tls)


def shown(visitor: Visitor) -> str:
    with visitor.raw() as sock:
        return sock.getpeercert()["serialNumber"]


def test_visitors_and_slots_come_by_tls_to_the_port_of_root(visitor, upstream):
    assert visitor.visit().text == "hello\n"
    assert upstream.requests[-1].head.get("x-forwarded-proto") == "https"


def test_a_renewed_certificate_is_shown_after_a_reload(visitor, certify, debian):
    before = shown(visitor)
    certify()
    assert shown(visitor) == before
    debian.run("systemctl", "reload", "fpw-relay")
    eventually(lambda: shown(visitor) != before)
    assert visitor.visit().text == "hello\n"


def test_a_key_that_others_can_read_fails_the_reload_and_changes_nothing(visitor, certify, debian):
    before = shown(visitor)
    certify()
    debian.run("chmod", "o+r", FILES["tls_key"])
    assert debian.attempt("systemctl", "reload", "fpw-relay").returncode != 0
    debian.wait_for_journal("fpw-relay", "can be read by every user of this machine")
    assert (shown(visitor), visitor.visit().text) == (before, "hello\n")


def test_a_key_that_the_service_cannot_read_is_named(visitor, debian, site: Site):
    debian.run("chown", "root:root", FILES["tls_key"])
    debian.run("chmod", "600", FILES["tls_key"])
    assert debian.attempt("systemctl", "restart", "fpw-relay").returncode != 0
    debian.wait_for_journal("fpw-relay", FILES["tls_key"])
