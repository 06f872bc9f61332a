"""fpw-relay served by an independent worker: no `fpw-slot`, no features, any path."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import eventually
from harness.programs import PythonWorker
from parts.upstream import Gate


@pytest.fixture
def visitor(fpw_relay, start, upstream):
    relay = fpw_relay()
    worker = start(PythonWorker(relay.url + "server-client", upstream.url, threads=8, authority=relay.authority))
    worker.wait_for_line("polling")
    visitor = relay.visitor()
    eventually(lambda: visitor.visit(target="/ready").status == 200)
    return visitor


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "BREW"])
def test_a_visit_passes(visitor, upstream, method):
    answer = visitor.visit(method, "/echo?a=b", [("X-Own", "1")], None if method == "GET" else b"\x00\xff")
    assert answer.status == 200
    assert answer.body.startswith(f"{method} /echo?a=b HTTP/1.1\r\n".encode())
    assert upstream.requests[-1].head.get("x-own") == "1"
    assert upstream.requests[-1].head.get("x-forwarded-for") == "127.0.0.1"
    assert upstream.requests[-1].body == (b"" if method == "GET" else b"\x00\xff")


def test_cookies_stay_apart(visitor, upstream):
    upstream.on("/cookies")(lambda request: request.respond(200, [("Set-Cookie", f"c{n}=1") for n in range(20)]))
    assert visitor.visit(target="/cookies").all("set-cookie") == [f"c{n}=1" for n in range(20)]


def test_a_megabyte_passes_both_ways(visitor, upstream):
    body = bytes(range(256)) * 4096
    assert visitor.visit("POST", "/echo", body=body).body.endswith(body)


def test_eight_visitors_are_served_at_once_and_a_ninth_waits(visitor, upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    with ThreadPoolExecutor(9) as crowd:
        visits = [crowd.submit(visitor.visit, target="/gate") for _ in range(9)]
        try:
            assert gate.holds(8)
        finally:
            gate.open()
        assert [visit.result().body for visit in visits] == [b"through\n"] * 9
    assert gate.most_inside == 8


def test_a_poll_expires_and_is_made_again(fpw_relay, start, upstream):
    relay = fpw_relay(park_time="1s")
    worker = start(PythonWorker(relay.url, upstream.url, threads=1, authority=relay.authority))
    worker.wait_for_line("polling")
    eventually(lambda: relay.visitor().visit().status == 200)
    with pytest.raises(AssertionError):
        eventually(lambda: relay.visitor().visit().status != 200, within=3, every=0.1)


def test_a_wrong_token_is_refused(fpw_relay, start, upstream):
    relay = fpw_relay()
    worker = start(
        PythonWorker(relay.url, upstream.url, threads=1, token="some-other-token-entirely", authority=relay.authority)
    )
    worker.wait_for_line("relay says 403")
    assert relay.visitor().visit().status == 502
