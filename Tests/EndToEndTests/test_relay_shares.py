"""fpw-relay on the open internet: what one host and one token may take from the others."""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.crowd import Crowd
from harness.program import PATIENCE, eventually, free_port
from harness.programs import HOST, QUIET, TOKEN
from harness.slots import RawSlot, visited
from harness.wrk import Wrk
from parts.upstream import Gate

NEW_TOKEN = "another-token-of-the-tests"
OTHER, OTHERS_TOKEN = "other.example.test", "the-token-of-the-other-host"
NAME, PATTERN = "blog.wild.test", "*.wild.test"


# Slots of one host, and hosts beside it.


@pytest.mark.parametrize("place", ["relay", "host"])
def test_a_host_has_so_many_slots_and_its_daemon_says_why_there_are_no_more(fpw_relay, fpwd, upstream, place):
    table = {"token": TOKEN} | ({"max_slots": 3} if place == "host" else {})
    hosts = {HOST: table, OTHER: {"token": OTHERS_TOKEN}}
    relay = fpw_relay(hosts=hosts, **({"max_slots": 3} if place == "relay" else {}))
    daemon = fpwd(relay, upstream, workers=8)
    daemon.wait_for_line(
        "the relay asks to wait (429)", f"{HOST} has 3 slots already, the most that it may have (max_slots)"
    )
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
    print(
        f"p99 {in_quiet:.1f} ms in quiet, {beside:.1f} ms beside the flood, each of whom has a turn every {turn:.1f} ms"
    )
    assert beside <= max(100, 4 * turn) * PATIENCE


# Visitors who wait, at all hosts.


class Waiting:
    """Visitors of hosts whose one slot is busy, each with a connection of its own."""

    def __init__(self, relay, ending: contextlib.ExitStack):
        self._relay, self._ending = relay, ending
        self._socks: dict[str, list[socket.socket]] = {}

    def come(self, host: str) -> bytes:
        """One more visitor: what it is told at once, b"" where it waits."""
        before = self.count(host)
        sock = self._ending.enter_context(socket.create_connection(("127.0.0.1", self._relay.port), 10 * PATIENCE))
        sock.sendall(f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n".encode() + b"a" * 50)
        sock.setblocking(False)
        said = b""

        def has_settled() -> bool:
            nonlocal said
            with contextlib.suppress(BlockingIOError):
                said += sock.recv(1 << 16)
            return bool(said) or self.count(host) > before

        eventually(has_settled)
        if not said:
            self._socks.setdefault(host, []).append(sock)
        return said

    def fill(self, host: str) -> int:
        """Visitors come until one is refused; how many wait then."""
        while not (said := self.come(host)):
            pass
        assert (
            said.startswith(b"HTTP/1.1 503 ") and b"\r\nfpw-relay: relay-full\r\nretry-after: 5\r\n" in said.lower()
        ), said
        return self.count(host)

    def leave(self, host: str) -> None:
        for sock in self._socks.pop(host):
            sock.close()
        eventually(lambda: self.count(host) == 0)

    def count(self, host: str) -> int:
        return int(self._relay.metric("fpw_relay_waiting_visitors", host=host))


def test_so_many_visitors_wait_at_all_hosts_and_none_takes_more_than_it_leaves(fpw_relay):
    hosts = [f"{name}.example.test" for name in ("one", "two", "three")]
    relay = fpw_relay(hosts={host: {"token": TOKEN} for host in hosts}, max_waiting_visitors=12, loops=3)
    with contextlib.ExitStack() as ending:
        for host in hosts:
            ending.enter_context(visited(relay, host))
        waiting = Waiting(relay, ending)
        assert [waiting.fill(host) for host in hosts] == [6, 3, 2]
        assert relay.metric("fpw_relay_unserved_visitors_total", reason="relay-full") == 3
        relay.wait_for_line("a visitor was refused: too many wait at all hosts (max_waiting_visitors)", hosts[2])
        waiting.leave(hosts[0])
        assert [waiting.fill(host) for host in hosts[1:]] == [5, 4]
        assert [waiting.fill(host) for host in hosts] == [2, 5, 4]
        for host in hosts:
            waiting.leave(host)
        assert waiting.fill(hosts[2]) == 6, "whoever left has left room"


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


def name_without_slots(relay, token: str, number: int) -> None:
    """Sends POSTs for so many names on one connection: drains of slots that nobody knows."""

    def post(name: int) -> bytes:
        fields = f"fpw-host: n{name}.wild.test\r\nfpw-token: {token}\r\nfpw-drain: {name:032x}\r\n"
        return f"POST / HTTP/1.1\r\nHost: r\r\n{fields}Content-Length: 0\r\n\r\n".encode()

    with socket.create_connection(("127.0.0.1", relay.port), 10 * PATIENCE) as sock, sock.makefile("rb") as answers:
        for start in range(0, number, 100):
            sock.sendall(b"".join(post(name) for name in range(start, start + 100)))
            taken = 0
            while taken < 100:
                line = answers.readline()
                assert line, "the connection was closed"
                taken += line.startswith(b"HTTP/1.1 204")


def test_one_token_of_a_wildcard_keeps_no_other_out_by_names_without_slots(wild):
    name_without_slots(wild, TOKEN, 10_100)
    assert hello(wild, NEW_TOKEN) == 204
    assert wild.metric("fpw_relay_refused_names_total", host=PATTERN) == 0


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
