"""What an upstream says that is no answer never looks like one, nor becomes another visitor's (PROTOCOL.md §5)."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import oracle
from harness.mutation import Mutator
from harness.program import eventually
from harness.programs import HOST, QUIET
from parts.upstream import Request, Upstream
from parts.wire import chunk

SIDE = "upstream"
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
OWN_PAGES = {"x-fpw-reason", "fpw-relay"}


class Liar(Upstream):
    """Answers each target as it was told to; every other with `own`."""

    def __init__(self, **named):
        super().__init__(**named)
        self.answers: dict[str, bytes] = {}
        self.stays = False
        self.otherwise = self._lie

    def _lie(self, request: Request) -> None:
        request.connection.read_body(request.head)
        answer = self.answers.get(request.head.target)
        if answer is None:
            return request.respond(body=b"own " + request.head.target.encode())
        with contextlib.suppress(OSError):
            request.connection.send(answer)
            if not self.stays:
                request.connection.sock.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def path(module_lab):
    liar = module_lab.care(Liar())
    tunnel = module_lab.tunnel(liar, workers=8, upstream_timeout="2s", relay=QUIET, daemon=QUIET)
    return tunnel, liar


@pytest.fixture
def liar(path, tally):
    """The tunnel still serves when the test is over."""
    tunnel, liar = path
    liar.stays = False
    yield liar
    for program in (tunnel.relay, tunnel.daemon):
        tally.is_alive(program)
    for number in range(3):
        assert tunnel.visitor.visit(target=f"/after/{number}").body == f"own /after/{number}".encode()


_numbers = itertools.count()


def tell(path, answer: bytes, method: str = "GET") -> oracle.Reading:
    """What a visitor gets where the upstream says this, and then for another request on the same connection."""
    tunnel, liar = path
    target = f"/lie/{next(_numbers)}"
    liar.answers[target] = answer
    first = f"{method} {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    second = f"GET {target}/next HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    received = tunnel.visitor.say((first + second).encode())
    reading = oracle.answers(received, [method, "GET"])
    if len(reading.messages) == 2:
        assert reading.messages[1][2] == f"own {target}/next".encode()
    return reading


def is_refused(reading: oracle.Reading) -> bool:
    """fpwd's error page, or visibly half of an answer."""
    return not reading.messages or (
        reading.messages[0][0] in (502, 504) and OWN_PAGES & {name for name, _ in reading.messages[0][1]} != set()
    )


OK = b"HTTP/1.1 200 OK\r\n"
REFUSED = {
    "nothing": b"",
    "no HTTP": b"garbage\r\n\r\nbody",
    "TLS": b"\x15\x03\x03\x00\x02\x02\x28",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "zeroes": bytes(100),
    "a head that ends early": b"HTTP/1.1 200 OK\r\nContent-",
    "no status": b"HTTP/1.1\r\n\r\n",
    "status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "status 0": b"HTTP/1.1 0 OK\r\n\r\n",
    "status 99": b"HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n",
    "status 600": b"HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n",
    "status 999": b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n",
    "status 2000": b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
    "a version that is none": b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18),
    "unasked 101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + POISON,
    "only a 100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "two lengths": OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!",
    "negative length": OK + b"Content-Length: -4\r\n\r\nbody",
    "length of letters": OK + b"Content-Length: four\r\n\r\nbody",
    "length of 2^64": OK + b"Content-Length: 18446744073709551616\r\n\r\nbody",
    "length above the body": OK + b"Content-Length: 5\r\n\r\nbody",
    "a chunk of letters": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n0\r\n\r\n",
    "a chunk of 2^64": OK + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nbody\r\n0\r\n\r\n",
    "a chunk cut off": OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\nbody",
    "no last chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n",
    "half of the last chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n",
    "a chunk above its size": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody!!\r\n0\r\n\r\n",
    "an unknown coding": OK + b"Transfer-Encoding: cow\r\n\r\nbody",
    "NUL in a value": OK + b"X-A: b\0c\r\nContent-Length: 4\r\n\r\nbody",
    "NUL in a name": OK + b"X\0A: b\r\nContent-Length: 4\r\n\r\nbody",
    "a bare CR in a value": OK + b"X-A: b\rX-B: c\r\nContent-Length: 4\r\n\r\nbody",
    "a control character in a value": OK + b"X-A: b\x01c\r\nContent-Length: 4\r\n\r\nbody",
    "a name that is no token": OK + b"X A: b\r\nContent-Length: 4\r\n\r\nbody",
    "300 fields": OK + b"X-A: b\r\n" * 300 + b"Content-Length: 4\r\n\r\nbody",
    "70 KiB of fields": OK
    + b"".join(b"X-%d: %b\r\n" % (n, b"v" * 7000) for n in range(10))
    + b"Content-Length: 4\r\n\r\nbody",
    "a field of 200 KiB": OK + b"X-A: " + b"v" * 200_000 + b"\r\nContent-Length: 4\r\n\r\nbody",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_answer_is_502_or_visibly_broken(path, liar, name):
    reading = tell(path, REFUSED[name])
    assert is_refused(reading), reading


def test_both_framings_at_once_are_one_body_or_none(path, liar):
    """Transfer-Encoding overrides (RFC 9112 §6.3); what stands behind the body is nobody's."""
    for first, second in itertools.permutations([b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n"]):
        reading = tell(path, OK + first + second + b"\r\n3\r\nabc\r\n0\r\n\r\n" + POISON)
        assert is_refused(reading) or reading.messages[0][2] == b"abc"


def test_repeated_fields_and_trailers(path, liar):
    cookies = b"".join(b"Set-Cookie: c%d=%d\r\n" % (number, number) for number in range(100))
    reading = tell(
        path,
        OK + cookies + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Trailer: x\r\nSet-Cookie: t=1\r\n\r\n",
    )
    status, fields, body = reading.messages[0]
    assert (status, body) == (200, b"body")
    assert [value for name, value in fields if name == "set-cookie"] == [f"c{number}={number}" for number in range(100)]
    assert "x-trailer" not in {name for name, _ in fields}


@pytest.mark.parametrize(
    "head",
    [
        OK + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        OK + b"Content-Length: 4\r\n\r\nbody",
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=repr,
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_follows_an_answer_is_nobodys(path, liar, head, method):
    """The upstream keeps its connections; a second answer stands behind each first one."""
    liar.stays = True
    for _ in range(5):
        reading = tell(path, head + POISON, method)
        assert all(b"poison" not in message[2] for message in reading.messages)
    for number in range(20):
        assert path[0].visitor.visit(target=f"/own/{number}").body == f"own /own/{number}".encode()


def speak_unasked(liar: Liar, pause: float) -> threading.Event:
    """Says a second answer behind that to `/kept`; the event tells that it has been said."""
    is_said = threading.Event()

    @liar.on("/kept")
    def answer(request: Request) -> None:
        request.respond(body=b"first")
        time.sleep(pause)
        with contextlib.suppress(OSError):  # The first bytes of it were enough to be hung up on.
            request.connection.send(POISON)
        is_said.set()

    return is_said


@pytest.mark.parametrize("pause", [0, 0.01], ids=["at once", "after a pause"])
def test_an_answer_on_an_idle_connection_is_nobodys(path, liar, pause):
    is_said = speak_unasked(liar, pause)
    for number in range(20):
        is_said.clear()
        assert path[0].visitor.visit(target="/kept").body == b"first"
        # What comes after the next request has gone out is its answer, as far as anybody can tell.
        assert is_said.wait(10)
        assert path[0].visitor.visit(target=f"/own/{number}").body == f"own /own/{number}".encode()


def test_over_tls_it_is_nobodys_either_and_honest_connections_are_kept(lab, authority):
    with Liar(tls=authority.server("localhost")) as liar:
        tunnel = lab.tunnel(liar.url, workers=1, upstream_ca_file=str(authority.file))
        is_said = speak_unasked(liar, 0)
        for number in range(20):
            is_said.clear()
            assert tunnel.visitor.visit(target="/kept").body == b"first"
            assert is_said.wait(10)
            assert tunnel.visitor.visit(target=f"/own/{number}").body == f"own /own/{number}".encode()
        for number in range(5):
            tunnel.visitor.visit(target=f"/own/{number}")
        assert len({request.connection.number for request in liar.requests[-6:]}) == 1


def endless(piece: bytes, every: float = 0):
    """A script that says this again and again for as long as it is listened to; 20 s at most."""

    def script(request: Request) -> None:
        request.connection.read_body(request.head)
        began = time.monotonic()
        with contextlib.suppress(OSError):
            request.connection.send(OK if piece.startswith(b"X") else b"")
            while time.monotonic() - began < 20:
                request.connection.send(piece)
                time.sleep(every)
        request.connection.shut()

    return script


@pytest.mark.parametrize(
    ("piece", "every"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0),
        (b"HTTP/1.1 100 Continue\r\n\r\n", 0.2),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0.01),
        (b"X-A: b\r\n" * 100, 0),
        (b"X-A: b\r\n", 0.2),
        (b"x" * 65536, 0),
        (b"X", 0.2),
    ],
    ids=[
        "flood of 100",
        "drip of 100",
        "flood of 103",
        "flood of fields",
        "drip of fields",
        "flood of a line",
        "drip of a line",
    ],
)
def test_a_head_that_never_ends_is_given_up_in_time_and_memory(path, liar, piece, every):
    tunnel, _ = path
    liar.on("/endless")(endless(piece, every))
    before = tunnel.daemon.memory("VmRSS")
    began = time.monotonic()
    answer = tunnel.visitor.visit(target="/endless", within=15)
    assert answer.status in (502, 504)
    assert time.monotonic() - began < 8
    assert tunnel.daemon.memory("VmRSS") - before < 16 << 20
    eventually(lambda: tunnel.daemon.metric("fpwd_slots", state="busy") == 0)


# By chance.

BASES = [
    OK + b"Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody",
    OK + b"Transfer-Encoding: chunked\r\nX-Own: 1\r\n\r\n" + chunk(b"wo") + chunk(b"rk") + b"0\r\nX-Sum: 1\r\n\r\n",
    OK + b"Connection: close\r\n\r\nbody",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    + OK
    + b"Content-Length: 4\r\n\r\nbody",
    b"HTTP/1.1 404 Not Found\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 4\r\n\r\nbody",
    *(b"HTTP/1.1 204 No Content\r\nX-Own: 1\r\n\r\n", b"HTTP/1.0 200 OK\r\nX-Own: 1\r\n\r\nbody"),
]
PIECES = [
    *(
        b"Content-Length: 0\r\n",
        b"Content-Length: 99\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"0\r\n\r\n",
        b"\r\n\r\n",
        POISON,
        b"HTTP/1.1 100 C\r\n\r\n",
    ),
    *(
        b"HTTP/1.0",
        b"Connection: close\r\n",
        b"Connection: X-Own\r\n",
        b" folded\r\n",
        b"\\r\\n",
        b"\xc3\xa9",
        b'"',
        b"Content-Encoding: gzip\r\n",
    ),
]


def test_damaged_answers_are_refused_or_mean_what_others_read_in_them(path, liar, tally, depth):
    def run(lane: int) -> None:
        for data in Mutator((tally.seed, SIDE, lane), PIECES).many(BASES, 75 * depth):
            judge(data, tell(path, data), tally)

    with ThreadPoolExecutor(4) as lanes:
        for done in [lanes.submit(run, number) for number in range(4)]:
            done.result()


def judge(data: bytes, reading: oracle.Reading, tally) -> None:
    if is_refused(reading):
        return tally.refuse()
    status, fields, body = reading.messages[0]
    said = [
        (name, value)
        for name, value in fields
        if name not in ("content-length", "transfer-encoding", "connection", "date")
    ]
    for text in (data, oracle.tolerantly(data)):
        meant = oracle.answers(text, ["GET"]).messages
        if meant and (status, body) == (meant[0][0], meant[0][2]) and all(pair in meant[0][1] for pair in said):
            return tally.take()
    tally.accept_wrongly(f"{data!r}\n    meant {meant}\n    received {reading}")
