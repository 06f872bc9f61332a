"""fpwd on a relay of others: every answer of PROTOCOL.md §1 and §2, in the deployed spelling."""

import re
from itertools import pairwise

import pytest

from harness.programs import HOST, TOKEN
from parts.relay import Relay, breaking, refusing, saying
from parts.upstream import Gate
from parts.wire import LAST_CHUNK, chunk


def is_reply(post):
    return post.is_reply


def test_a_poll_says_what_the_public_clients_say(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=3)
    assert relay_part.wait_for_parked(3)
    for post in relay_part.posts:
        said = {name: post.head.all(name) for name in ("fpw-host", "fpw-token", "user-agent", "content-type")}
        assert said == {
            "fpw-host": [HOST],
            "fpw-token": [TOKEN],
            "user-agent": ["php-worker-v1"],
            "content-type": ["application/octet-stream"],
        }
        assert (post.head.method, post.head.target, post.body) == ("POST", "/", b"")
        assert [post.head.get(name) for name in ("accept", "expect", "accept-encoding", "cookie")] == [None] * 4
    assert sorted(post.head.get("fpw-hello") or "" for post in relay_part.posts) == ["", "", "1"]
    slots = {post.head.get("fpw-slot") for post in relay_part.posts}
    assert len(slots) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", slot) for slot in slots)


@pytest.mark.parametrize("spelling", ["fpw-rid", "fpw-id"])
def test_the_id_goes_back_under_the_name_that_it_came_with(fpwd, relay_part, upstream, spelling):
    fpwd(relay_part, upstream, workers=1)
    relay_part.visit()
    reply = relay_part.visit(**{"fpw_rid": None, spelling.replace("-", "_"): "visit/+=~1"})
    assert (reply.post.head.all("fpw-rid") + reply.post.head.all("fpw-id")) == ["visit/+=~1"]
    assert reply.post.head.get(spelling) == "visit/+=~1"
    assert (reply.status, reply.body) == (200, b"hello\n")


def test_a_visit_passes_both_ways(fpwd, relay_part, upstream):
    upstream.on("/a")(
        lambda request: (
            request.read_body(),
            request.respond(201, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "caf\xe9")], b"\x00\xfe"),
        )
    )
    fpwd(relay_part, upstream, workers=1)
    reply = relay_part.visit("PUT", "/a?b", {"Host": HOST, "X-Two": ["1", "2"], "X-Name": "na\u00efve"}, b"\x00\xff")
    [request] = upstream.requests
    assert (request.head.method, request.head.target, request.body) == ("PUT", "/a?b", b"\x00\xff")
    assert (request.head.all("x-two"), request.head.all("x-name")) == (["1", "2"], ["na\xefve"])
    assert request.head.all("x-forwarded-for") == ["203.0.113.9"]
    fields = {name.lower(): value for name, value in reply.fields.items()}
    assert (reply.status, reply.body) == (201, b"\x00\xfe")
    assert (fields["set-cookie"], fields["x-name"]) == (["a=1", "b=2"], "caf\u00e9")
    assert reply.post.head.get("fpw-header").isascii()


def test_a_visitors_own_word_about_its_address_is_marked_in_the_log(fpwd, relay_part, upstream):
    daemon = fpwd(relay_part, upstream, workers=1)
    relay_part.visit(target="/sure")
    relay_part.visit(target="/unsure", fields={"Host": HOST, "X-Forwarded-For": "198.51.100.7"}, fpw_uip=None)
    assert "203.0.113.9?" not in daemon.wait_for_line("/sure", "203.0.113.9")
    assert "198.51.100.7?" in daemon.wait_for_line("/unsure")


@pytest.mark.parametrize("status", [200, 204, 408, 504, 524])
def test_an_idle_expiry_is_polled_again_quietly(fpwd, relay_part, upstream, status):
    relay_part.hold, relay_part.idle_answer = 1.1, (status, (), b"")
    daemon = fpwd(relay_part, upstream, workers=1)
    assert relay_part.wait_for_posts(4, within=6)
    gaps = [later.arrived - earlier.arrived for earlier, later in pairwise(relay_part.posts)]
    assert all(gap < 1.6 for gap in gaps), gaps
    assert daemon.lines_with("warning") + daemon.lines_with("error") == []


@pytest.mark.parametrize("status", [200, 204, 504])
def test_expiries_that_come_at_once_make_no_hot_loop(fpwd, relay_part, upstream, status):
    relay_part.hold, relay_part.idle_answer = 0, (status, (), b"")
    fpwd(relay_part, upstream, workers=2)
    assert relay_part.wait_for_posts(2)
    assert not relay_part.wait_for_posts(40, within=3)


@pytest.mark.parametrize(
    "text", [b"quota \x1b[31mexceeded\r\nfpwd: all is well", b'{"msg": "quota exceeded", "code": 1}']
)
def test_a_message_is_logged_once_and_cleaned(fpwd, relay_part, upstream, text):
    relay_part.script(saying(200, [("Content-Type", "text/plain")], text), times=3)
    daemon = fpwd(relay_part, upstream, workers=1)
    daemon.wait_for_line("exceeded")
    assert relay_part.visit().body == b"hello\n"
    assert len(daemon.lines_with("exceeded")) == 1
    assert "\x1b" not in daemon.text
    assert not any(line.startswith("fpwd: all is well") for line in daemon.lines)


def test_a_visit_that_is_gone_is_dropped(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1)
    relay_part.script(saying(409), on=is_reply)
    gone = relay_part.start_visit(target="/gone")
    assert relay_part.visit(target="/next").status == 200
    assert len(relay_part.replies_to(gone)) == 1
    assert len(upstream.seen("/gone")) == 1


@pytest.mark.parametrize("status", [400, 413, 431])
def test_a_reply_that_is_too_large_becomes_a_small_502_once(fpwd, relay_part, upstream, status):
    daemon = fpwd(relay_part, upstream, workers=1)
    relay_part.script(saying(status), on=is_reply, times=2)
    visit = relay_part.start_visit(target="/echo", body=bytes(10_000))
    assert relay_part.visit(target="/next").status == 200
    first, second = relay_part.replies_to(visit)
    assert (first.head.get("fpw-status"), second.head.get("fpw-status")) == ("200", "502")
    assert len(second.body) < 4096
    daemon.wait_for_line("refused", str(status))


@pytest.mark.parametrize("status", [429, 503])
def test_told_to_wait_it_waits_and_sends_the_reply_again(fpwd, relay_part, upstream, status):
    fpwd(relay_part, upstream, workers=1)
    relay_part.script(saying(status, [("Retry-After", "2")]), on=is_reply)
    visit = relay_part.start_visit(target="/echo", body=b"body")
    assert visit.reply().body.endswith(b"body")
    first, second = relay_part.replies_to(visit)
    assert first.body == second.body
    assert 1.9 < second.arrived - first.arrived < 6
    assert len(upstream.seen("/echo")) == 1


@pytest.mark.timeout(120)
def test_told_to_wait_for_a_day_it_waits_a_minute(fpwd, relay_part, upstream):
    relay_part.script(saying(503, [("Retry-After", "86400")]))
    fpwd(relay_part, upstream, workers=1)
    assert relay_part.wait_for_posts(2, within=80)
    first, second = relay_part.posts
    assert 55 < second.arrived - first.arrived < 70


@pytest.mark.parametrize("status", [500, 502, 404, 408, 504, 524])
def test_a_reply_that_met_an_error_is_sent_again(fpwd, relay_part, upstream, status):
    fpwd(relay_part, upstream, workers=1)
    answer = saying(status) if status != 404 else saying(500, [("X-Note", "a second kind of 500")], b"text")
    relay_part.script(answer, on=is_reply)
    visit = relay_part.start_visit(target="/echo", body=b"body")
    assert visit.reply().body.endswith(b"body")
    assert len(relay_part.replies_to(visit)) == 2
    assert len(upstream.seen("/echo")) == 1


def test_a_redirect_is_never_followed(fpwd, relay_part, upstream):
    relay_part.script(saying(301, [("Location", upstream.url + "/stolen")]), times=2)
    daemon = fpwd(relay_part, upstream, workers=2)
    line = daemon.wait_for_line("redirect")
    assert upstream.url + "/stolen" in line and "relay =" in line
    assert (upstream.requests, daemon.admin("/readyz")[0]) == ([], 503)


def test_an_error_of_one_slot_is_that_slots(fpwd, relay_part, upstream):
    daemon = fpwd(relay_part, upstream, workers=2)
    assert relay_part.wait_for_parked(2)
    relay_part.script(saying(500), on=is_reply)
    failing = relay_part.start_visit(target="/failing")
    assert relay_part.wait_for(lambda: relay_part.replies_to(failing))
    for _ in range(3):
        assert relay_part.visit(within=2).status == 200
    assert failing.reply().status == 200
    assert daemon.lines_with("link down") == []


def test_a_visit_with_headers_beyond_the_client_librarys_limit_is_one_slots_error(fpwd, relay_part, upstream):
    daemon = fpwd(relay_part, upstream, workers=2)
    assert relay_part.wait_for_parked(2)
    relay_part.start_visit(target="/huge", fields={"Host": HOST, "X-Huge": "x" * 150_000})
    assert relay_part.visit().status == 200
    assert upstream.seen("/huge") == []
    assert daemon.is_running


def test_a_parked_poll_that_breaks_is_opened_again(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1)
    for count in (1, 2, 3):
        assert relay_part.wait_for_parked()
        relay_part.posts[-1].connection.shut()
        assert relay_part.wait_for_posts(count + 1)
    assert relay_part.visit().status == 200


def large_answer(upstream, size: int, chunked: bool) -> bytes:
    body = bytes(range(256)) * (size // 256)
    framed = [("Transfer-Encoding", "chunked")] if chunked else []
    data = chunk(body) + LAST_CHUNK if chunked else body
    upstream.on("/large")(lambda request: request.respond(200, framed, data))
    return body


@pytest.mark.parametrize("chunked", [True, False], ids=["unknown length", "known length"])
def test_a_reply_larger_than_the_buffer_passes(fpwd, relay_part, upstream, chunked):
    body = large_answer(upstream, 3 << 20, chunked)
    fpwd(relay_part, upstream, workers=1)
    assert relay_part.visit(target="/large").body == body


def test_a_relay_without_chunked_gets_lengths_from_then_on(fpwd, relay_part, upstream):
    relay_part.takes_chunked = False
    body = large_answer(upstream, 3 << 20, chunked=True)
    fpwd(relay_part, upstream, workers=1)
    first = relay_part.visit(target="/large")
    assert (first.status, first.body) == (200, body) or first.status == 502
    for _ in range(2):
        reply = relay_part.visit(target="/large")
        assert (reply.status, reply.body) == (200, body)
        assert reply.post.head.get("content-length") == str(len(body))
    assert len([post for post in relay_part.posts if post.head.is_chunked]) == 1


def test_the_first_reply_that_meets_a_proxy_without_chunked_goes_again_with_its_length(fpwd, relay_part, upstream):
    """The relay streams, but a proxy before it does not: what is still in memory is no loss."""

    @upstream.on("/slow")
    def _(request):
        request.connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(bytes(70_000)))
        assert relay_part.wait_for(lambda: any(post.head.is_chunked for post in relay_part.posts))
        request.connection.send(chunk(bytes(3 << 20)) + b"0\r\n\r\n")

    relay_part.takes_chunked = False
    relay_part.script(saying(204, [("fpw-features", "hello, stream")]))
    fpwd(relay_part, upstream, workers=1)
    reply = relay_part.visit(target="/slow")
    assert (reply.status, len(reply.body)) == (200, 70_000 + (3 << 20))
    assert reply.post.head.get("content-length") == str(len(reply.body))
    assert len(upstream.seen("/slow")) == 1
    assert len([post for post in relay_part.posts if post.head.is_chunked]) == 1


def test_a_reply_beyond_the_spool_is_502(fpwd, relay_part, upstream):
    relay_part.takes_chunked = False
    large_answer(upstream, 3 << 20, chunked=True)
    fpwd(relay_part, upstream, workers=1, spool_max="2MiB")
    for _ in range(2):
        assert relay_part.visit(target="/large").status == 502


def test_a_reply_whose_upload_was_certainly_incomplete_is_sent_again(fpwd, upstream):
    body = large_answer(upstream, 1 << 19, chunked=False)
    with Relay(HOST, TOKEN, receive_buffer=4096) as relay:
        fpwd(relay, upstream, workers=1)
        relay.script(breaking(after=1), on=is_reply)
        visit = relay.start_visit(target="/large")
        assert visit.reply().body == body
        assert len(relay.replies_to(visit)) == 2
    assert len(upstream.seen("/large")) == 1


def test_a_reply_that_may_have_arrived_is_not_sent_again(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1)
    relay_part.script(breaking(having_taken=True), on=is_reply)
    visit = relay_part.start_visit(target="/echo", body=b"once")
    assert visit.reply().body.endswith(b"once")
    assert relay_part.visit().status == 200
    assert len(relay_part.replies_to(visit)) == 1


def test_a_reply_refused_before_it_was_read_is_kept(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1)
    relay_part.script(refusing(503, [("Retry-After", "1")]), on=is_reply)
    visit = relay_part.start_visit(target="/echo", body=b"body")
    assert visit.reply().body.endswith(b"body")
    assert len(upstream.seen("/echo")) == 1


def test_visits_wait_for_more_slots_and_get_them(fpwd, relay_part, upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    fpwd(relay_part, upstream, workers=1, max_workers=8)
    visits = [relay_part.start_visit(target="/gate") for _ in range(8)]
    try:
        assert gate.holds(8)
    finally:
        gate.open()
    assert [visit.reply().body for visit in visits] == [b"through\n"] * 8
