"""fpw-relay on the open internet: what one address and one slow peer may take from the others."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import PATIENCE, eventually, free_port
from harness.programs import HOST, QUIET
from harness.slots import RawSlot

NEAR, FAR = "192.0.2.1", "192.0.2.2"


# Connections of one address.


@pytest.fixture
def addresses(network):
    """Two addresses that are not this machine's own, as far as the relay can see."""
    for address in (NEAR, FAR):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True, timeout=10)


def connected(address: str, port: int) -> socket.socket:
    return socket.create_connection((address, port), 10 * PATIENCE, source_address=(address, 0))


def said_to(sock: socket.socket, request: bytes = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") -> bytes:
    with contextlib.suppress(ConnectionError):
        sock.sendall(request)
    received = b""
    with contextlib.suppress(ConnectionError):
        while more := sock.recv(1 << 16):
            received += more
    return received


@pytest.mark.usefixtures("addresses")
def test_an_address_has_so_many_connections_and_others_have_theirs(fpw_relay):
    port = free_port()
    relay = fpw_relay(port=port, listen=f"*:{port}", max_connections_per_address=3)
    with contextlib.ExitStack() as ending:
        held = [ending.enter_context(connected(NEAR, port)) for _ in range(3)]
        refused = [said_to(ending.enter_context(connected(NEAR, port))) for _ in range(2)]
        assert all(b"429 Too Many Requests" in said and b"fpw-relay: too-many-connections" in said for said in refused)
        assert b" 404 " in said_to(ending.enter_context(connected(FAR, port)))
        assert b" 404 " in said_to(ending.enter_context(connected("127.0.0.1", port)))
        assert relay.metric("fpw_relay_refused_connections_total") == 2
        assert len(relay.lines_with("connections were refused")) == 1
        held.pop().close()
        eventually(lambda: b" 404 " in said_to(ending.enter_context(connected(NEAR, port))))


@pytest.mark.usefixtures("addresses")
def test_slots_with_a_good_token_are_not_counted(fpw_relay, fpwd, upstream):
    port = free_port()
    relay = fpw_relay(port=port, listen=f"*:{port}", max_connections_per_address=4)
    daemon = fpwd(f"http://{NEAR}:{port}/", upstream, workers=64, allow_plain_relay=True)
    daemon.wait_until_ready()
    eventually(lambda: relay.metric("fpw_relay_slots", state="parked") == 64)
    assert relay.metric("fpw_relay_refused_connections_total") == 0


@pytest.mark.usefixtures("addresses")
def test_a_bad_token_buys_no_connections(fpw_relay):
    port = free_port()
    relay = fpw_relay(port=port, listen=f"*:{port}", max_connections_per_address=3)
    post = f"POST / HTTP/1.1\r\nHost: r\r\nfpw-host: {HOST}\r\nfpw-token: wrong\r\nContent-Length: 0\r\n\r\n".encode()
    with contextlib.ExitStack() as ending:
        for _ in range(3):
            sock = ending.enter_context(connected(NEAR, port))
            sock.sendall(post)
            assert b" 403 " in sock.recv(1 << 16)
        assert b" 429 " in said_to(ending.enter_context(connected(NEAR, port)))
    assert relay.metric("fpw_relay_refused_tokens_total") == 3


@pytest.mark.usefixtures("addresses")
def test_a_trusted_proxy_is_not_counted_from_the_reload_on_that_names_it(fpw_relay):
    port = free_port()
    settings = {"listen": f"*:{port}", "max_connections_per_address": 1}
    relay = fpw_relay(port=port, **settings)
    with contextlib.ExitStack() as ending:
        ending.enter_context(connected(NEAR, port))
        assert b" 429 " in said_to(ending.enter_context(connected(NEAR, port)))
        relay.reload(**settings, trusted_proxies=[f"{NEAR}/32"])
        relay.wait_for_line("reloaded")
        assert all(b" 404 " in said_to(ending.enter_context(connected(NEAR, port))) for _ in range(5))


# Slow peers.


def dribble(sock: socket.socket, piece: bytes, every: float, stop: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while not stop.wait(every):
            sock.sendall(piece)


@pytest.mark.timeout(120)
def test_heads_and_bodies_that_come_drop_by_drop_are_cut_off_and_a_slot_may_take_its_time(fpw_relay):
    """As in a slow-request attack, each says something each second. The worker's reply lasts longer than both."""
    relay = fpw_relay()
    began, stop = time.monotonic(), threading.Event()
    upload = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100000\r\n\r\n".encode()
    with contextlib.ExitStack() as ending, ThreadPoolExecutor(8) as crowd:
        uploads, downloads = (ending.enter_context(RawSlot(relay, slot=digit * 32)) for digit in "ab")
        sockets = {}
        for name, slot in (("body", uploads), ("download", downloads)):
            slot.park()
            sockets[name] = ending.enter_context(relay.visitor().raw(90))
            sockets[name].sendall(upload if name == "body" else b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n" % HOST.encode())
        reply = downloads.reply_bytes(downloads.answer(), bytes(100), content_length="140")
        downloads.sock.sendall(reply[:-100])
        sockets |= {name: ending.enter_context(relay.visitor().raw(90)) for name in ("head", "silent")}
        sockets["head"].sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        drips = [(sockets["head"], b"x"), (sockets["body"], b"x" * 100), (downloads.sock, b"y")]
        for sock, piece in drips:
            crowd.submit(dribble, sock, piece, 1, stop)
        silence = sockets["silent"].recv(1)
        head, head_took = sockets["head"].recv(1 << 16), time.monotonic() - began
        body, body_took = sockets["body"].recv(1 << 16), time.monotonic() - began
        stop.set()
        assert silence == b"" and b" 408 " in head and 9 <= head_took <= 13
        assert b" 408 " in body and b"fpw-relay: slow-body" in body and 29 <= body_took <= 36
        assert [relay.metric("fpw_relay_slow_requests_total", part=part) for part in ("head", "body")] == [1, 1]
        received = b""
        while received.count(b"y") < 25:
            received += sockets["download"].recv(1 << 16)
        assert received.startswith(b"HTTP/1.1 200")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_an_upload_that_its_service_takes_slowly_is_not_the_visitors_fault(tunnel, upstream):
    """The whole path is full: what the service makes the visitor wait is no time of the visitor's."""

    @upstream.on("/slow")
    def _(request):
        parts = request.connection.body_parts(request.head)
        for second in range(40):
            time.sleep(1)
            for _ in range(4):
                assert next(parts, b"end") != b"end", f"all came in {second} s"
        for _ in parts:
            pass
        request.respond(body=b"at last")

    path = tunnel(upstream, workers=1, relay={"min_upload_rate": "1GiB"})
    size = 64 << 20
    head = f"POST /slow HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    with path.visitor.raw(90) as sock:
        sock.sendall(head.encode() + bytes(size))
        assert sock.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.large
@pytest.mark.measures
@pytest.mark.timeout(120)
def test_visitors_who_read_nothing_of_a_gibibyte_make_no_memory_grow(tunnel, nginx_files):
    nginx, files = nginx_files
    with (files / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    visitors = 16
    path = tunnel(nginx, workers=visitors, max_workers=visitors, relay=QUIET)
    assert path.visitor.visit(target="/page").status == 200
    programs = (path.relay, path.daemon)
    idle = [program.memory("VmRSS") for program in programs]
    with contextlib.ExitStack() as ending:
        for _ in range(visitors):
            sock = ending.enter_context(path.visitor.raw())
            sock.sendall(f"GET /sparse HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        eventually(lambda: path.relay.metric("fpw_relay_slots", state="busy") == visitors)
        sent = [0.0]
        # Until nothing moves any more.
        eventually(lambda: sent.append(path.relay.metric("fpw_relay_sent_bytes_total")) or 0 < sent[-2] == sent[-1], 30)
        time.sleep(5)
        # fpwd keeps the first mebibyte of each reply (reply_buffer).
        for program, before, allowed in zip(programs, idle, (512, 2048), strict=True):
            growth = (program.memory("VmHWM") - before) / visitors / 1024
            print(f"{program}: {growth:.0f} KiB for each visitor who reads nothing")
            assert growth <= allowed
        assert path.relay.metric("fpw_relay_sent_bytes_total") <= visitors * (16 << 20)
