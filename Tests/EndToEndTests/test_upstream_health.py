"""An upstream that is not reached or not well: what visitors get, and who else is asked (fpw.conf, `health_path`)."""

import subprocess
import time

import pytest

from harness.program import eventually, free_port
from harness.programs import HOST, TOKEN, Nginx, binary, toml
from parts.upstream import Upstream

CHECKED = {"health_path": "/healthz", "health_interval": "100ms", "workers": 2}


@pytest.fixture
def second():
    """The fallback."""
    with Upstream() as part:
        yield part


@pytest.fixture
def sick(upstream):
    """An upstream that answers its health path with what stands in `sick.status`, and everything else with hello."""
    upstream.status = 500
    upstream.on("/healthz")(lambda request: request.respond(upstream.status))
    return upstream


def is_up(daemon, value: int) -> None:
    eventually(lambda: f'fpwd_upstream_up{{tunnel="demo"}} {value}' in daemon.admin("/metrics")[1])


def timed(visitor, **named):
    began = time.monotonic()
    answer = visitor.visit(**named)
    return answer, time.monotonic() - began


# What cannot be reached.


def test_a_refused_connection_is_502_at_once(tunnel):
    visitor = tunnel(f"http://127.0.0.1:{free_port()}", workers=1).visitor
    visitor.visit()
    answers = [timed(visitor) for _ in range(5)]
    assert {(answer.status, answer.get("x-fpw-reason")) for answer, _ in answers} == {(502, "upstream-unreachable")}
    assert min(took for _, took in answers) <= 0.1


def test_a_silent_address_is_504_at_connect_timeout(tunnel, silent_address):
    visitor = tunnel(silent_address, workers=1, connect_timeout="1s").visitor
    answer, took = timed(visitor)
    assert (answer.status, answer.get("x-fpw-reason")) == (504, "upstream-timeout")
    assert 0.9 <= took <= 2


# The health check.


def test_without_when_down_a_sick_upstream_is_only_shown(tunnel, sick):
    path = tunnel(sick, **CHECKED)
    is_up(path.daemon, 0)
    line = path.daemon.wait_for_line("the upstream is down")
    assert "error" in line and "it answers 500" in line
    status, ready = path.daemon.admin("/readyz")
    assert (status, '"upstream":"down"' in ready) == (200, True)
    assert '"trouble":"the upstream is down: it answers 500"' in path.daemon.admin("/status")[1]
    assert path.visitor.visit().body == b"hello\n"
    sick.status = 302
    is_up(path.daemon, 1)
    assert "notice" in path.daemon.wait_for_line("the upstream is up again")


def test_the_check_is_a_request_of_the_daemons_own(tunnel, sick):
    path = tunnel(sick, **CHECKED, host_header="inside.test")
    is_up(path.daemon, 0)
    head = sick.seen("/healthz")[0].head
    assert (head.method, head.get("host")) == ("GET", "inside.test")
    assert head.get("user-agent").startswith("fpwd/")
    assert path.daemon.metric("fpwd_visits_total") == 0


def test_an_upstream_that_does_not_answer_its_health_path_is_down(tunnel, upstream):
    upstream.on("/healthz")(lambda request: request.connection.peer_leaves())
    path = tunnel(upstream, **CHECKED, upstream_timeout="1s")
    is_up(path.daemon, 0)
    assert "no answer within 1.0 s" in path.daemon.wait_for_line("the upstream is down")
    began = time.monotonic()
    assert path.daemon.stop() == 0
    assert time.monotonic() - began <= 2, "a check under way does not hold up the stop"


def test_when_down_page_asks_nothing_of_a_sick_upstream(tunnel, sick):
    path = tunnel(sick, **CHECKED, when_down="page")
    is_up(path.daemon, 0)
    answers = [path.visitor.visit(method="POST", body=b"x" * 100_000) for _ in range(3)]
    assert {(answer.status, answer.get("x-fpw-reason")) for answer in answers} == {(503, "upstream-down")}
    assert sick.seen("/") == []
    sick.status = 200
    is_up(path.daemon, 1)
    assert path.visitor.visit().body == b"hello\n"


def test_when_down_refuse_leaves_the_visitors_to_another_daemon(fpw_relay, fpwd, sick, second):
    relay = fpw_relay()
    sick.status = 200
    one = fpwd(relay, sick, **CHECKED, when_down="refuse")
    is_up(one, 1)
    one.wait_until_ready()
    visitor = relay.visitor()
    assert visitor.visit().body == b"hello\n"
    sick.status = 503
    assert "closes its slots" in one.wait_for_line("the upstream is down")
    eventually(lambda: visitor.visit().status == 502)
    status, ready = one.admin("/readyz")
    assert (status, "no slot is open: the upstream is down: it answers 503" in ready) == (503, True)
    other = fpwd(relay, second, workers=1)
    other.wait_until_ready()
    before = len(sick.seen("/"))
    assert [visitor.visit().status for _ in range(5)] == [200] * 5
    assert (len(sick.seen("/")), len(second.seen("/"))) == (before, 5)
    assert other.stop() == 0
    sick.status = 200
    one.wait_until_ready()
    assert visitor.visit().body == b"hello\n"
    eventually(lambda: one.metric("fpwd_slots") == 2)


def test_a_tunnel_that_refuses_can_be_reloaded_and_stopped(fpw_relay, fpwd, sick):
    relay = fpw_relay()
    table = {**CHECKED, "max_workers": 2, "relay": relay.url, "upstream": sick.url}
    daemon = fpwd(tunnels={"demo": {**table, "when_down": "refuse"}})
    is_up(daemon, 0)
    eventually(lambda: daemon.metric("fpwd_slots") == 0)
    daemon.reload({"demo": {key: table[key] for key in table if not key.startswith("health")}})
    daemon.wait_until_ready()
    assert relay.visitor().visit().body == b"hello\n"
    assert "fpwd_upstream_up{" not in daemon.admin("/metrics")[1]
    checks = len(sick.seen("/healthz"))
    daemon.reload({"demo": {**table, "when_down": "refuse"}})
    eventually(lambda: len(sick.seen("/healthz")) >= checks + 2)
    eventually(lambda: daemon.metric("fpwd_slots") == 0)
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began <= 2


def test_a_check_that_was_taken_away_is_no_series_once_its_last_checker_has_ended(fpw_relay, fpwd, sick):
    relay = fpw_relay()
    table = {**CHECKED, "max_workers": 2, "relay": relay.url, "upstream": sick.url}
    daemon = fpwd(tunnels={"demo": table})
    is_up(daemon, 0)
    daemon.wait_until_ready()
    unchecked = {key: table[key] for key in table if not key.startswith("health")}
    daemon.reload({"demo": unchecked | {"relay": f"http://127.0.0.1:{free_port()}/"}})
    daemon.wait_for_line("reloaded")
    # The successor cannot open: for a while the predecessor goes on as it was.
    is_up(daemon, 0)
    eventually(lambda: "fpwd_upstream_up{" not in daemon.admin("/metrics")[1], within=25)
    assert daemon.metric("fpwd_slots") == 2


# The fallback.


def test_a_fallback_gets_the_visit_whose_upstream_refuses_connections(tunnel, second):
    path = tunnel(f"http://127.0.0.1:{free_port()}", workers=2, fallback=second.url, host_header="upstream")
    body = bytes(range(256)) * 4096
    answer = path.visitor.visit("POST", "/echo", body=body)
    assert (answer.status, answer.body.endswith(body)) == (200, True)
    chunks = path.visitor.visit("POST", "/echo", [("Transfer-Encoding", "chunked")], b"5\r\nhello\r\n0\r\n\r\n")
    assert (chunks.status, chunks.body.endswith(b"hello")) == (200, True)
    assert [request.head.get("host") for request in second.seen("/echo")] == [f"127.0.0.1:{second.port}"] * 2
    assert path.daemon.metric("fpwd_upstream_fallbacks_total", tunnel="demo") == 2
    assert path.daemon.metric("fpwd_visits_total", tunnel="demo", code="200") == 2
    assert second.url in path.daemon.wait_for_line("the fallback was asked")


def test_a_fallback_gets_the_visit_whose_upstream_is_silent(tunnel, silent_address, second):
    visitor = tunnel(silent_address, workers=1, connect_timeout="500ms", fallback=second.url).visitor
    answer, took = timed(visitor, method="POST", target="/echo", body=b"once")
    assert (answer.status, answer.body[-4:]) == (200, b"once")
    assert took <= 2


def test_a_service_that_has_seen_the_request_is_not_replaced(tunnel, upstream, second):
    upstream.on("/broken")(lambda request: request.connection.close())
    upstream.on("/slow")(lambda request: request.connection.peer_leaves())
    path = tunnel(upstream, workers=2, fallback=second.url, upstream_timeout="1s")
    assert path.visitor.visit(target="/broken").status == 502
    assert path.visitor.visit(target="/slow").status == 504
    assert second.requests == []
    assert path.daemon.metric("fpwd_upstream_fallbacks_total") == 0


def test_neither_service_is_502(tunnel):
    ports = [free_port() for _ in range(2)]
    upstream, fallback = (f"http://127.0.0.1:{port}" for port in ports)
    answer = tunnel(upstream, workers=1, fallback=fallback).visitor.visit()
    assert (answer.status, answer.get("x-fpw-reason")) == (502, "upstream-unreachable")


def test_a_real_server_goes_and_comes_back_and_its_fallback_stands_in(tunnel, start, second, tmp_path):
    port = free_port()
    site = f"access_log off; server {{ listen 127.0.0.1:{port}; location / {{ return 200 nginx; }} }}"
    nginx = start(Nginx(tmp_path, port, site))
    path = tunnel(f"http://127.0.0.1:{port}", **CHECKED, fallback=second.url, when_down="page")
    is_up(path.daemon, 1)
    assert path.visitor.visit().body == b"nginx"
    nginx.stop()
    assert [path.visitor.visit().body for _ in range(3)] == [b"hello\n"] * 3
    is_up(path.daemon, 0)
    assert [path.visitor.visit().body for _ in range(3)] == [b"hello\n"] * 3
    start(Nginx(tmp_path, port, site))
    is_up(path.daemon, 1)
    assert path.visitor.visit().body == b"nginx"
    assert path.daemon.metric("fpwd_upstream_fallbacks_total") == 6


# The configuration.


@pytest.mark.parametrize("key", ["upstream", "fallback"])
def test_the_check_refuses_the_daemons_own_admin_listener(tmp_path, key):
    admin = f"127.0.0.1:{free_port()}"
    table = {"host": HOST, "token": TOKEN, "upstream": "http://127.0.0.1:1"} | {key: f"http://{admin}"}
    file = tmp_path / "fpw.conf"
    file.write_text(toml({"daemon": {"admin_listen": admin}, "tunnel.demo": table}))
    file.chmod(0o600)
    check = subprocess.run([binary("fpwd"), "-t", "-c", file], capture_output=True, text=True, timeout=10)
    error = f'{key} = "http://{admin}" is the daemon\'s own admin_listen'
    assert (check.returncode, error in check.stderr) == (78, True)
