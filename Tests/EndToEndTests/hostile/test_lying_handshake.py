"""What is no TLS, or half of it, ends its own connection; no request is read in it (docs/relay-on-the-internet.md)."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import ssl
import subprocess
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.bad_requests import HEADS, SIZES
from harness.handshakes import HANDSHAKE, HELLO, NO_HANDSHAKES, NO_TLS, Client, answer, is_refusal
from harness.mutation import Mutator
from harness.program import PATIENCE, eventually
from harness.programs import HOST, QUIET, TOKEN
from parts.upstream import Request, Upstream
from parts.wire import reset_at_close

SIDE = "handshake"
OTHER = "other.example.test"
NEAR = "192.0.2.1"
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
ERRORS = "fpw_relay_protocol_errors_total"


@pytest.fixture(scope="module")
def house(module_lab, authority):
    """fpw-relay with TLS, and fpwd before a web service that notes what it sees."""
    seen: list[tuple[str, str, bytes]] = []

    def note(request: Request) -> None:
        seen.append((request.head.method, request.head.target, request.connection.read_body(request.head)))
        request.respond(body=b"seen")

    upstream = module_lab.care(Upstream())
    upstream.otherwise = upstream._scripts["/"] = note
    relay = module_lab.relay(authority=authority, **QUIET)
    daemon = module_lab.fpwd(relay, upstream, workers=4, daemon=QUIET)
    daemon.wait_until_ready()
    return relay, seen


@pytest.fixture
def relay(house, tally):
    """It serves a visitor by TLS before and after the test, and nobody else meanwhile."""
    relay, seen = house
    seen.clear()
    yield relay
    tally.is_alive(relay)
    assert seen == []
    assert relay.visitor().visit(target="/after").status == 200


def context(relay, version: str) -> ssl.SSLContext:
    tls = ssl.create_default_context(cafile=str(relay.authority.file))
    tls.minimum_version = tls.maximum_version = VERSIONS[version]
    return tls


def connected(relay) -> socket.socket:
    return socket.create_connection(("127.0.0.1", relay.tls_port), 20 * PATIENCE)


def reset(sock: socket.socket) -> None:
    reset_at_close(sock)
    sock.close()


# What is none.


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_hello_that_is_cut_anywhere_is_none(relay, tally, version):
    hello = Client(context(relay, version)).says()
    for length in range(len(hello)):
        told = answer(relay.tls_port, hello[:length])
        tally.refuse() if is_refusal(told) else tally.accept_wrongly(f"{hello[:length]!r}: {told!r}")
    assert answer(relay.tls_port, hello)[0] == HANDSHAKE, "whole it is answered"


def test_handshakes_that_are_none_are_refused(relay, tally):
    assert answer(relay.tls_port, HELLO)[0] == HANDSHAKE, "what they are made of is one"
    for name, data in NO_HANDSHAKES.items():
        told = answer(relay.tls_port, data)
        tally.refuse() if is_refusal(told) else tally.accept_wrongly(f"{name}: {told!r}")


def test_other_protocols_are_told_that_this_is_tls(relay, tally):
    behind = f"GET /smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    heads = [text.format(host=HOST, canary=HOST, **SIZES).encode("latin-1") for text in (*HEADS, behind)]
    others = [*NO_TLS.values(), *(head for head in heads if head[0] != HANDSHAKE)]
    before = relay.metric(ERRORS, reason="tls")
    for data in others:
        told = answer(relay.tls_port, data + behind.encode())
        # Who goes on speaking may have the connection reset before that was read.
        is_told = told.startswith(b"HTTP/1.1 400 ") and b"fpw-relay: not-tls" in told
        is_reset = len(data) > 10_000 and not told
        tally.refuse() if is_told or is_reset else tally.accept_wrongly(f"{data!r}: {told!r}")
    assert relay.metric(ERRORS, reason="tls") - before == len(others)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(relay, tally, version):
    old = context(relay, "1.2")
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = version
    with connected(relay) as sock, pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        old.wrap_socket(sock, server_hostname="localhost")
    tally.refuse()


def test_renegotiation_is_refused(relay):
    """By the end of the connection, at once: who says nothing could stay for ten seconds."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{relay.tls_port}", "-tls1_2", "-legacy_renegotiation"]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with client:
        client.stdin.write(b"R\n")
        client.stdin.flush()
        told = b""
        while b"RENEGOTIATING" not in told and (line := client.stdout.readline()):
            told += line
        assert b"RENEGOTIATING" in told and client.wait(5 * PATIENCE) != 0


# What is read all the same.


def test_a_name_of_nobodys_is_shown_the_certificate_and_host_decides(relay, house, tally):
    """Who is visited stands in the request: one certificate is shown to everyone."""
    lax = ssl.create_default_context(cafile=str(relay.authority.file))
    lax.check_hostname = False
    names = [None, "nobody.test", OTHER, "test", "*.test", "a" * 63 + ".test", "xn--a", "_", "127.0.0.1", HOST.upper()]
    for name in names:
        for host, status in ((HOST, b"200"), ("nobody.test", b"404")):
            with connected(relay) as tcp, lax.wrap_socket(tcp, server_hostname=name) as sock:
                sock.sendall(f"GET /named HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                told = sock.recv(1 << 16)
            if told[9:12] != status:
                tally.accept_wrongly(f"{name}, {host}: {told!r}")
            elif host == HOST:
                tally.take()
            else:
                tally.refuse()
    _, seen = house
    assert seen == [("GET", "/named", b"")] * len(names)
    seen.clear()


def converse(relay, client: Client, turn: int | None, mutator: Mutator) -> None:
    """Carries what both say, and damages what the client says in that turn."""
    with connected(relay) as sock, contextlib.suppress(ConnectionError, ssl.SSLError):
        told = b""
        for number in range(4):
            said = client.says(told)
            sock.sendall(next(mutator.many([said], 1)) if number == turn else said)
            # Where half a record has been said, both wait.
            patience = 20 * PATIENCE if turn is None or number < turn else 0.2
            readable, _, _ = select.select([sock], [], [], patience)
            told = sock.recv(1 << 16) if readable else b""
            if not told:
                return


@pytest.mark.parametrize("version", VERSIONS)
def test_damaged_handshakes_carry_no_request_but_the_one_that_was_meant(relay, house, tally, depth, version):
    tls, count = context(relay, version), 60 * depth
    requests = [("POST", f"/damaged/{number}", b"of the client's") for number in range(count)]

    def run(number: int) -> None:
        method, target, body = requests[number]
        head = f"{method} {target} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        # The last one is not damaged.
        turn = number % 3 if number + 1 < count else None
        converse(relay, Client(tls, head.encode() + body), turn, Mutator((tally.seed, SIDE, version, number)))

    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(run, range(count)))
    _, seen = house
    eventually(lambda: requests[-1] in seen)
    for request in requests:
        tally.take() if request in seen else tally.refuse()
    if len(set(seen)) < len(seen) or not set(seen) <= set(requests):
        tally.accept_wrongly(f"{seen}")
    seen.clear()


# Who does not come to the end.


@pytest.mark.parametrize("version", VERSIONS)
def test_who_resets_the_connection_within_the_handshake_leaves_nothing_behind(relay, tally, version):
    before = relay.descriptors
    for number in range(100):
        client, sock = Client(context(relay, version)), connected(relay)
        said = client.says()
        sock.sendall(said[: len(said) // 2] if number % 4 == 0 else said)
        if number % 4 >= 2:
            said = client.says(sock.recv(1 << 16))
            sock.sendall(said[: len(said) // 2] if number % 4 == 2 else said)
        reset(sock)
        tally.refuse()
    eventually(lambda: relay.descriptors <= before)


def test_a_crowd_that_never_ends_its_handshakes_is_cut_off_and_holds_up_nobody(relay, house, tally):
    """Who says nothing, who stops, who says a byte now and then, and who goes on so in the request's head."""
    hello, count, chance = Client(context(relay, "1.3")).says(), 40, random.Random(tally.seed)
    before = relay.metric(ERRORS, reason="tls")
    with contextlib.ExitStack() as ending:
        silent, halves, drops = ([ending.enter_context(connected(relay)) for _ in range(count)] for _ in range(3))
        heads = [ending.enter_context(relay.visitor().raw()) for _ in range(count)]
        began = time.monotonic()
        for sock in halves:
            sock.sendall(hello[: chance.randrange(1, len(hello))])
        for position in range(16):
            for sock in drops:
                sock.sendall(hello[position : position + 1])
            for sock in heads:
                sock.sendall(b"GET / HTTP/1.1\r\n"[position : position + 1])
            assert relay.visitor().visit(target="/beside").status == 200
            time.sleep(0.5)
        for sock in (*silent, *halves, *drops, *heads):
            told = b""
            with contextlib.suppress(ConnectionError):
                while more := sock.recv(1 << 16):
                    told += more
            is_cut_off = told.startswith(b"HTTP/1.1 408 ") if sock in heads else told == b""
            tally.refuse() if is_cut_off else tally.accept_wrongly(f"{told!r}")
        assert 8 < time.monotonic() - began < 14 * PATIENCE
    # The bound of a request's head is ten seconds, too: whom its look meets first is closed without being counted here.
    assert 2 * count < relay.metric(ERRORS, reason="tls") - before <= 3 * count
    _, seen = house
    assert seen == [("GET", "/beside", b"")] * 16
    seen.clear()


@pytest.mark.usefixtures("network")
def test_an_address_has_so_many_handshakes_at_once(lab, authority, tally):
    subprocess.run(["ip", "address", "add", f"{NEAR}/32", "dev", "lo"], check=True, timeout=10)
    relay = lab.relay(authority=authority, hosts={HOST: {"token": TOKEN}}, max_connections_per_address=10)
    hello = Client(context(relay, "1.3")).says()
    with contextlib.ExitStack() as ending:
        crowd = [
            ending.enter_context(socket.create_connection(("127.0.0.1", relay.tls_port), 20, source_address=(NEAR, 0)))
            for _ in range(50)
        ]
        for sock in crowd[:10]:
            sock.sendall(hello[:-1])
            tally.take()
        for sock in crowd[10:]:
            with contextlib.suppress(ConnectionError):
                assert sock.recv(1) == b""
            tally.refuse()
        assert relay.metric("fpw_relay_refused_connections_total") == 40
        assert select.select(crowd[:10], [], [], 0)[0] == [], "those before it stay"
        assert relay.visitor().visit().status == 502, "others come in"
    tally.is_alive(relay)
