"""What visitors say that is no request never passes fpw-relay, nor does half of one become another (PROTOCOL.md §5)."""

from __future__ import annotations

import contextlib
import itertools
import re
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from harness import oracle
from harness.bad_requests import BAD_CHUNKS, CHUNKED, FRAMINGS, HEADS, SIZES
from harness.mutation import Mutator
from harness.programs import QUIET, TOKEN
from harness.visitor import Visitor, end
from parts.upstream import Request, Upstream

SIDE = "visitor"

# Pairs of hosts, one that is visited and one that must not be: so far apart that damage makes none out of another.
LANES = [("alfa.test", "canary-one.test"), ("bravo.test", "canary-two.test"), ("zulu.test", "canary-three.test")]


@dataclass
class Lane:
    """A visited host and the canary's, and what the web service behind both has seen for them."""

    visitor: Visitor
    host: str
    canary: str
    seen: list[oracle.Request] = field(default_factory=list)

    def say(self, data: bytes, answers: int = 0, is_whole: bool = False) -> list[int]:
        """The status codes that come back for these bytes, or [0] where nothing comes and the connection stays.

        The visitor waits for so many answers. Then it leaves, or where more must follow says that there is no more.
        """
        received = b""
        with self.visitor.raw(within=10) as sock, contextlib.suppress(ConnectionError, ssl.SSLError):
            sock.sendall(data)
            try:
                while len(statuses(received)) < answers and (more := sock.recv(1 << 16)):
                    received += more
                if not is_whole:
                    end(sock)
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


@pytest.fixture(scope="module", params=["clear", "tls"])
def public(request, module_lab, authority):
    """fpw-relay, and fpwd with a tunnel for every host, all to one web service that notes what is whole."""
    upstream = module_lab.care(Upstream())
    hosts = list(itertools.chain(*LANES))
    tables = {host: {"token": TOKEN} for host in hosts}
    relay = module_lab.relay(hosts=tables, authority=authority if request.param == "tls" else None, **QUIET)
    tunnels = {
        host.partition(".")[0]: {
            "host": host,
            "relay": relay.url,
            "upstream": upstream.url,
            "workers": 2,
            "max_workers": 4,
        }
        for host in hosts
    }
    trust = {"ca_file": str(authority.file)} if relay.tls else {}
    daemon = module_lab.fpwd(tunnels={name: table | trust for name, table in tunnels.items()}, daemon=QUIET)
    daemon.wait_until_ready()
    lanes = [Lane(relay.visitor(), *pair) for pair in LANES]
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


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_body_whose_length_two_readers_may_disagree_about_is_refused(lane, name):
    for body in (hidden(lane), b"0\r\n\r\n" + hidden(lane)):
        lines = "\r\n".join(line.format(length=len(body)) for line in FRAMINGS[name])
        head = f"POST /outer HTTP/1.1\r\nHost: {lane.host}\r\n{lines}\r\n\r\n"
        [status] = lane.say(head.encode("latin-1") + body)
        assert status in (400, 413, 501)
        assert lane.take_seen() == []


@pytest.mark.parametrize("chunks", BAD_CHUNKS, ids=lambda chunks: repr(chunks[:24]))
def test_chunks_that_are_none_are_refused_and_no_body_is_whole(lane, chunks):
    head = f"POST /outer HTTP/1.1\r\nHost: {lane.host}\r\n{CHUNKED}\r\n\r\n".encode()
    assert lane.say(head + chunks + hidden(lane)) in ([400], [431], [])
    assert lane.take_seen() == []


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


@pytest.mark.parametrize("public", ["clear"], indirect=True)
def test_a_crowd_that_never_ends_its_heads_is_cut_off_and_visits_nobody(public, lane, tally):
    """A byte of each now and then keeps none alive."""
    request, count = hidden(lane), 200
    with contextlib.ExitStack() as ending:
        crowd = [ending.enter_context(lane.visitor.raw()) for _ in range(count)]
        for position in range(8):
            for sock in crowd:
                sock.sendall(request[position : position + 1])
            assert lane.say(f"GET /beside HTTP/1.1\r\nHost: {lane.host}\r\n\r\n".encode(), 1, is_whole=True) == [200]
            time.sleep(0.5)
        for sock in crowd:
            said = b""
            with contextlib.suppress(ConnectionError):
                while more := sock.recv(1 << 16):
                    said += more
            tally.refuse() if statuses(said) == [408] else tally.accept_wrongly(f"{said!r}")
    assert [request.target for request in lane.take_seen()] == ["/beside"] * 8


def test_an_absolute_forms_authority_stands_in_the_place_of_host(lane):
    request = f"GET http://{lane.host}/outer HTTP/1.1\r\nHost: {lane.canary}\r\n\r\n".encode()
    assert lane.say(request, 1, is_whole=True) == [200]
    assert lane.take_seen() == [oracle.Request(lane.host, "GET", "/outer", b"")]


def test_a_name_that_nobody_serves_is_nobodys(lane):
    for host in ("test", "x." + lane.host, lane.host + ".x", "127.0.0.1", "[::1]", lane.host.replace(".", "-")):
        assert lane.say(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), 1, is_whole=True)[0] in (404, 421, 502)
        assert lane.take_seen() == []


@pytest.mark.parametrize(
    "half", [b"", b"G", b"GET / HTTP/1.1\r\nHo", b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nfour"]
)
def test_who_leaves_within_a_request_has_not_visited(lane, half):
    lane.say(half.replace(b"{host}", lane.host.encode()))
    assert lane.take_seen() == []


def test_tokens_and_the_protocols_words_of_a_visitor_are_nobodys(lane):
    lies = "fpw-host: {host}\r\nFPW_TOKEN: x\r\nfpw_id: 1\r\nfpw-slot: 1\r\n"
    lies += "Fpw-Status: 500\r\nfpw-drain: x\r\nfpw-hello: 1\r\n"
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


def pieces(lane: Lane) -> list[bytes]:
    canary = lane.canary.encode()
    return [
        *(b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        *(b"\r\n\r\n", b"chunked", b"identity", b"Host: " + canary + b"\r\n", b"Connection: close\r\n"),
        *(b"Connection: Host, Content-Length\r\n", b"fpw-host: x\r\n", b"fpw_token: x\r\n", b"HTTP/1.0", b"HTTP/1.1"),
        *(b"http://" + canary + b"/", b"//", b"@", b"%00", b"%0d%0a", b"Expect: 100-continue\r\n", b"5\r\nhello\r\n"),
    ]


def visit_and_compare(lane: Lane, data: bytes, tally) -> None:
    """Whatever the relay makes of the bytes, the web service sees only requests that h11 reads in them, in order."""
    meant = oracle.requests(data)
    # A body of HEAD means nothing (RFC 9110 §9.3.2), and is not passed on.
    meant.messages = [replace(request, body=b"") if request.method == "HEAD" else request for request in meant.messages]
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
        values = {
            "host": lane.host,
            "canary": lane.canary,
            "hidden": secret,
            "length": len(secret),
            "size": len(secret),
        }
        bases = [base.format(**values).encode() for base in BASES]
        behind = f"GET /behind HTTP/1.1\r\nHost: {lane.canary}\r\n\r\n".encode()
        for damaged in Mutator((tally.seed, SIDE, number), pieces(lane)).many(bases, 150 * depth):
            visit_and_compare(lane, damaged + behind, tally)

    with ThreadPoolExecutor(len(lanes)) as crowd:
        for done in [crowd.submit(run, lane, number) for number, lane in enumerate(lanes)]:
            done.result()
