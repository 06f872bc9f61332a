"""Who may visit a tunnel, and what may be asked for (docs/configuration.md, "Who may visit").

What is refused never reaches the upstream, which notes every request that comes.
"""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import eventually
from harness.rules import BCRYPT, COVERED, ELSEWHERE, NO_CREDENTIALS, basic
from parts.upstream import Gate

# Of s3cret, by SHA-512-crypt and yescrypt at their least cost.
SHA512 = (
    "$6$rounds=1000$saltsalt$zcCvYcDM8j0aB28drG.Vwe4L4mnOkoRyg3Q.Bu7J9v6yK9aKDDPiDDlrOhF03cpnd3KFfSzTDNEBa0iVYm2H90"
)
YESCRYPT = "$y$j75$abcdefgh1234$1K9jgXs9TMY0xdl1v71SQvD9FjTHc7EyTtvowOhc2.3"
OTHER = "$2b$04$zbcdefghijklmnopqrstuuL7piPAn98YcLhX1/7Kt26q77bdRMnOO"  # of pässwörd

# The relay believes the tests about where a visitor is.
TRUSTING = {"trusted_proxies": ["127.0.0.1"]}


@pytest.fixture
def passwords(tmp_path):
    """Writes the file of passwords, and tells where it is."""
    file = tmp_path / "passwords"

    def write(*lines: str) -> str:
        file.write_text("\n".join(lines) + "\n")
        file.chmod(0o600)
        return str(file)

    return write


def come_from(address: str) -> tuple[str, str]:
    return "X-Forwarded-For", address


def outcome(answer) -> tuple[int, str | None]:
    return answer.status, answer.get("x-fpw-reason")


def refusals(daemon, **labels) -> float:
    return daemon.metric("fpwd_visits_refused_total", **labels)


# Addresses.


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("192.0.2.1", 200),
        ("192.0.2.7", 403),
        ("192.0.3.1", 403),
        ("2001:db8::1", 200),
        ("2001:db9::1", 403),
        ("::ffff:192.0.2.1", 200),
        ("::ffff:192.0.2.7", 403),
        ("127.0.0.1", 403),
    ],
)
def test_addresses_are_admitted_by_allow_and_deny(tunnel, upstream, address, status):
    path = tunnel(upstream, relay=TRUSTING, workers=1, allow=["192.0.2.0/24", "2001:db8::/32"], deny=["192.0.2.7"])
    answer = path.visitor.visit(fields=[come_from(address)])
    assert (answer.status, len(upstream.requests)) == (status, 1 if status == 200 else 0)
    if status == 403:
        assert answer.get("x-fpw-reason") == "address-refused"
        eventually(lambda: refusals(path.daemon, reason="address-refused") == 1)
        eventually(lambda: path.daemon.metric("fpwd_visits_total", code="403") == 1)
        path.daemon.wait_for_line("status=403", "reason=address-refused")


def test_a_visitor_cannot_choose_its_address(tunnel, upstream):
    path = tunnel(upstream, workers=1, allow=["192.0.2.0/24"])
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Fpw-Ip", "Fpw-Uip", "fpw_ip", "X_Forwarded_For"):
        value = "for=192.0.2.1" if name == "Forwarded" else "192.0.2.1"
        assert outcome(path.visitor.visit(fields=[(name, value)])) == (403, "address-refused"), name
    assert upstream.requests == []


@pytest.mark.parametrize(
    "claim", [{}, {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.1, 198.51.100.1"}]
)
@pytest.mark.parametrize("told", [None, "", "unknown", "192.0.2.1:80", "-"])
def test_an_address_that_the_relay_does_not_tell_matches_no_allow(fpwd, relay_part, upstream, claim, told):
    daemon = fpwd(relay_part, upstream, workers=1, allow=["0.0.0.0/0", "::/0"])
    reply = relay_part.visit(fields={"Host": "a"} | claim, fpw_uip=told)
    assert (reply.status, upstream.requests) == (403, [])
    daemon.wait_for_line("warning", "does not tell visitors' addresses")
    assert relay_part.visit(address="198.51.100.9").status == 200


@pytest.mark.parametrize(
    ("claim", "status"), [({}, 200), ({"X-Forwarded-For": "192.0.2.8"}, 200), ({"X-Forwarded-For": "192.0.2.7"}, 403)]
)
def test_who_claims_to_be_denied_is_believed(fpwd, relay_part, upstream, claim, status):
    fpwd(relay_part, upstream, workers=1, deny=["192.0.2.7"])
    assert relay_part.visit(fields={"Host": "a"} | claim, fpw_uip=None).status == status
    assert len(upstream.requests) == (status == 200)


# Methods.


def test_methods(tunnel, upstream):
    path = tunnel(upstream, workers=1, methods=["GET", "POST"])
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "PURGE", "GETS"):
        answer = path.visitor.visit(method)
        assert (*outcome(answer), answer.get("allow")) == (405, "method-refused", "GET, POST, HEAD")
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        assert outcome(path.visitor.visit("POST", fields=[(name, "DELETE")], body=b"x")) == (405, "method-refused")
    assert upstream.requests == []
    assert [path.visitor.visit(method).status for method in ("GET", "HEAD", "POST")] == [200] * 3
    eventually(lambda: refusals(path.daemon, reason="method-refused") == 11)


# Paths.


def test_paths(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1, paths=["/hooks"])
    for target in ELSEWHERE:
        reply = relay_part.visit(target=target)
        assert (reply.status, reply.fields.get("x-fpw-reason"), upstream.requests) == (404, "path-refused", []), target
    for name in ("X-Original-URL", "X-Rewrite-Url"):
        assert relay_part.visit(target="/hooks", fields={"Host": "a", name: "/admin"}).status == 404
    for destination in ("http://a/admin", "/hooks/../admin"):
        assert relay_part.visit("MOVE", "/hooks/a", {"Host": "a", "Destination": destination}).status == 404
    assert relay_part.visit("OPTIONS", "*").status == 404
    assert upstream.requests == []
    assert [relay_part.visit(target=target).status for target in COVERED] == [200] * len(COVERED)
    assert [request.head.target for request in upstream.requests] == COVERED


# Passwords.


def test_a_password_admits_and_stays_here(tunnel, upstream, passwords):
    path = tunnel(upstream, workers=2, basic_auth_file=passwords(f"ann:{BCRYPT}", f"bob:{SHA512}", f"cat:{YESCRYPT}"))
    answer = path.visitor.visit()
    assert outcome(answer) == (401, "auth-required")
    assert answer.get("www-authenticate") == 'Basic realm="demo", charset="UTF-8"'
    for name, password in (("ann", "wrong"), ("nobody", "s3cret"), ("ann", ""), ("", "s3cret"), ("Ann", "s3cret")):
        assert outcome(path.visitor.visit(fields=[basic(name, password)])) == (401, "auth-failed"), name
    assert upstream.requests == []
    for name in ("ann", "bob", "cat", "ann"):
        assert path.visitor.visit(fields=[basic(name, "s3cret")]).status == 200
    assert len(upstream.requests) == 4
    assert not any(request.head.get("authorization") for request in upstream.requests)
    eventually(lambda: refusals(path.daemon, reason="auth-failed") == 5)
    assert "s3cret" not in path.daemon.text and BCRYPT not in path.daemon.command("-T").stdout


def test_without_the_rule_the_field_is_the_upstreams(tunnel, upstream):
    path = tunnel(upstream, workers=1)
    assert path.visitor.visit(fields=[basic("ann", "x")]).status == 200
    assert upstream.requests[0].head.get("authorization") == basic("ann", "x")[1]


@pytest.mark.parametrize("value", NO_CREDENTIALS, ids=lambda value: repr(value[:30]))
def test_what_is_no_user_and_password_is_refused(tunnel, upstream, passwords, value):
    path = tunnel(upstream, workers=1, basic_auth_file=passwords(f"ann:{BCRYPT}"))
    request = b"GET / HTTP/1.1\r\nHost: %b\r\nConnection: close\r\nAuthorization: %b\r\n\r\n"
    answer = path.visitor.say(request % (path.visitor.host.encode(), value))
    assert answer.startswith(b"HTTP/1.1 401 ") and upstream.requests == []
    assert path.visitor.visit(fields=[basic("ann", "s3cret")]).status == 200


def test_two_fields_are_refused(tunnel, upstream, passwords):
    path = tunnel(upstream, workers=1, basic_auth_file=passwords(f"ann:{BCRYPT}"))
    answer = path.visitor.visit(fields=[basic("ann", "s3cret"), ("authorization", "Bearer x")])
    assert (outcome(answer), upstream.requests) == ((401, "auth-failed"), [])


def test_too_many_wrong_passwords_of_an_address_are_429_and_others_are_not_touched(tunnel, upstream, passwords):
    path = tunnel(upstream, relay=TRUSTING, workers=1, basic_auth_file=passwords(f"ann:{BCRYPT}"))
    guesser, neighbour = come_from("192.0.2.1"), come_from("192.0.2.2")
    answers = [path.visitor.visit(fields=[guesser, basic("ann", f"{n}")]) for n in range(20)]
    assert [answer.status for answer in answers[:10]] == [401] * 10
    assert outcome(answers[-1]) == (429, "auth-limited") and 1 <= int(answers[-1].get("retry-after")) <= 60
    assert path.visitor.visit(fields=[guesser, basic("ann", "s3cret")]).status == 429
    assert upstream.requests == []
    assert path.visitor.visit(fields=[neighbour, basic("ann", "s3cret")]).status == 200


def test_a_changed_file_counts_after_a_reload(tunnel, upstream, passwords):
    file = passwords(f"ann:{BCRYPT}")
    path = tunnel(upstream, workers=2, basic_auth_file=file)
    old, new = basic("ann", "s3cret"), basic("ann", "pässwörd")
    assert path.visitor.visit(fields=[old]).status == 200
    passwords("ann:plain")
    path.daemon.signal(signal.SIGHUP)
    path.daemon.wait_for_line("error", "line 1", "guessed too fast")
    assert path.visitor.visit(fields=[old]).status == 200
    passwords(f"ann:{OTHER}")
    path.daemon.signal(signal.SIGHUP)
    path.daemon.wait_for_line("reloaded", "changed=1")
    eventually(lambda: path.visitor.visit(fields=[new]).status == 200)
    eventually(lambda: path.visitor.visit(fields=[old]).status == 401)


def test_passwords_are_compared_beside_the_event_loop(tunnel, upstream, passwords):
    """bcrypt of cost 10 takes some 50 ms; a crowd of wrong ones must not delay who is known."""
    dear = "$2y$10$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG"  # of nothing
    path = tunnel(
        upstream,
        relay=TRUSTING,
        workers=40,
        daemon={"loops": 1},
        basic_auth_file=passwords(f"ann:{BCRYPT}", f"eve:{dear}"),
    )
    known = basic("ann", "s3cret")
    assert path.visitor.visit(fields=[known]).status == 200
    with ThreadPoolExecutor(30) as crowd:
        guesses = [
            crowd.submit(path.visitor.visit, fields=[come_from(f"192.0.2.{n}"), basic("eve", f"{n}")])
            for n in range(60)
        ]
        times = []
        while not all(guess.done() for guess in guesses):
            began = time.monotonic()
            assert path.visitor.visit(fields=[known]).status == 200
            times.append(time.monotonic() - began)
    outcomes = {outcome(guess.result()) for guess in guesses}
    assert outcomes <= {(401, "auth-failed"), (503, "auth-busy")} and (401, "auth-failed") in outcomes
    assert len(times) >= 3, times


def test_a_stop_does_not_wait_for_passwords_to_be_compared(tunnel, upstream, passwords):
    dear = "$2y$14$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG"  # some seconds each
    path = tunnel(upstream, workers=20, daemon={"drain_timeout": "500ms"}, basic_auth_file=passwords(f"eve:{dear}"))
    with ThreadPoolExecutor(8) as crowd:
        guesses = [crowd.submit(path.visitor.visit, fields=[basic("eve", f"{n}")]) for n in range(8)]
        eventually(lambda: path.daemon.metric("fpwd_slots", state="busy") == 8)
        path.daemon.signal(signal.SIGTERM)
        assert path.daemon.exit_code(within=5) == 0
        assert {guess.result().status for guess in guesses} <= {401, 502, 503, 504}
    assert upstream.requests == []


# Rates.


def test_a_rate_is_of_an_address(tunnel, upstream):
    path = tunnel(upstream, relay=TRUSTING, workers=1, rate_limit="5/h")
    one, other = come_from("192.0.2.1"), come_from("192.0.2.2")
    answers = [path.visitor.visit(fields=[one]) for _ in range(8)]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 3
    assert answers[-1].get("x-fpw-reason") == "rate-limited" and 600 <= int(answers[-1].get("retry-after")) <= 720
    assert path.visitor.visit(fields=[other]).status == 200
    assert len(upstream.requests) == 6
    eventually(lambda: refusals(path.daemon, reason="rate-limited") == 3)


def test_a_network_of_ipv6_is_one_address(tunnel, upstream):
    path = tunnel(upstream, relay=TRUSTING, workers=1, rate_limit="5/h")
    answers = [path.visitor.visit(fields=[come_from(f"2001:db8::{n:x}")]).status for n in range(1, 9)]
    assert answers == [200] * 5 + [429] * 3
    assert path.visitor.visit(fields=[come_from("2001:db8:0:1::1")]).status == 200


def test_who_is_not_known_shares_one_rate(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1, rate_limit="5/h")
    fields = [{"Host": "a", "X-Forwarded-For": f"192.0.2.{n}"} for n in range(4)] + [{"Host": "a"}] * 4
    statuses = [relay_part.visit(fields=named, fpw_uip=None).status for named in fields]
    assert statuses == [200] * 5 + [429] * 3
    assert relay_part.visit(address="192.0.2.1").status == 200


def test_a_thousand_addresses_have_a_rate_each(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=4, daemon={"log_level": "warning"}, rate_limit="1/h")
    addresses = [f"10.0.{n // 250}.{n % 250}" for n in range(1000)]
    for expected in (200, 429):
        visits = [relay_part.start_visit(address=address) for address in addresses]
        assert {visit.reply(60).status for visit in visits} == {expected}
    assert len(upstream.requests) == 1000


# All of them.


def test_the_body_of_a_refused_visit_is_not_waited_for_and_the_slot_goes_on(tunnel, upstream):
    path = tunnel(upstream, workers=1, methods=["GET"])
    with path.visitor.raw() as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: %b\r\nContent-Length: 500000000\r\n\r\nx" % path.visitor.host.encode())
        assert sock.recv(1 << 16).startswith(b"HTTP/1.1 405 ")
    assert path.visitor.visit().status == 200
    assert [request.head.method for request in upstream.requests] == ["GET"]


def test_rules_change_with_a_reload_and_visits_under_way_go_on(tunnel, upstream):
    path = tunnel(upstream, workers=2)
    gate = Gate()
    upstream.on("/slow")(gate)
    table = {"relay": path.relay.url, "upstream": upstream.url, "workers": 2, "max_workers": 2}
    with ThreadPoolExecutor(1) as crowd:
        visit = crowd.submit(path.visitor.visit, target="/slow")
        assert gate.holds(1)
        path.daemon.reload({"demo": table | {"deny": ["127.0.0.0/8"]}})
        path.daemon.wait_for_line("reloaded", "changed=1")
        eventually(lambda: path.visitor.visit().status == 403)
        gate.open()
        assert visit.result().status == 200
