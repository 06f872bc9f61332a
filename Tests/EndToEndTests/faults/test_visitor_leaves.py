"""A visitor leaves, at any point of a visit: the upstream is left too, and the slot is free for the next one."""

import contextlib
import socket
import threading
import time

import pytest

from harness.program import eventually
from harness.programs import HOST
from harness.visitor import Visitor
from parts.wire import chunk

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n"


class Leaving:
    """When the visitor left, when the upstream next had something to say or hear, and when it was left itself."""

    def __init__(self):
        self.visitor_left = threading.Event()
        self.upstream_left = threading.Event()
        self.next_byte_at = self.left_at = 0.0

    def talk(self, request, kind: bytes, piece: bytes, every: float) -> None:
        """Sends a head, and piece after piece until the connection is ended by the other side."""
        request.connection.send(HEAD % kind)
        with contextlib.suppress(OSError):
            while True:
                if self.visitor_left.is_set() and not self.next_byte_at:
                    self.next_byte_at = time.monotonic()
                request.connection.send(chunk(piece))
                request.connection.readable(within=every)
        self.note()

    def note(self) -> None:
        self.left_at = time.monotonic()
        self.upstream_left.set()


@pytest.fixture
def leaving(upstream) -> Leaving:
    leaving = Leaving()

    @upstream.on("/upload")
    def _(request):
        with contextlib.suppress(ConnectionError):
            request.connection.read_body(request.head)
        leaving.note()

    @upstream.on("/work")
    def _(request):
        leaving.visitor_left.wait(20)
        leaving.talk(request, b"application/octet-stream", bytes(16_384), every=0.01)

    upstream.on("/download")(lambda request: leaving.talk(request, b"video/mp4", bytes(16_384), every=0.001))
    upstream.on("/events")(lambda request: leaving.talk(request, b"text/event-stream", b"data: 1\n\n", every=0.1))
    return leaving


def upload(sock: socket.socket, upstream) -> None:
    sock.sendall(f"POST /upload HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000000\r\n\r\n".encode() + bytes(1000))
    eventually(lambda: upstream.seen("/upload"))


def work(sock: socket.socket, upstream) -> None:
    sock.sendall(f"GET /work HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    eventually(lambda: upstream.seen("/work"))


def download(sock: socket.socket, upstream) -> None:
    sock.sendall(f"GET /download HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert receive(sock, 500_000).startswith(b"HTTP/1.1 200")


def events(sock: socket.socket, upstream) -> None:
    sock.sendall(f"GET /events HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert b"data: 1" in receive(sock, 300)


def receive(sock: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        data = sock.recv(1 << 16)
        assert data, received
        received += data
    return received


@pytest.mark.parametrize(
    ("begin", "where"),
    [
        (upload, "in its upload"),
        (work, "while the upstream works"),
        (download, "in its download"),
        (events, "in an event stream"),
    ],
    ids=["upload", "work", "download", "events"],
)
def test_a_visitor_who_leaves_is_left_by_the_upstream_too(fault, tunnel, upstream, leaving, begin, where):
    visitor: Visitor = tunnel(upstream, workers=1).visitor
    with fault("visitor leaves") as row:
        with visitor.raw() as sock:
            begin(sock, upstream)
        gone = time.monotonic()
        leaving.visitor_left.set()
        assert leaving.upstream_left.wait(20), "the upstream was not left"
        # In an upload the upstream has nothing to say: it is the end of what it hears that tells.
        since = gone if begin is upload else leaving.next_byte_at or leaving.left_at
        row.measured(f"{where}: upstream left after", max(0, leaving.left_at - since) * 1000, "ms", at_most=1000)
        assert visitor.visit().body == b"hello\n"
        row.measured(f"{where}: next visitor served after", (time.monotonic() - gone) * 1000, "ms", at_most=2000)
