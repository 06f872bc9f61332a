"""The Python parts serve each other, so that a failure elsewhere is the programs' and not theirs."""

import json

import pytest

from harness.program import Program
from harness.programs import HOST, TOKEN, PythonWorker
from harness.visitor import Visitor
from parts.proxy import Cable
from parts.relay import Relay, breaking, saying


@pytest.fixture
def worker(start, upstream):
    def begin(relay_url: str) -> Program:
        program = start(PythonWorker(relay_url, upstream.url, threads=1))
        program.wait_for_line("polling")
        return program

    return begin


def test_a_visitor_of_the_relay_part_is_served_by_the_worker_part(worker, relay_part, upstream):
    worker(relay_part.url)
    answer = Visitor(relay_part.port, HOST).visit("POST", "/echo?a=1", [("X-Own", "blue")], b"\x00\xff")
    assert (answer.status, answer.get("content-type")) == (200, "application/octet-stream")
    assert answer.body.startswith(b"POST /echo?a=1 HTTP/1.1\r\n")
    assert answer.body.endswith(b"\r\n\r\n\x00\xff")
    assert upstream.requests[0].head.get("x-own") == "blue"
    assert upstream.requests[0].head.get("x-forwarded-for") == "127.0.0.1"


def test_repeated_headers_travel_as_arrays(worker, relay_part, upstream):
    upstream.on("/cookies")(lambda request: request.respond(200, [("Set-Cookie", f"c{n}={n}") for n in range(20)]))
    worker(relay_part.url)
    reply = relay_part.visit(target="/cookies")
    assert reply.fields["Set-Cookie"] == [f"c{n}={n}" for n in range(20)]


def test_an_idle_poll_expires_with_200_and_nothing(worker, upstream):
    with Relay(HOST, TOKEN, hold=0.05) as relay:
        worker(relay.url + "/server-client")
        assert relay.wait_for_posts(3)
        assert [post.body for post in relay.posts[:3]] == [b"", b"", b""]
        assert {post.head.target for post in relay.posts} == {"/server-client"}
        relay.hold = 30
        assert relay.visit().body == b"hello\n"


def test_a_script_answers_one_post(worker, relay_part):
    relay_part.script(saying(200, body=b'{"msg":"quota"}'))
    program = worker(relay_part.url)
    program.wait_for_line("relay says 200", "quota")
    assert relay_part.visit().status == 200


def test_a_broken_post_is_seen_as_broken(worker, relay_part, upstream):
    upstream.on("/large")(lambda request: request.respond(body=bytes(1 << 22)))
    worker(relay_part.url)
    relay_part.script(breaking(after=1000), on=lambda post: post.is_reply)
    visit = relay_part.start_visit(target="/large")
    assert relay_part.wait_for(lambda: len(relay_part.posts) >= 3)
    assert [post.body is None for post in relay_part.replies_to(visit)] == [True]


def test_a_lying_relay_says_anything(relay_part):
    visit = relay_part.start_visit(fpw_url=b"/\xff", fpw_uip=None)
    assert b"\r\nfpw-url: /\xff\r\n" in visit.wire
    assert b"fpw-uip" not in visit.wire
    assert json.dumps({"Host": HOST}).encode() in visit.wire


def test_a_cable_is_cut_where_it_is_told(upstream):
    with Cable(upstream.port) as cable:
        visitor = Visitor(cable.port, HOST)
        assert visitor.visit().body == b"hello\n"
        cable.cut_next(b"/echo", after=10)
        with pytest.raises(ConnectionResetError):
            visitor.visit("POST", "/echo", body=bytes(100_000))
        assert (cable.cuts_made, len(upstream.seen("/echo"))) == (1, 0)
