"""The books agree exactly: what visitors saw, what fpw-relay counts and what fpwd counts."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from harness.program import eventually
from harness.programs import HOST
from parts.upstream import Gate

BY_TLS_TOO = True


def code_class(status: int) -> str:
    return f"{status // 100}xx"


def visits_of(relay) -> dict[str, float]:
    codes = ("2xx", "3xx", "4xx", "5xx", "left")
    return {code: count for code in codes if (count := relay.metric("fpw_relay_visits_total", code=code))}


def given_to_slots(relay) -> float:
    return relay.metric("fpw_relay_hand_overs_total") - relay.metric("fpw_relay_repeats_total")


def test_every_visitor_is_counted_once_however_the_visit_ends(tunnel, upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    upstream.on("/fails")(lambda request: request.respond(500, body=b"failed\n"))
    upstream.on("/closing")(lambda request: request.connection.close())
    path = tunnel(upstream, workers=4, max_workers=8, relay={"max_body": "64KiB"})
    visitor = path.visitor
    kinds = [
        lambda: visitor.visit(),
        lambda: visitor.visit("POST", "/", body=b"x" * 1000),
        lambda: visitor.visit(target="/fails"),
        lambda: visitor.visit("POST", "/closing", body=b"x"),
        lambda: visitor.visit("POST", "/", body=bytes(65 << 10)),
        lambda: visitor.visit(fields=[("Host", "unknown.example.test")]),
        lambda: visitor.visit(fields=[("Upgrade", "websocket"), ("Connection", "upgrade")]),
        lambda: visitor.visit(fields=[("Upgrade", "h2c"), ("Connection", "upgrade")]),
    ]
    reaching = {0, 1, 2, 3, 7}
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda number: kinds[number % len(kinds)](), range(400)))
    assert {code_class(answer.status) for answer in answers} == {"2xx", "4xx", "5xx"}
    seen = Counter(code_class(answer.status) for answer in answers)

    assert visitor.say(b"this is no request\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    seen["4xx"] += 1
    with visitor.raw() as leaving:
        leaving.sendall(f"GET /gate HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert gate.holds(1)
    seen["left"] += 1
    eventually(lambda: visits_of(path.relay) == dict(seen))
    gate.open()

    given = sum(number % len(kinds) in reaching for number in range(400)) + 1
    assert given_to_slots(path.relay) == given
    eventually(lambda: path.daemon.metric("fpwd_visits_total") == given)
    bodies = sum(len(answer.body) for answer in answers)
    assert path.relay.metric("fpw_relay_sent_bytes_total") == bodies
    assert path.relay.metric("fpw_relay_queue_seconds_count") == given


def test_a_visit_that_is_handed_over_again_is_one_visit(tunnel, fpwd, upstream):
    path = tunnel(upstream, workers=2, relay={"resend_window": "500ms"})
    frozen = path.daemon
    assert path.visitor.visit().status == 200
    frozen.suspend()
    with ThreadPoolExecutor(2) as crowd:
        visits = [crowd.submit(path.visitor.visit) for _ in range(2)]
        eventually(lambda: path.relay.metric("fpw_relay_hand_overs_total") == 3)
        other = fpwd(path.relay, upstream, workers=2)
        other.wait_until_ready()
        frozen.kill()
        assert [visit.result().status for visit in visits] == [200, 200]
    assert path.relay.metric("fpw_relay_hand_overs_total") == 5
    assert path.relay.metric("fpw_relay_repeats_total") == 2
    assert visits_of(path.relay) == {"2xx": 3}
    eventually(lambda: other.metric("fpwd_visits_total") == 2)
