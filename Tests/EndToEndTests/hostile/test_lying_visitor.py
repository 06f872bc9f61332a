"""What visitors say that is no request never gets past fpw-relay, nor does half of one become another (PROTOCOL.md §5)."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from harness import oracle
from harness.mutation import Mutator
from harness.programs import QUIET, TOKEN, FpwRelay
from parts.upstream import Request, Upstream

SIDE = "visitor"

# Pairs of hosts: one that is visited and one that must not be. They are far apart, so that damage makes none out of another.
LANES = [("alfa.test", "canary-one.test"), ("bravo.test", "canary-two.test"), ("zulu.test", "canary-three.test")]


@dataclass
class Lane:
    """A visited host and the canary's, and what the web service behind both has seen for them."""

    port: int
    host: str
    canary: str
    seen: list[oracle.Request] = field(default_factory=list)

    def say(self, data: bytes, answers: int = 0, is_whole: bool = False) -> list[int]:
        """The status codes that come back for these bytes, or [0] where nothing comes and the connection stays.

        The visitor waits for so many answers. Then it leaves, or where more must follow says that there is no more.
        """
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock, contextlib.suppress(ConnectionError):
            sock.sendall(data)
            try:
                while len(statuses(received)) < answers and (more := sock.recv(1 << 16)):
                    received += more
                if not is_whole:
                    sock.shutdown(socket.SHUT_WR)
                    while more := sock.recv(1 << 16):
                        received += more
            except TimeoutError:
                return [0]
        return statuses(received)

    def take_seen(self) -> list[oracle.Request]:
        seen, self.seen = self.seen, []
        return seen


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([2-5]\d\d)", received)]


@pytest.fixture(scope="module")
def public(module_lab):
    """fpw-relay, and fpwd with a tunnel for every host, all to one web service that notes what is whole."""
    upstream = module_lab.care(Upstream())
    hosts = list(itertools.chain(*LANES))
    relay = module_lab.relay(hosts={host: {"token": TOKEN} for host in hosts}, **QUIET)
    tunnels = {
        host.partition(".")[0]: {"host": host, "relay": relay.url, "upstream": upstream.url, "workers": 2, "max_workers": 4}
        for host in hosts
    }
    daemon = module_lab.fpwd(tunnels=tunnels, daemon=QUIET)
    daemon.wait_until_ready()
    lanes = [Lane(relay.port, *pair) for pair in LANES]
    by_host = {host: lane for lane in lanes for host in (lane.host, lane.canary)}

    def note(request: Request) -> None:
        head = request.head
        body = request.connection.read_body(head)
        assert oracle.is_strict(head.raw), head.raw
        host = head.get("host").partition(":")[0].lower().removesuffix(".")
        by_host[host].seen.append(oracle.Request(host, head.method, head.target, body))
        request.respond(body=b"" if head.method == "HEAD" else b"seen")

    upstream.otherwise = upstream._scripts["/"] = note
    return relay, daemon, lanes


@pytest.fixture
def lane(public, tally) -> Lane:
    """A lane that serves before and after the test."""
    relay, daemon, lanes = public
    yield lanes[0]
    for program in (relay, daemon):
        tally.is_alive(program)
    for host in (lanes[0].host, lanes[0].canary):
        assert lanes[0].say(f"GET /after HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), 1, is_whole=True) == [200]
    lanes[0].take_seen()


# What would be a request of its own, if the two ends disagreed about where the one before it ends.
def hidden(lane: Lane) -> bytes:
    return f"GET /smuggled HTTP/1.1\r\nHost: {lane.canary}\r\n\r\n".encode()


CHUNKED = "Transfer-Encoding: chunked"
LENGTH = "Content-Length: {length}"

FRAMINGS = {
    # Both, in every order and dress.
    "CL.TE": [LENGTH, CHUNKED],
    "TE.CL": [CHUNKED, LENGTH],
    "CL 0, TE": ["Content-Length: 0", CHUNKED],
    "TE, CL 0": [CHUNKED, "Content-Length: 0"],
    "CL, TE identity": [LENGTH, "Transfer-Encoding: identity"],
    "CL empty, TE": ["Content-Length:", CHUNKED],
    "CL, te in capitals": [LENGTH, "TRANSFER-ENCODING: CHUNKED"],
    # Transfer codings that are not chunked, or not in the end, or not alone.
    "TE chunked, identity": ["Transfer-Encoding: chunked, identity"],
    "TE identity, chunked": ["Transfer-Encoding: identity, chunked"],
    "TE gzip, chunked": ["Transfer-Encoding: gzip, chunked"],
    "TE chunked twice in a list": ["Transfer-Encoding: chunked, chunked"],
    "TE twice": [CHUNKED, CHUNKED],
    "TE twice, identity first": ["Transfer-Encoding: identity", CHUNKED],
    "TE twice, identity last": [CHUNKED, "Transfer-Encoding: identity"],
    "TE xchunked": ["Transfer-Encoding: xchunked"],
    "TE chunkedx": ["Transfer-Encoding: chunkedx"],
    "TE quoted": ['Transfer-Encoding: "chunked"'],
    "TE in apostrophes": ["Transfer-Encoding: 'chunked'"],
    "TE with a parameter": ["Transfer-Encoding: chunked;q=1"],
    "TE with a comma before": ["Transfer-Encoding: ,chunked"],
    "TE with a comma behind": ["Transfer-Encoding: chunked,"],
    "TE empty": ["Transfer-Encoding:"],
    "TE of a space": ["Transfer-Encoding: "],
    "TE cow": ["Transfer-Encoding: cow"],
    "TE with a vertical tab": ["Transfer-Encoding: \x0bchunked"],
    "TE with a form feed": ["Transfer-Encoding: chunked\x0c"],
    "TE with NUL": ["Transfer-Encoding: chunked\0"],
    "TE with a no-break space": ["Transfer-Encoding:\xa0chunked"],
    "TE with 0x85": ["Transfer-Encoding: chunked\x85"],
    "TE with a long s": ["Transfer-Encoding: chunked\xff"],
    "TE bare CR before": ["Transfer-Encoding:\rchunked"],
    "TE bare CR behind": ["Transfer-Encoding: chunked\r"],
    "TE behind a bare LF": [LENGTH + "\nTransfer-Encoding: chunked"],
    "TE behind a bare CR": [LENGTH + "\rTransfer-Encoding: chunked"],
    "TE folded": ["Transfer-Encoding:\r\n chunked"],
    "TE folded by a tab": ["Transfer-Encoding:\r\n\tchunked"],
    "TE in a folded line": ["X: y\r\n Transfer-Encoding: chunked", LENGTH],
    # Names that are nearly it.
    "TE with a space before the colon": [LENGTH, "Transfer-Encoding : chunked"],
    "TE with a tab before the colon": [LENGTH, "Transfer-Encoding\t: chunked"],
    "TE with NUL in its name": [LENGTH, "Transfer-Encoding\0: chunked"],
    "TE behind a space": [LENGTH, " Transfer-Encoding: chunked"],
    "TE behind a tab": [LENGTH, "\tTransfer-Encoding: chunked"],
    "TE with a vertical tab in its name": [LENGTH, "Transfer-Encoding\x0b: chunked"],
    "TE with a soft hyphen": [LENGTH, "Transfer\xadEncoding: chunked"],
    "CL with a space before the colon": ["Content-Length : {length}"],
    "CL without a colon": ["Content-Length {length}"],
    "a line without a colon": [LENGTH, "nonsense"],
    "a name that is empty": [LENGTH, ": x"],
    # Lengths.
    "CL twice": [LENGTH, "Content-Length: 0"],
    "CL twice, the other way": ["Content-Length: 0", LENGTH],
    "CL twice, the same": [LENGTH, LENGTH],
    "CL in a list": ["Content-Length: {length}, {length}"],
    "CL in a list that differs": ["Content-Length: 0, {length}"],
    "CL negative": ["Content-Length: -1"],
    "CL with a plus": ["Content-Length: +{length}"],
    "CL in hexadecimal": ["Content-Length: 0x10"],
    "CL with an exponent": ["Content-Length: 1e2"],
    "CL with a fraction": ["Content-Length: {length}.0"],
    "CL with an underscore": ["Content-Length: 1_0"],
    "CL with a space inside": ["Content-Length: 1 0"],
    "CL with letters behind": ["Content-Length: {length}x"],
    "CL quoted": ['Content-Length: "{length}"'],
    "CL with a semicolon": ["Content-Length: {length};"],
    "CL of 2^64": ["Content-Length: 18446744073709551616"],
    "CL of 2^63": ["Content-Length: 9223372036854775808"],
    "CL of 400 digits": ["Content-Length: " + "9" * 400],
    "CL in other digits": ["Content-Length: \xb2"],
    "CL with NUL": ["Content-Length: {length}\0"],
    "CL empty": ["Content-Length:"],
    "CL folded": ["Content-Length:\r\n {length}"],
}


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_body_whose_length_two_readers_may_disagree_about_is_refused(lane, name):
    for body in (hidden(lane), b"0\r\n\r\n" + hidden(lane)):
        lines = "\r\n".join(line.format(length=len(body)) for line in FRAMINGS[name])
        head = f"POST /outer HTTP/1.1\r\nHost: {lane.host}\r\n{lines}\r\n\r\n"
        [status] = lane.say(head.encode("latin-1") + body)
        assert status in (400, 413, 501)
        assert lane.take_seen() == []


BAD_CHUNKS = [
    *(b"x\r\n", b"-1\r\n", b"+1\r\n", b"0x1\r\n", b"1 \r\na\r\n0\r\n\r\n", b" 1\r\na\r\n0\r\n\r\n", b"\r\n", b"1\na\r\n0\r\n\r\n"),
    *(b"1\r\nab\r\n0\r\n\r\n", b"1\r\na0\r\n\r\n", b"1\r\na\n0\r\n\r\n", b"1\r\na\rx0\r\n\r\n", b"1\x0b\r\na\r\n0\r\n\r\n"),
    *(b"ffffffffffffffff\r\n", b"10000000000000001\r\n", b"8000000000000000\r\n", b"f" * 300 + b"\r\n", b"1;" + b"x" * 300 + b"\r\n"),
    *(b"1,\r\na\r\n0\r\n\r\n", b"1;\0\r\na\r\n0\r\n\r\n", b"1;a\nb\r\na\r\n0\r\n\r\n", b"0\r\nbad trailer\r\n\r\n", b"0\r\nA : b\r\n\r\n"),
    *(b"0\r\n a: b\r\n\r\n", b"0\r\na: b\n\r\n\r\n", b"0\r\na: \0\r\n\r\n", b"1;a\rb\r\na\r\n0\r\n\r\n", b"0\n\r\n", b"1_0\r\n"),
]


@pytest.mark.parametrize("chunks", BAD_CHUNKS, ids=lambda chunks: repr(chunks[:24]))
def test_chunks_that_are_none_are_refused_and_no_body_is_whole(lane, chunks):
    head = f"POST /outer HTTP/1.1\r\nHost: {lane.host}\r\n{CHUNKED}\r\n\r\n".encode()
    assert lane.say(head + chunks + hidden(lane)) in ([400], [431], [])
    assert lane.take_seen() == []


HEADS = [
    # Lines.
    *("GET / HTTP/1.1\nHost: {host}\n\n", "GET / HTTP/1.1\r\nHost: {host}\n\r\n", "GET / HTTP/1.1\nHost: {host}\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: {host}\r\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n c\r\nHost: {host}\r\n\r\n", "\n\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("GET / HTTP/1.1\r\n Host: {host}\r\n\r\n", "GET / HTTP/1.1\r\n\tHost: {host}\r\nHost: {host}\r\n\r\n", "\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
    # The request line.
    *("GET /  HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET  / HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET\t/ HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("GET / HTTP/1.1 \r\nHost: {host}\r\n\r\n", " GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("GET / HTTP/2.0\r\nHost: {host}\r\n\r\n", "GET / HTTP/1.10\r\nHost: {host}\r\n\r\n", "GET / HTTP/11\r\nHost: {host}\r\n\r\n", "GET /\r\n\r\n"),
    *("GET / http/1.1\r\nHost: {host}\r\n\r\n", "GET / HTTP/1,1\r\nHost: {host}\r\n\r\n", "GET / HTTPS/1.1\r\nHost: {host}\r\n\r\n", "GET\r\n\r\n"),
    *("GET / HTTP/0.9\r\nHost: {host}\r\n\r\n", "GET /\xe9 HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET /\x7f HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("G(T / HTTP/1.1\r\nHost: {host}\r\n\r\n", "G\xc9T / HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET evil HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("GET \\ HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET * HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET @evil/ HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET /{long} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    # Who is visited.
    *("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: {host}\r\nhost: {canary}\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}, {canary}\r\n\r\n", "GET / HTTP/1.1\r\nHost: a@{host}\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: {host} {canary}\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}/\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}:80a\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: {host}\0.{canary}\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}:99999\r\n\r\n", "GET / HTTP/1.1\r\nHost: http://{host}\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: .{host}\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}..\r\n\r\n", "GET / HTTP/1.1\r\nHost : {host}\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: {host}#.{canary}\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}?\r\n\r\n", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    *("GET http:///x HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET http://a@{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET ftp://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("GET http:/{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET http://{host}\\@{canary}/ HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET http://{host}:x/ HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    *("CONNECT / HTTP/1.1\r\nHost: {host}\r\n\r\n", "GET http://{host}/ HTTP/1.1\r\n\r\n"),
    # Fields.
    *("GET / HTTP/1.1\r\nHost: {host}\r\nA\x01: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\nA: \x01\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\nA: b\0\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: {host}\r\nA B: c\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\n\xc9: c\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\n(: c\r\n\r\n"),
    *("GET / HTTP/1.1\r\nHost: {host}\r\nA: {huge}\r\n\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\n{many}\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\n{huge}: b\r\n\r\n"),
    "GET / HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]
SIZES = {"long": "a" * 20_000, "huge": "a" * 200_000, "many": "A: b\r\n" * 400}


@pytest.mark.parametrize("text", HEADS, ids=lambda text: repr(text[:60]))
def test_a_head_that_is_none_is_refused_and_the_connection_closed(lane, text):
    request = text.format(host=lane.host, canary=lane.canary, **SIZES).encode("latin-1")
    [status] = lane.say(request + hidden(lane))
    assert status in (400, 414, 431, 501, 505)
    assert lane.take_seen() == []


@pytest.mark.parametrize(
    "text",
    [
        "CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: h2c, websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
    ids=lambda text: repr(text[:60]),
)
def test_another_protocol_is_not_begun(lane, text):
    """What follows is HTTP still: a request of its own, to the host that it names."""
    request = text.format(host=lane.host).encode() + hidden(lane)
    assert lane.say(request, 2, is_whole=True) == [501, 200]
    assert lane.take_seen() == [oracle.Request(lane.canary, "GET", "/smuggled", b"")]


def test_an_absolute_forms_authority_stands_in_the_place_of_host(lane):
    request = f"GET http://{lane.host}/outer HTTP/1.1\r\nHost: {lane.canary}\r\n\r\n".encode()
    assert lane.say(request, 1, is_whole=True) == [200]
    assert lane.take_seen() == [oracle.Request(lane.host, "GET", "/outer", b"")]


def test_a_name_that_nobody_serves_is_nobodys(lane):
    for host in ("test", "x." + lane.host, lane.host + ".x", "127.0.0.1", "[::1]", lane.host.replace(".", "-")):
        assert lane.say(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), 1, is_whole=True)[0] in (404, 421, 502)
        assert lane.take_seen() == []


@pytest.mark.parametrize("half", [b"", b"G", b"GET / HTTP/1.1\r\nHo", b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nfour"])
def test_who_leaves_within_a_request_has_not_visited(lane, half):
    lane.say(half.replace(b"{host}", lane.host.encode()))
    assert lane.take_seen() == []


def test_tokens_and_the_protocols_words_of_a_visitor_are_nobodys(lane):
    lies = "fpw-host: {host}\r\nFPW_TOKEN: x\r\nfpw_id: 1\r\nfpw-slot: 1\r\nFpw-Status: 500\r\nfpw-drain: x\r\nfpw-hello: 1\r\n"
    request = f"POST /outer HTTP/1.1\r\nHost: {lane.host}\r\n{lies}Content-Length: 0\r\n\r\n".format(host=lane.canary)
    assert lane.say(request.encode(), 1, is_whole=True) == [200]
    assert lane.take_seen() == [oracle.Request(lane.host, "POST", "/outer", b"")]


# By chance.

BASES = [
    "GET /outer?a=b HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n",
    "POST /outer HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{hidden}",
    "POST /outer HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{hidden}\r\n0\r\n\r\n",
    "PUT /outer HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nfour\r\n0\r\nX-Sum: 1\r\n\r\n",
    "HEAD http://{host}:80/outer HTTP/1.1\r\nHost: {canary}\r\nCookie: a=b\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: {host}\r\nConnection: close, x\r\nX: y\r\n\r\n",
    "GET /outer HTTP/1.0\r\nHost: {host}\r\n\r\n",
    "DELETE /outer HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nfour",
]
PIECES = [
    *(b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"\r\n\r\n", b"chunked", b"identity"),
    *(b"Host: canary-one.test\r\n", b"Connection: close\r\n", b"Connection: Host, Content-Length\r\n", b"fpw-host: x\r\n", b"fpw_token: x\r\n"),
    *(b"HTTP/1.0", b"HTTP/1.1", b"http://canary-one.test/", b"//", b"@", b"%00", b"%0d%0a", b"Expect: 100-continue\r\n", b"5\r\nhello\r\n"),
]


def visit_and_compare(lane: Lane, data: bytes, tally) -> None:
    """Whatever the relay makes of the bytes, the web service sees only requests that h11 reads in them, in their order."""
    meant = oracle.requests(data)
    answered = lane.say(data, len(meant.messages), meant.end == "whole")
    seen = lane.take_seen()
    rest = iter(meant.messages)
    if not all(request in rest for request in seen) or answered == [0]:
        tally.accept_wrongly(f"{data!r}\n    meant {meant}\n    seen {seen}\n    answered {answered}")
    elif seen == meant.messages and meant.end == "whole":
        tally.take()
    else:
        tally.refuse()


def test_damaged_requests_are_refused_or_mean_what_others_read_in_them(public, lane, tally, depth):
    _, _, lanes = public

    def run(lane: Lane, number: int) -> None:
        secret = hidden(lane).decode()
        values = {"host": lane.host, "canary": lane.canary, "hidden": secret, "length": len(secret), "size": len(secret)}
        bases = [base.format(**values).encode() for base in BASES]
        behind = f"GET /behind HTTP/1.1\r\nHost: {lane.canary}\r\n\r\n".encode()
        for damaged in Mutator((tally.seed, SIDE, number), PIECES).many(bases, 150 * depth):
            visit_and_compare(lane, damaged + behind, tally)

    with ThreadPoolExecutor(len(lanes)) as crowd:
        for done in [crowd.submit(run, lane, number) for number, lane in enumerate(lanes)]:
            done.result()
