"""Many visitors at once, and visitors who read as it is written."""

import time
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

import pytest

from parts.upstream import Gate
from parts.wire import LAST_CHUNK, chunk


@pytest.mark.parametrize("workers", [50, 4])
def test_fifty_visitors_are_in_flight_together(tunnel, upstream, workers):
    gate = Gate()
    upstream.on("/gate")(gate)
    visitor = tunnel(upstream, workers=workers, max_workers=50).visitor
    with ThreadPoolExecutor(50) as crowd:
        visits = [crowd.submit(visitor.visit, target="/gate") for _ in range(50)]
        try:
            assert gate.holds(50)
        finally:
            gate.open()
        assert [visit.result().body for visit in visits] == [b"through\n"] * 50


def test_two_hundred_visitors_on_ten_slots_wait_their_turn(tunnel, upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    visitor = tunnel(upstream, workers=10, max_workers=10).visitor
    with ThreadPoolExecutor(200) as crowd:
        visits = [crowd.submit(visitor.visit, target="/gate") for _ in range(200)]
        try:
            assert gate.holds(10)
        finally:
            gate.open()
        assert [visit.result().body for visit in visits] == [b"through\n"] * 200
    assert gate.most_inside == 10
    assert len(upstream.requests) == 200


@pytest.mark.measures
def test_two_hundred_visitors_at_once_find_slots_that_are_opened_for_them(tunnel, upstream):
    gate = Gate()
    upstream.on("/gate")(gate)
    path = tunnel(upstream, workers=4, max_workers=200)
    with ThreadPoolExecutor(200) as crowd:
        started = time.monotonic()
        visits = [crowd.submit(path.visitor.visit, target="/gate") for _ in range(200)]
        try:
            assert gate.holds(200)
            took = time.monotonic() - started
        finally:
            gate.open()
        assert [visit.result().status for visit in visits] == [200] * 200
    assert took < 5
    assert path.daemon.metric("fpwd_visits_total") == 200


def written_as_told(upstream, head: bytes) -> Queue:
    """Serves `/stream`: writes each piece that is put into the queue, and ends with None."""
    pieces: Queue[bytes | None] = Queue()

    @upstream.on("/stream")
    def _(request):
        request.connection.send(b"HTTP/1.1 200 OK\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n")
        while piece := pieces.get():
            request.connection.send(chunk(piece))
        request.connection.send(LAST_CHUNK)

    return pieces


@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        ("text/event-stream", [b"data: %d\n\n" % number for number in range(20)]),
        ("application/x-ndjson", [b'{"line": %d}\n' % number for number in range(20)]),
        ("text/plain", [b"x" * 100_000 + b"\n", b"a\n", b"y" * 100_000 + b"\n", b"b\n"]),
    ],
)
def test_each_piece_is_with_the_visitor_and_counted_before_the_next_is_written(tunnel, upstream, kind, pieces):
    told = written_as_told(upstream, b"Content-Type: %b\r\n" % kind.encode())
    path = tunnel(upstream, workers=1)
    told.put(pieces[0])
    with path.visitor.open(target="/stream", within=10) as response:
        assert (response.status, response.getheader("content-type")) == (200, kind)
        assert response.read(len(pieces[0])) == pieces[0]
        for number, piece in enumerate(pieces[1:], start=2):
            told.put(piece)
            assert response.read(len(piece)) == piece
            passed = len(b"".join(pieces[:number]))
            assert path.daemon.metric("fpwd_sent_bytes_total") == passed
            assert path.relay.metric("fpw_relay_sent_bytes_total") == passed
        told.put(None)
        assert response.read() == b""


def test_an_event_streams_head_is_with_the_visitor_before_its_first_event(tunnel, upstream):
    told = written_as_told(upstream, b"Content-Type: text/event-stream\r\n")
    visitor = tunnel(upstream, workers=1).visitor
    with visitor.open(target="/stream", within=5) as response:
        assert response.status == 200
        told.put(b"data: late\n\n")
        assert response.read(12) == b"data: late\n\n"
        told.put(None)


def test_an_upload_is_with_the_upstream_and_counted_as_it_is_sent(tunnel, upstream):
    seen: Queue[bytes] = Queue()

    @upstream.on("/upload")
    def _(request):
        for part in request.connection.body_parts(request.head):
            seen.put(part)
        request.respond(body=b"done\n")

    path = tunnel(upstream, workers=1)
    connection = path.visitor.connection()
    connection.putrequest("POST", "/upload", skip_host=True)
    connection.putheader("Host", path.visitor.host)
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    for number in range(10):
        connection.send(chunk(b"part %d" % number))
        assert seen.get(timeout=5) == b"part %d" % number
        assert path.daemon.metric("fpwd_received_bytes_total") == len("part 0") * (number + 1)
    connection.send(LAST_CHUNK)
    assert connection.getresponse().read() == b"done\n"


def test_a_slow_visitor_does_not_hold_the_others(tunnel, nginx_files):
    nginx, files = nginx_files
    (files / "large").write_bytes(bytes(64 << 20))
    visitor = tunnel(nginx, workers=2, max_workers=2).visitor
    with visitor.open(target="/large") as slow:
        slow.read(1000)
        started = time.monotonic()
        for _ in range(50):
            assert visitor.visit(target="/page").status == 200
        assert time.monotonic() - started < 5
        assert len(slow.read()) == (64 << 20) - 1000
