"""What a visitor asks for and never takes does not pile up in fpw-relay, nor what he calls things."""

from __future__ import annotations

import contextlib
import ssl

import pytest

from harness.programs import HOST, QUIET

SIDE = "visitor"
MIB = 1 << 20
# Of what fits into the buffers of both kernels, and of the answer to what has been read.
ROOM = 8 * MIB


@pytest.fixture(params=["clear", "tls"])
def relay(request, lab, authority, tally):
    relay = lab.relay(authority=authority if request.param == "tls" else None, **QUIET)
    relay.visitor().visit()
    yield relay
    tally.is_alive(relay)
    assert relay.visitor().visit().status == 502


@pytest.mark.measures
def test_who_asks_and_never_takes_an_answer_is_not_asked_on(relay, tally):
    before = relay.memory("VmRSS")
    requests = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode() * 1000
    sent = 0
    with relay.visitor().raw(within=1) as sock, contextlib.suppress(TimeoutError, ssl.SSLError):
        # Until nobody takes what is sent.
        while sent < 64 * MIB:
            sock.sendall(requests)
            sent += len(requests)
    tally.refuse() if sent < 64 * MIB else tally.accept_wrongly(f"{sent} bytes of requests")
    assert relay.memory("VmRSS") - before < ROOM


@pytest.mark.measures
def test_names_and_methods_of_any_length_are_not_kept(relay, tally):
    before = relay.memory("VmRSS")
    for target, host in (("M" * 15_000, "nobody.test"), ("GET", "a" * 100_000)):
        request = f"{target} / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        for _ in range(300):
            with relay.visitor().raw() as sock:
                sock.sendall(request)
                status = sock.recv(1 << 16).split()[1]
            tally.refuse() if status in (b"400", b"404") else tally.accept_wrongly(f"{status!r}")
    assert relay.memory("VmRSS") - before < ROOM
