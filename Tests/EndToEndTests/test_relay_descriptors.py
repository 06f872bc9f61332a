"""fpw-relay without a free descriptor: it says so, turns visitors away with an answer, and comes back."""

import os
import resource
import socket
import ssl
import time

import pytest

from harness.program import eventually
from harness.programs import HOST

IN_CLEAR = pytest.mark.clear("by TLS nobody is told why, who finds no descriptor")


@pytest.fixture
def crowded(tunnel, upstream):
    """A tunnel whose relay has no free descriptor any more, and the idle connections that hold them."""
    path = tunnel(upstream, workers=2)
    assert path.visitor.visit().status == 200
    used = int(path.relay.metric("process_open_fds"))
    # The connection that asked has counted itself. It ends first, or another would find its descriptor later.
    eventually(lambda: len(os.listdir(f"/proc/{path.relay.pid}/fd")) < used)
    limit = used + 20
    resource.prlimit(path.relay.pid, resource.RLIMIT_NOFILE, (limit, limit))
    idle = [path.visitor.raw(within=5) for _ in range(limit)]
    yield path, idle
    for connection in idle:
        connection.close()


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def answer(connection: socket.socket) -> bytes:
    received = b""
    while data := connection.recv(4096):
        received += data
    return received


@IN_CLEAR
def test_who_finds_no_descriptor_is_told_to_come_back(crowded):
    path, idle = crowded
    turned_away = answer(idle[-1])
    assert turned_away.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 1\r\n" in turned_away
    assert b"\r\nfpw-relay: too-many-connections\r\n" in turned_away
    path.relay.wait_for_line("turned away", "Too many open files")


@IN_CLEAR
def test_it_does_not_spin_and_says_so_once(crowded):
    path, idle = crowded
    answer(idle[-1])
    path.relay.wait_for_line("turned away")
    before = cpu_seconds(path.relay.pid)
    started = time.monotonic()
    for _ in range(20):
        assert answer(path.visitor.raw(within=5)).startswith(b"HTTP/1.1 503 ")
        time.sleep(0.05)
    assert cpu_seconds(path.relay.pid) - before < 0.3 * (time.monotonic() - started)
    assert len(path.relay.lines_with("turned away")) == 1


@IN_CLEAR
def test_visits_under_way_go_on_and_all_is_well_within_a_second_of_the_shortage(crowded):
    path, idle = crowded
    answer(idle[-1])
    first = idle[0]
    first.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert first.recv(4096).startswith(b"HTTP/1.1 200")
    for connection in idle:
        connection.close()
    eventually(lambda: path.visitor.visit().status == 200, within=1)
    assert path.relay.metric("fpw_relay_turned_away_total") >= 20
    assert path.daemon.is_ready


@IN_CLEAR
def test_the_operators_listener_has_descriptors_that_no_visitor_gets(crowded):
    path, idle = crowded
    answer(idle[-1])
    assert [path.relay.admin("/healthz")[0] for _ in range(5)] == [200] * 5
    soft, _ = resource.prlimit(path.relay.pid, resource.RLIMIT_NOFILE)
    assert soft - path.relay.descriptors >= 3, "libdispatch would end the process without any"


def test_by_tls_who_finds_no_descriptor_is_turned_away_at_once_and_all_is_well_after_it(tunnel, upstream, authority):
    path = tunnel(upstream, workers=2, relay={"authority": authority})
    used = path.relay.descriptors
    resource.prlimit(path.relay.pid, resource.RLIMIT_NOFILE, (used + 20, used + 20))
    idle, turned_away = [], 0
    for _ in range(40):
        began = time.monotonic()
        try:
            idle.append(path.visitor.raw())
        except (ssl.SSLError, ConnectionError):
            turned_away += 1
            assert time.monotonic() - began < 2
    assert 10 <= len(idle) <= 20 <= turned_away
    path.relay.wait_for_line("turned away", "Too many open files")
    idle[0].sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert idle[0].recv(4096).startswith(b"HTTP/1.1 200")
    for connection in idle:
        connection.close()
    eventually(lambda: path.visitor.visit().status == 200, within=1)
    assert path.relay.metric("fpw_relay_turned_away_total") >= turned_away
