"""fpw-relay on the open internet: what one address, one host, one token and one slow peer may take from the others."""

from __future__ import annotations

import contextlib
import socket
import statistics
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.crowd import Crowd
from harness.program import PATIENCE, eventually, free_port
from harness.programs import HOST, QUIET, TOKEN
from harness.slots import RawSlot
from harness.wrk import Wrk
from parts.upstream import Gate

NEAR, FAR = "192.0.2.1", "192.0.2.2"
NEW_TOKEN = "another-token-of-the-tests"
OTHER, OTHERS_TOKEN = "other.example.test", "the-token-of-the-other-host"
NAME, PATTERN = "blog.wild.test", "*.wild.test"


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
    """As in a slow-request attack: each of them says something each second. The worker's reply lasts longer than both."""
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


# Slots of one host, and hosts beside it.


@pytest.mark.parametrize("place", ["relay", "host"])
def test_a_host_has_so_many_slots_and_its_daemon_says_why_there_are_no_more(fpw_relay, fpwd, upstream, place):
    table = {"token": TOKEN} | ({"max_slots": 3} if place == "host" else {})
    hosts = {HOST: table, OTHER: {"token": OTHERS_TOKEN}}
    relay = fpw_relay(hosts=hosts, **({"max_slots": 3} if place == "relay" else {}))
    daemon = fpwd(relay, upstream, workers=8)
    daemon.wait_for_line("the relay asks to wait (429)", f"{HOST} has 3 slots already, the most that it may have (max_slots)")
    eventually(lambda: relay.metric("fpw_relay_refused_slots_total", host=HOST, reason="max-slots") >= 5)
    assert relay.metric("fpw_relay_slots", host=HOST, state="parked") == 3
    assert daemon.is_ready
    assert [relay.visitor().visit().status for _ in range(20)] == [200] * 20
    time.sleep(3)
    assert relay.metric("fpw_relay_refused_slots_total") <= 10, "it asks again after half a minute"
    assert not daemon.lines_with("tunnel is open again"), "the link has been up all the time"


class SlotFlood:
    """A worker that opens slots for ever, and answers no visit."""

    def __init__(self, relay, host: str, token: str):
        self._relay, self._host, self._token = relay, host, token
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._open)

    def _open(self) -> None:
        with contextlib.ExitStack() as ending:
            for number in range(2000):
                slot = ending.enter_context(RawSlot(self._relay, self._host, self._token, slot=f"{number:032x}"))
                slot.sock.sendall(slot.bytes_of())
                if self._stop.wait(0.01):
                    return

    def __enter__(self) -> SlotFlood:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join()


def latencies(visitor, count: int) -> list[float]:
    """Of a visitor who keeps its connection: how fast others are let in is another question."""
    connection = visitor.connection()

    def took() -> float:
        began = time.monotonic()
        assert visitor.visit(connection=connection).status == 200
        return time.monotonic() - began

    with contextlib.closing(connection):
        return [took() for _ in range(count)]


@pytest.mark.measures
def test_a_flooded_host_holds_up_no_other(fpw_relay, fpwd, upstream):
    """Visitors who wait, visitors who are sent away, and slots beyond the limit, all at one host."""
    hosts = {HOST: {"token": TOKEN}, OTHER: {"token": OTHERS_TOKEN, "max_slots": 20}}
    relay = fpw_relay(hosts=hosts, queue_limit=200, **QUIET)
    fpwd(relay, upstream, workers=4, daemon=QUIET).wait_until_ready()
    quiet = latencies(relay.visitor(), 200)
    with SlotFlood(relay, OTHER, OTHERS_TOKEN):
        eventually(lambda: relay.metric("fpw_relay_refused_slots_total", host=OTHER, reason="max-slots") > 0)
        flood = Wrk(relay.visitor(OTHER), "/", visitors=300, seconds=10)
        eventually(lambda: relay.metric("fpw_relay_unserved_visitors_total", host=OTHER, reason="queue-full") > 0)
        flooded = latencies(relay.visitor(), 200)
        assert relay.metric("fpw_relay_slots", host=OTHER) <= 20
        assert relay.metric("fpw_relay_waiting_visitors", host=OTHER) <= 200
        # How long it takes to answer everyone of the crowd once: nobody waits for much more than that.
        turn = 300 * 10_000 / flood.answers().total()
    in_quiet, beside = (statistics.quantiles(values, n=100)[98] * 1000 for values in (quiet, flooded))
    print(f"p99 {in_quiet:.1f} ms in quiet, {beside:.1f} ms beside the flood, each of whom has a turn every {turn:.1f} ms")
    assert beside <= max(100, 4 * turn) * PATIENCE


# Names below a wildcard.


@pytest.fixture
def wild(fpw_relay):
    port = free_port()
    return fpw_relay(port=port, listen=f"*:{port}", hosts={PATTERN: {"tokens": [TOKEN, NEW_TOKEN]}})


def hello(relay, token: str) -> int:
    """What a slot from another address than the daemons' is told that is about to come."""
    with socket.create_connection(("::1", relay.port), 10 * PATIENCE) as sock:
        fields = f"fpw-host: {NAME}\r\nfpw-token: {token}\r\nfpw-hello: 1\r\nContent-Length: 0\r\n"
        sock.sendall(f"POST / HTTP/1.1\r\nHost: r\r\n{fields}\r\n".encode())
        return int(sock.recv(1 << 16)[9:12])


def test_a_name_below_a_wildcard_is_its_first_holders(wild, fpwd, upstream):
    first = fpwd(wild, upstream, host=NAME, token=TOKEN, workers=2)
    first.wait_until_ready()
    upstream.on("/who")(lambda request: request.respond(body=b"first"))
    second = fpwd(f"http://[::1]:{wild.port}/", upstream, host=NAME, token=NEW_TOKEN, workers=2)
    second.wait_for_line(f"403 {NAME} is served with another token of {PATTERN}")
    assert not second.is_ready
    assert wild.metric("fpw_relay_slots", state="parked") == 2
    assert wild.metric("fpw_relay_refused_slots_total", host=PATTERN, reason="held") >= 1
    assert {wild.visitor(NAME).visit(target="/who").status for _ in range(10)} == {200}
    with RawSlot(wild, "shop.wild.test", NEW_TOKEN) as other_name:
        assert other_name.post(fpw_hello="1").status == 204, "another name is free"
    assert hello(wild, NEW_TOKEN) == 403
    first.stop()
    assert hello(wild, NEW_TOKEN) == 204


@pytest.mark.parametrize("way", ["reload", "another process"])
def test_the_holders_next_token_takes_the_name_over_and_no_visitor_is_lost(wild, fpwd, upstream, way):
    """While a visit of the old token's is still under way; in the end the old token is withdrawn."""
    gate = Gate()
    upstream.on("/gate")(gate)
    old = {"host": NAME, "token": TOKEN, "relay": wild.url, "upstream": upstream.url, "workers": 4}
    new = old | {"token": NEW_TOKEN}
    daemon = fpwd(tunnels={"blog": old})
    daemon.wait_until_ready()
    with ThreadPoolExecutor(6) as crowd:
        held = crowd.submit(wild.visitor(NAME).visit, target="/gate")
        assert gate.holds(1)
        with Crowd(wild.visitor(NAME)) as visitors:
            if way == "reload":
                daemon.reload({"blog": new})
            else:
                fpwd(tunnels={"blog": new}).wait_until_ready()
                stopped = crowd.submit(daemon.stop)
            eventually(lambda: hello(wild, TOKEN) == 403, 15)
            visitors.see_more(100)
            gate.open()
            assert held.result().status == 200
            if way != "reload":
                stopped.result()
            visitors.see_more(100)
            wild.reload(hosts={PATTERN: {"tokens": [NEW_TOKEN, "a-third-token-of-the-tests"]}}, listen=f"*:{wild.port}")
            wild.wait_for_line("reloaded")
            visitors.see_more(100)
    assert set(visitors.statuses) == {200}
