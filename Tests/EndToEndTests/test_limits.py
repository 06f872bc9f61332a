"""Every limit of a tunnel, and the whole page that a visitor gets for it."""

import json
import time

import pytest

from harness.program import eventually
from harness.programs import HOST
from parts.wire import chunk

BY_TLS_TOO = True

JSON = ("Accept", "application/json")


def is_page(answer, status: int, reason: str, message: str) -> bool:
    """Whether the answer is this page of fpwd's, and nothing else."""
    page = {"status": status, "reason": reason, "message": message, "source": "fpwd"}
    fields = {"content-type": "application/json", "cache-control": "no-store", "x-fpw-reason": reason}
    assert (answer.status, json.loads(answer.body)) == (status, page)
    assert {name: answer.get(name) for name in fields} == fields
    return True


TOO_LARGE = (413, "body-too-large", "The request's body is larger than 1024 bytes.")


@pytest.mark.parametrize("size", [1025, 100_000])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_above_max_body_is_413(tunnel, upstream, size, framing):
    path = tunnel(upstream, workers=1, max_body="1KiB")
    if framing == "length":
        answer = path.visitor.visit("POST", "/echo", [JSON], bytes(size))
    else:
        body = chunk(bytes(size)) + b"0\r\n\r\n"
        answer = path.visitor.visit("POST", "/echo", [JSON, ("Transfer-Encoding", "chunked")], body)
    assert is_page(answer, *TOO_LARGE)
    assert path.visitor.visit("POST", "/echo", body=bytes(1024)).status == 200


def test_a_chunked_body_that_grows_above_max_body_is_413_while_the_upstream_reads_it(tunnel, upstream):
    visitor = tunnel(upstream, workers=1, max_body="1KiB").visitor
    with visitor.raw() as sock:
        head = f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        sock.sendall(head.encode() + chunk(bytes(1000)))
        eventually(lambda: upstream.seen("/echo"))
        sock.sendall(chunk(bytes(1000)))
        assert b" 413 " in sock.recv(1 << 16)


def test_an_upstream_slower_than_upstream_timeout_is_504(tunnel, upstream):
    upstream.on("/slow")(lambda request: request.connection.peer_leaves())
    visitor = tunnel(upstream, workers=1, upstream_timeout="500ms").visitor
    began = time.monotonic()
    answer = visitor.visit(target="/slow", fields=[JSON])
    assert is_page(answer, 504, "upstream-timeout", "The web service behind this address is not answering.")
    assert 0.45 <= time.monotonic() - began <= 2


def test_connect_timeout_is_504(tunnel, silent_address):
    visitor = tunnel(silent_address, workers=1, connect_timeout="500ms").visitor
    began = time.monotonic()
    answer = visitor.visit(fields=[JSON])
    assert is_page(answer, 504, "upstream-timeout", "The web service behind this address is not answering.")
    assert 0.45 <= time.monotonic() - began <= 2


def test_limits_are_the_tunnels_own(fpw_relay, fpwd, upstream):
    relay = fpw_relay(hosts={"small.test": {"token": "0123456789abcdef"}, "large.test": {"token": "0123456789abcdef"}})
    table = {"token": "0123456789abcdef", "relay": relay.url, "upstream": upstream.url, "workers": 1}
    daemon = fpwd(
        tunnels={
            "small": {**table, "host": "small.test", "max_body": "1KiB"},
            "large": {**table, "host": "large.test"},
        }
    )
    daemon.wait_until_ready()
    answers = [relay.visitor(host).visit("POST", "/echo", body=bytes(5000)) for host in ("small.test", "large.test")]
    assert [answer.status for answer in answers] == [413, 200]


def test_a_poll_that_is_held_beyond_poll_timeout_is_made_anew_and_no_visitor_notices(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1, poll_timeout="500ms")
    assert relay_part.wait_for_posts(3)
    polls = [post for post in relay_part.posts if not post.is_reply]
    assert polls[-1].arrived - polls[0].arrived >= 0.45 * (len(polls) - 1)
    assert relay_part.visit().body == b"hello\n"
