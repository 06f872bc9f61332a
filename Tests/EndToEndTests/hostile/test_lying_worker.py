"""What workers say to fpw-relay that is no reply of theirs reaches no visitor (PROTOCOL.md §3 to §5)."""

from __future__ import annotations

import contextlib
import http.client
import json
import select
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import oracle
from harness.lies import BAD_FIELDS, BAD_OBJECTS
from harness.mutation import Mutator
from harness.programs import FpwRelay
from harness.slots import LANES, RawSlot, is_refused, refused, reply_again, visited
from harness.visitor import Answer, end
from parts.wire import LAST_CHUNK, chunk

SIDE = "worker"


@pytest.mark.parametrize("fields", BAD_FIELDS, ids=json.dumps)
def test_a_header_that_would_break_out_is_no_reply(relay, fields):
    with visited(relay) as under_way:
        refused(relay, under_way, under_way.slot.reply_bytes(under_way.visit, b"lied", fields={"X-Good": "1"} | fields))


@pytest.mark.parametrize("text", BAD_OBJECTS[1:], ids=lambda text: repr(text[:20]))
def test_a_header_object_that_is_none_is_no_reply(relay, text):
    with visited(relay) as under_way:
        refused(relay, under_way, under_way.slot.reply_bytes(under_way.visit, b"lied", fpw_header=text))


STATUSES = [
    *("", "0", "99", "100", "101", "103", "199", "600", "999", "1000", "-200", "+200", "200 OK", "200,200", "0x1f4"),
    *("2e2", "200.0", "abc", "20", "2000", "\xb2\xb0\xb0", "200\t200", "99999999999999999999"),
]


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_is_none_is_no_reply(relay, status):
    with visited(relay) as under_way:
        refused(relay, under_way, under_way.slot.reply_bytes(under_way.visit, b"lied", status=status))


def test_a_reply_without_a_status_is_none(relay):
    with visited(relay) as under_way:
        refused(relay, under_way, under_way.slot.reply_bytes(under_way.visit, b"lied", fpw_status=None))


FRAMINGS = {
    "both": b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "twice": b"POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n",
    "folded": b"POST / HTTP/1.1\r\nContent-Length: 4\r\nA: b\r\n c\r\n",
    "negative": b"POST / HTTP/1.1\r\nContent-Length: -4\r\n",
    "gzip": b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n",
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_reply_whose_length_is_doubtful_is_none(relay, framing):
    with visited(relay) as under_way:
        _, _, rest = under_way.slot.reply_bytes(under_way.visit, b"lied", content_length=None).partition(b"\r\n")
        refused(relay, under_way, FRAMINGS[framing] + rest)


@pytest.mark.parametrize("kept", [0, 1, 100_000])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
def test_a_reply_that_breaks_off_is_never_a_whole_answer(relay, kept, is_chunked):
    with visited(relay) as under_way:
        body = bytes(200_000)
        framing = {"content_length": None, "transfer_encoding": "chunked"} if is_chunked else {}
        data = under_way.slot.reply_bytes(under_way.visit, chunk(body) if is_chunked else body, **framing)
        under_way.say(data[: len(data) - len(body) + kept])
        under_way.slot.sock.close()
        assert is_refused(under_way.received())


def test_framing_and_hop_by_hop_fields_inside_the_object_stay_behind(relay):
    lies = {
        "Content-Length": "999",
        "content-length": "1",
        "Transfer-Encoding": "gzip",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "Keep-Alive": "timeout=9",
        "Upgrade": "h2",
        "Trailer": "X",
        "Proxy-Connection": "x",
        "X-Own": "1",
    }
    with visited(relay) as under_way:
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"body", fields=lies))
        [(status, fields, body)] = under_way.received().messages
    names = [name.lower() for name, _ in fields]
    assert (status, body, names.count("x-own")) == (200, b"body", 1)
    assert not set(names) & {"x-hop", "keep-alive", "upgrade", "trailer", "proxy-connection", "transfer-encoding"}
    assert [value for name, value in fields if name.lower() == "content-length"] == ["4"]


def test_no_page_passes_for_the_relays_own(relay):
    lies = {
        "fpw-relay": "slow-head",
        "FPW-Features": "hello, drain",
        "Fpw_Public_Url": "http://evil.test/",
        "X-Own": "1",
    }
    with visited(relay) as under_way:
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"body", fields=lies))
        [(status, fields, body)] = under_way.received().messages
    names = [name.lower() for name, _ in fields]
    assert (status, body, names.count("x-own")) == (200, b"body", 1)
    assert not [name for name in names if name.startswith(("fpw-", "fpw_"))]


@pytest.mark.parametrize("status", [204, 304])
def test_a_body_where_none_belongs_is_not_passed_on(relay, status):
    with visited(relay) as under_way:
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"HTTP/1.1 200 OK\r\n\r\n", status=status))
        reading = under_way.received()
        assert [(message[0], message[2]) for message in reading.messages] == [(status, b"")]


# By chance.

PIECES = [
    *(b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"\r\n\r\n"),
    *(b"fpw-status: 500\r\n", b"fpw-id: x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", b"\\r\\n"),
    *(b"\\u000d\\u000a", b"\\u0000", b"\\ud800", b'"X-Evil":"1",', b'["a","b"]', b'"Content-Length":"1",'),
    *(b'"Set-Cookie":["a=1","b=2"],', b"fpw-resend: 1\r\n", b"fpw-drain: self\r\n", b"{", b"}"),
]


def means(data: bytes, visit: Answer) -> tuple[int, list[tuple[str, str]], bytes] | None:
    """What a reply's bytes say to others: status, fields, body. Nil where they are no whole reply to the visit.

    An empty line before it is passed over (RFC 9112 §2.2), and of repeated fields the first counts, as for the relay.
    """
    connection = oracle.h11.Connection(oracle.h11.SERVER, oracle.LIMIT)
    try:
        request, body = oracle.message(connection, data.removeprefix(b"\r\n"))
        fields: dict[str, str] = {}
        for name, value in request.headers if request else ():
            fields.setdefault(name.decode(), value.decode("latin-1"))
        if visit.get("fpw-id") not in (fields.get("fpw-id"), fields.get("fpw-rid")):
            return None
        pairs = json.loads(fields.get("fpw-header", "{}"), object_pairs_hook=list)
        status = int(fields["fpw-status"])
    except (oracle.h11.RemoteProtocolError, ValueError, KeyError, RecursionError):
        return None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return None
    named = [
        (name.lower(), value.strip(" \t") if isinstance(value, str) else value)
        for name, values in pairs
        for value in (values if isinstance(values, list) else [values])
    ]
    return status, named, body


def lie_and_compare(relay: FpwRelay, host: str, crowd, mutator: Mutator, tally) -> None:
    """A visitor sends two requests on a connection; a slot lies in its reply to the first.

    Where that is refused it replies as it should, so that nobody waits.
    """
    with visited(relay, host, "keep-alive") as under_way:
        slot, visit = under_way.slot, under_way.visit
        bases = [
            slot.reply_bytes(visit, b"lied", fields={"X-Own": "1", "Set-Cookie": ["a=b", "c=d"]}),
            slot.reply_bytes(visit, chunk(b"lied") + LAST_CHUNK, content_length=None, transfer_encoding="chunked"),
            slot.reply_bytes(visit, b"lied", status=404, fpw_rid=visit.get("fpw-id"), fpw_id=None),
        ]
        [data] = mutator.many(bases, 1)
        under_way.say(data)
        with contextlib.suppress(OSError):
            end(slot.sock)
        answered, _, _ = select.select([slot.sock, under_way.visitor], [], [], 10)
        with contextlib.ExitStack() as ending:
            if under_way.visitor in answered:
                honest = ending.enter_context(RawSlot(relay, host, slot="a" * 32))
                honest.park()
            else:
                honest = ending.enter_context(reply_again(relay, under_way))
            following = crowd.submit(serve_honestly, honest)
            under_way.visitor.sendall(f"GET /next HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            received = under_way.bytes_received()
            with contextlib.suppress(OSError):
                end(honest.sock, socket.SHUT_RDWR)
            following.result()
    judge(data, visit, received, tally)


def serve_honestly(slot: RawSlot) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            answer = slot.answer()
            said = b"honest " + (answer.get("fpw-url") or "").encode()
            slot.sock.sendall(slot.reply_bytes(answer, said) if answer.get("fpw-id") else slot.bytes_of())


def judge(data: bytes, visit: Answer, received: bytes, tally) -> None:
    reading = oracle.answers(received, ["POST", "GET"])
    meant = means(data, visit)
    what = f"{data!r}\n    meant {meant}\n    received {received!r}"
    first = reading.messages[0] if reading.messages else None
    if len(reading.messages) == 2 and reading.messages[1][2] != b"honest /next":
        return tally.accept_wrongly(what)
    if first is None or first[0] in (502, 503, 504) or first[2] in (b"own", b"honest /lied"):
        return tally.refuse()
    fields = [
        (name, value)
        for name, value in first[1]
        if name not in ("content-length", "transfer-encoding", "connection", "date")
    ]
    is_meant = meant and (first[0], first[2]) == (meant[0], meant[2]) and all(pair in meant[1] for pair in fields)
    tally.take() if is_meant else tally.accept_wrongly(what)


def test_damaged_replies_are_refused_or_mean_what_others_read_in_them(relay, tally, depth):
    def run(host: str) -> None:
        mutator = Mutator((tally.seed, SIDE, host), PIECES)
        with ThreadPoolExecutor(4) as crowd:
            for _ in range(30 * depth):
                lie_and_compare(relay, host, crowd, mutator, tally)

    with ThreadPoolExecutor(len(LANES)) as lanes:
        for done in [lanes.submit(run, host) for host in LANES]:
            done.result()
