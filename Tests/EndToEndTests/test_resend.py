"""A reply is not lost with its connection (PROTOCOL.md §4, resend)."""

import hashlib
import http.client
import signal

import pytest

from parts.proxy import Cable
from parts.relay import breaking, saying
from parts.upstream import Gate


@pytest.fixture
def path(lab, fpw_relay, fpwd, upstream):
    """fpwd reaches fpw-relay through a cable that can be cut."""
    relay = fpw_relay()
    cable = lab.care(Cable(relay.port))
    fpwd(cable, upstream, workers=2).wait_until_ready()
    return cable, relay.visitor()


def large(upstream, size: int) -> bytes:
    body = hashlib.shake_128(b"reply").digest(size)
    upstream.on("/large")(lambda request: request.respond(200, [("ETag", '"1"')], body))
    return body


@pytest.mark.parametrize("after", [1, 200, 5000, 300_000, 699_000])
def test_a_reply_cut_off_on_its_way_is_sent_again_and_the_visitor_sees_one(path, upstream, after):
    cable, visitor = path
    body = large(upstream, 700_000)
    cable.cut_next(b"fpw-status", after)
    answer = visitor.visit(target="/large")
    assert (answer.status, answer.get("etag"), answer.body) == (200, '"1"', body)
    assert (cable.cuts_made, len(upstream.seen("/large"))) == (1, 1)


def test_a_reply_cut_off_twice_arrives(path, upstream):
    cable, visitor = path
    body = large(upstream, 700_000)
    cable.cut_next(b"fpw-status", 300_000)
    cable.cut_next(b"fpw-status", 600_000)
    assert visitor.visit(target="/large").body == body
    assert (cable.cuts_made, len(upstream.seen("/large"))) == (2, 1)


def test_a_reply_too_large_to_be_kept_breaks_and_never_looks_complete(path, upstream):
    cable, visitor = path
    large(upstream, 20_000_000)
    cable.cut_next(b"fpw-status", 8_000_000)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        visitor.visit(target="/large")
    assert len(upstream.seen("/large")) == 1
    assert visitor.visit().body == b"hello\n"


def test_a_reply_that_met_a_dead_connection_is_brought_anew_to_a_relay_that_goes_down(fpwd, relay_part, upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    leaving = [("Retry-After", "1"), ("Connection", "close"), ("fpw-features", "hello, drain, stream, resend")]
    relay_part.hold, relay_part.idle_answer = 2, (503, leaving, b"")
    daemon = fpwd(relay_part, upstream, workers=2)
    assert relay_part.wait_for_parked(2)
    relay_part.script(saying(503, leaving), on=lambda post: not post.is_reply, times=50)
    relay_part.script(breaking(), on=lambda post: post.is_reply)
    visit = relay_part.start_visit(target="/gate")
    daemon.wait_for_line("going down")
    gate.open()
    assert visit.reply(within=10).status == 200
    assert len(relay_part.replies_to(visit)) == 2
    daemon.signal(signal.SIGTERM)
    assert daemon.exit_code() == 0


def test_a_small_reply_cut_off_before_its_answer_is_not_shown_twice(path, upstream):
    cable, visitor = path
    for number in range(5):
        cable.cut_next(b"fpw-status", 50)
        assert visitor.visit("POST", f"/echo?{number}", body=b"x").body.endswith(b"x")
    assert len(upstream.seen("/echo")) == 5
