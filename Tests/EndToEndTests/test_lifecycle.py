"""Beginning and ending: nobody's visit is lost by a stop, a restart or a visitor who leaves."""

import http.client
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import eventually
from harness.programs import HOST
from parts.upstream import Gate


@pytest.fixture
def gate(upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    yield gate
    gate.open()


@pytest.mark.parametrize("stopping", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("which", ["daemon", "relay"])
def test_a_stop_finishes_the_visits_under_way(tunnel, upstream, gate, which, stopping):
    path = tunnel(upstream, workers=20)
    program = getattr(path, which)
    with ThreadPoolExecutor(20) as crowd:
        visits = [crowd.submit(path.visitor.visit, target="/gate") for _ in range(20)]
        assert gate.holds(20)
        program.signal(stopping)
        eventually(lambda: program.admin("/readyz")[0] != 200)
        gate.open()
        assert [visit.result().body for visit in visits] == [b"through\n"] * 20
    assert program.exit_code() == 0


def test_a_restart_of_the_relay_is_no_error_to_a_tunnel_that_has_had_visitors(tunnel, fpw_relay, upstream):
    path = tunnel(upstream, workers=4)
    with ThreadPoolExecutor(8) as crowd:
        visits = [crowd.submit(path.visitor.visit) for _ in range(12)]
        assert {visit.result().status for visit in visits} == {200}
    # From a second after a reply's upload on, its POST is a poll like any other.
    time.sleep(1.2)
    path.relay.signal(signal.SIGTERM)
    assert path.relay.exit_code() == 0
    path.daemon.wait_for_line("the relay is going down")
    # The tunnel is down while the relay is, and nothing between opens it.
    time.sleep(1)
    assert path.daemon.lines_with("open again") == []
    fpw_relay(port=path.relay.port, tls_port=path.relay.tls_port)
    path.daemon.wait_for_line("open again")
    eventually(lambda: path.visitor.visit().status == 200)
    assert path.daemon.lines_with("error") == []
    assert len(path.daemon.lines_with("the relay is going down")) == len(path.daemon.lines_with("open again")) == 1


def test_a_visit_that_a_foreign_relay_hands_over_during_the_stop_is_served(fpwd, relay_part, upstream, gate):
    daemon = fpwd(relay_part, upstream, workers=2)
    assert relay_part.wait_for_parked(2)
    early = relay_part.start_visit(target="/gate")
    assert gate.holds(1)
    daemon.signal(signal.SIGTERM)
    daemon.wait_for_line("stopping")
    late = relay_part.start_visit(target="/gate")
    assert gate.holds(2)
    gate.open()
    assert [visit.reply().body for visit in (early, late)] == [b"through\n"] * 2
    assert daemon.exit_code(within=5) == 0


def test_a_daemon_whose_relay_is_gone_stops_without_its_last_reply_taken(tunnel, upstream):
    """The reply travels in the POST that is the slot's poll now: whether the relay has it, no answer has told."""
    path = tunnel(upstream, workers=2)
    assert path.visitor.visit().status == 200
    path.relay.kill()
    path.daemon.signal(signal.SIGTERM)
    assert path.daemon.exit_code(within=13) == 0


def test_a_second_signal_stops_now(tunnel, upstream, gate):
    path = tunnel(upstream, workers=2)
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(path.visitor.visit, target="/gate")
        assert gate.holds(1)
        path.daemon.signal(signal.SIGTERM)
        eventually(lambda: path.daemon.admin("/readyz")[0] != 200)
        path.daemon.signal(signal.SIGTERM)
        path.daemon.exit_code(within=3)
        path.relay.kill()
        with pytest.raises((OSError, http.client.HTTPException)):
            visit.result()


def test_a_visit_longer_than_the_drain_timeout_does_not_hold_the_stop(tunnel, upstream, gate):
    path = tunnel(upstream, workers=2, daemon={"drain_timeout": "1s"})
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(path.visitor.visit, target="/gate")
        assert gate.holds(1)
        path.daemon.signal(signal.SIGTERM)
        path.daemon.exit_code(within=5)
        path.relay.kill()
        with pytest.raises((OSError, http.client.HTTPException)):
            visit.result()


def test_no_visitor_is_lost_while_one_daemon_takes_over_from_another(tunnel, fpwd, upstream):
    path = tunnel(upstream, workers=4)
    statuses: list[int] = []
    stop = threading.Event()

    def keep_visiting() -> None:
        while not stop.is_set():
            statuses.append(path.visitor.visit().status)

    def some_more_visits() -> None:
        enough = len(statuses) + 20
        eventually(lambda: len(statuses) > enough)

    with ThreadPoolExecutor(4) as crowd:
        visitors = [crowd.submit(keep_visiting) for _ in range(4)]
        old = path.daemon
        try:
            for _ in range(3):
                some_more_visits()
                new = fpwd(path.relay, upstream, workers=4)
                new.wait_until_ready()
                assert old.stop() == 0
                old = new
            some_more_visits()
        finally:
            stop.set()
        for visitor in visitors:
            visitor.result()
    assert set(statuses) == {200}


def test_a_daemon_that_dies_is_missed_at_once(tunnel, upstream):
    path = tunnel(upstream, workers=4)
    assert path.visitor.visit().status == 200
    path.daemon.kill()
    eventually(lambda: path.visitor.visit(within=3).status == 502, within=5)


def test_the_reply_to_a_visitor_who_has_left_is_nobody_elses(tunnel, upstream, gate):
    path = tunnel(upstream, workers=1, max_workers=1)
    with path.visitor.raw() as sock:
        sock.sendall(f"GET /gate HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert gate.holds(1)
    with ThreadPoolExecutor(1) as crowd:
        next_visit = crowd.submit(path.visitor.visit)
        gate.open()
        assert next_visit.result().body == b"hello\n"


def test_one_daemon_serves_several_tunnels(fpw_relay, fpwd, upstream, nginx_files):
    nginx, _ = nginx_files
    hosts = {"one.test": {"token": "the-token-of-one-alone"}, "two.test": {"token": "the-token-of-two-alone"}}
    relay, other = fpw_relay(hosts=hosts), fpw_relay()
    daemon = fpwd(
        tunnels={
            "one": {"host": "one.test", **hosts["one.test"], "relay": relay.url, "upstream": upstream.url},
            "two": {
                "host": "two.test",
                **hosts["two.test"],
                "relay": relay.url,
                "upstream": f"http://127.0.0.1:{nginx.port}",
            },
            "three": {"relay": other.url, "upstream": upstream.url, "host_header": "upstream"},
        }
    )
    daemon.wait_until_ready()
    assert relay.visitor("one.test").visit().body == b"hello\n"
    assert relay.visitor("two.test").visit(target="/page").body == b"0123456789abcdef" * 64
    assert other.visitor().visit().body == b"hello\n"
    assert upstream.requests[-1].head.get("host") == f"127.0.0.1:{upstream.port}"


def test_one_tunnels_dead_relay_does_not_hold_another(fpw_relay, fpwd, upstream):
    relay = fpw_relay()
    fpwd(
        tunnels={
            "good": {"relay": relay.url, "upstream": upstream.url},
            "dead": {"relay": "http://127.0.0.1:1/", "upstream": upstream.url, "host": "dead.test"},
        }
    )
    eventually(lambda: relay.visitor().visit().status == 200)


def test_a_visitor_who_comes_the_moment_the_tunnel_is_open_is_served(fpw_relay, fpwd, upstream):
    """What fpwd calls open is confirmed by a hello, before the first poll is there."""
    relay = fpw_relay()
    for _ in range(5):
        daemon = fpwd(relay, upstream, workers=1)
        daemon.wait_for_line("tunnel is open")
        assert relay.visitor().visit().status == 200
        assert daemon.stop() == 0
