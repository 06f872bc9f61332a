"""What an upstream may do wrong, and what the visitor then gets (PROTOCOL.md §5)."""

import contextlib
import http.client
import select

import pytest

from harness.program import free_port
from harness.programs import HOST
from parts.wire import chunk

BROKEN = (http.client.IncompleteRead, ConnectionError)


@pytest.fixture
def visitor(tunnel, upstream):
    return tunnel(upstream, workers=2).visitor


def saying(data: bytes):
    """Says these bytes to the request and closes."""

    def script(request):
        request.connection.send(data)
        request.connection.close()

    return script


def test_interim_answers_are_skipped(visitor, upstream):
    upstream.on("/hints")(
        saying(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        )
    )
    answer = visitor.visit(target="/hints")
    assert (answer.status, answer.get("link"), answer.body) == (200, None, b"ok")


def test_trailers_are_dropped(visitor, upstream):
    upstream.on("/trailers")(
        saying(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"
        )
    )
    answer = visitor.visit(target="/trailers")
    assert (answer.status, answer.get("x-sum"), answer.get("trailer"), answer.body) == (200, None, None, b"ok")


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

FAULTS = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "what is no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "an unsolicited 101": b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi",
    "less than its length": OK + b"Content-Length: 1000\r\n\r\n" + bytes(10),
    "an unfinished chunk": CHUNKED + chunk(bytes(99)) + b"5\r\nab",
    "no last chunk": CHUNKED + chunk(bytes(99)),
    "70 KiB of headers": OK + b"Content-Length: 0\r\n" + b"X-Big: %b\r\n" % (b"x" * 7000) * 10 + b"\r\n",
    "300 fields": OK + b"Content-Length: 0\r\n" + b"X-A: 1\r\n" * 300 + b"\r\n",
}


@pytest.mark.parametrize("said", FAULTS.values(), ids=FAULTS)
def test_an_upstream_that_says_what_it_must_not_is_502(visitor, upstream, said):
    upstream.on("/fault")(saying(said))
    assert visitor.visit(target="/fault").status == 502
    assert visitor.visit().body == b"hello\n"


@pytest.mark.parametrize("framing", [b"Content-Length: 4000000", b"Transfer-Encoding: chunked"])
def test_a_long_answer_that_ends_early_never_looks_complete(visitor, upstream, framing):
    body = bytes(2_000_000)
    said = chunk(body) if b"chunked" in framing else body
    upstream.on("/short")(saying(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + said))
    with contextlib.suppress(BROKEN):
        assert visitor.visit(target="/short").status == 502
    assert visitor.visit().body == b"hello\n"


def test_an_answer_that_ends_with_its_connection_is_complete(visitor, upstream):
    upstream.on("/old")(saying(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 200_000))
    answer = visitor.visit(target="/old")
    assert (answer.status, answer.body) == (200, b"x" * 200_000)


def test_an_early_refusal_of_an_upload_reaches_the_visitor(visitor, upstream):
    @upstream.on("/upload")
    def _(request):
        request.respond(413, [("Connection", "close")], b"too large\n")
        request.connection.peer_leaves()

    with visitor.raw() as sock:
        sock.sendall(f"POST /upload HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {1 << 29}\r\n\r\n".encode())
        while not select.select([sock], [], [], 0)[0]:
            sock.sendall(bytes(1 << 18))
        head, _, body = sock.recv(1 << 16).partition(b"\r\n\r\n")
    assert (head.split(b" ")[1], body) == (b"413", b"too large\n")
    assert visitor.visit().body == b"hello\n"


def test_no_upstream_is_502_and_says_so(tunnel):
    visitor = tunnel(f"http://127.0.0.1:{free_port()}", workers=1).visitor
    page = visitor.visit(fields=[("Accept", "text/html")])
    machine = visitor.visit(fields=[("Accept", "application/json")])
    assert (page.status, page.get("content-type").split(";")[0]) == (502, "text/html")
    assert (machine.status, machine.get("content-type").split(";")[0]) == (502, "application/json")
    assert "127.0.0.1" not in page.text, "the visitor is not told where the service lives"


def test_a_slow_upstream_is_504_and_is_left(tunnel, upstream):
    left = []
    upstream.on("/slow")(lambda request: left.append(request.connection.peer_leaves()))
    visitor = tunnel(upstream, workers=1, upstream_timeout="1s").visitor
    assert visitor.visit(target="/slow").status == 504
    assert visitor.visit().body == b"hello\n"
    assert left == [True]


def test_an_upstream_that_stands_still_in_its_body_breaks_the_transfer(tunnel, upstream):
    @upstream.on("/still")
    def _(request):
        request.connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + bytes(1_900_000))
        request.connection.peer_leaves(20)

    visitor = tunnel(upstream, workers=1, idle_timeout="1s").visitor
    with contextlib.suppress(BROKEN):
        assert visitor.visit(target="/still").status in (502, 504)
    assert visitor.visit().body == b"hello\n"


def test_an_upstream_that_leads_back_to_the_relay_is_508(fpw_relay, fpwd):
    relay = fpw_relay()
    trust = {"upstream_ca_file": str(relay.authority.file)} if relay.authority else {}
    fpwd(relay, relay.url.rstrip("/"), workers=4, **trust).wait_until_ready()
    assert relay.visitor().visit().status == 508
