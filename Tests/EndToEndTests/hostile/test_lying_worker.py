"""What workers say to fpw-relay that is no reply of theirs reaches no visitor (PROTOCOL.md §3 to §5)."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import select
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import oracle
from harness.lies import BAD_FIELDS, BAD_OBJECTS
from harness.mutation import Mutator
from harness.program import PATIENCE, eventually
from harness.programs import HOST, TOKEN, FpwRelay
from harness.slots import RawSlot, is_refused, refused, reply_again, visited
from harness.visitor import Answer, end
from parts.wire import LAST_CHUNK, chunk

SIDE = "worker"
OTHER, OTHERS_TOKEN = "other.example.test", "a-token-of-another-host"
BY_EITHER = pytest.mark.parametrize("lab", [False, True], ids=["clear", "tls"], indirect=True)
LANES = [f"lane-{word}.test" for word in ("one", "two", "three")]


@pytest.fixture(scope="module", params=["clear", "tls"])
def shared(request, module_lab, authority) -> FpwRelay:
    """fpw-relay, which forgets soon."""
    hosts = {HOST: {"token": TOKEN}, OTHER: {"token": OTHERS_TOKEN}} | {host: {"token": TOKEN} for host in LANES}
    settings = {"resend_window": "100ms", "visit_timeout": "3s", "log_level": "error", "access_log": "off"}
    relay = module_lab.relay(hosts=hosts, authority=authority if request.param == "tls" else None, **settings)
    if relay.tls:
        # What can be read then is an answer, and never a ticket of TLS 1.3's.
        relay.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    return relay


@pytest.fixture
def relay(shared, tally):
    """It serves a visitor before and after the test."""
    yield shared
    tally.is_alive(shared)
    with RawSlot(shared) as slot, ThreadPoolExecutor() as crowd:
        slot.park()
        visit = crowd.submit(shared.visitor().visit)
        slot.sock.sendall(slot.reply_bytes(slot.answer(), b"served"))
        assert visit.result().body == b"served"


@pytest.fixture
def crowd():
    with ThreadPoolExecutor(8) as pool:
        yield pool


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
    lies = {"Content-Length": "999", "content-length": "1", "Transfer-Encoding": "gzip", "Connection": "keep-alive, X-Hop",
            "X-Hop": "1", "Keep-Alive": "timeout=9", "Upgrade": "h2", "Trailer": "X", "Proxy-Connection": "x", "X-Own": "1"}  # fmt: skip
    with visited(relay) as under_way:
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"body", fields=lies))
        [(status, fields, body)] = under_way.received().messages
    names = [name.lower() for name, _ in fields]
    assert (status, body, names.count("x-own")) == (200, b"body", 1)
    assert not set(names) & {"x-hop", "keep-alive", "upgrade", "trailer", "proxy-connection", "transfer-encoding"}
    assert [value for name, value in fields if name.lower() == "content-length"] == ["4"]


def test_no_page_passes_for_the_relays_own(relay):
    lies = {"fpw-relay": "slow-head", "FPW-Features": "hello, drain", "Fpw_Public_Url": "http://evil.test/", "X-Own": "1"}
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


# Others' visits.


def test_the_holder_of_another_host_cannot_reply_to_a_visit(relay):
    with visited(relay) as under_way, RawSlot(relay, OTHER, OTHERS_TOKEN) as thief:
        for slot in (thief.fields["fpw-slot"], under_way.slot.fields["fpw-slot"]):
            thief.sock.sendall(thief.reply_bytes(under_way.visit, b"stolen", fpw_slot=slot))
            assert thief.answer().status == 409
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"own"))
        assert under_way.received().messages[0][2] == b"own"


def test_a_host_beside_anothers_token_is_refused(relay):
    with visited(relay) as under_way, RawSlot(relay, HOST, OTHERS_TOKEN) as thief:
        thief.sock.sendall(thief.reply_bytes(under_way.visit, b"stolen"))
        assert thief.answer().status == 403
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"own"))
        assert under_way.received().messages[0][2] == b"own"


def test_no_guess_of_an_id_is_taken(relay, tally, depth):
    with visited(relay) as under_way, RawSlot(relay, slot="e" * 32) as thief:
        true = under_way.visit.get("fpw-id")
        near = [
            *(
                true[:-1],
                true + "0",
                true.swapcase(),
                true + ",",
                f"{true}, {true}",
                "0",
                "*",
                f"\x80{true}",
                true[::-1],
            ),
        ]
        guesses = near + [secrets.token_hex(16) for _ in range(100 * depth)]
        for guess in guesses:
            thief.sock.sendall(thief.reply_bytes(under_way.visit, b"stolen", fpw_id=guess))
            try:
                answer = thief.answer()
            except (OSError, http.client.HTTPException):
                answer = None
            if answer and answer.status < 400:
                tally.accept_wrongly(f"{guess!r} for {true!r}: {answer}")
            tally.refuse()
            if not answer or answer.get("connection") == "close":
                thief.sock.close()
                thief = RawSlot(relay, slot="e" * 32)
        thief.sock.close()
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"own"))
        assert under_way.received().messages[0][2] == b"own"


def test_the_second_reply_to_a_visit_is_409(relay):
    with visited(relay) as under_way, RawSlot(relay, slot=str(under_way.slot.fields["fpw-slot"])) as again:
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"first"))
        assert under_way.received().messages[0][2] == b"first"
        for lies in ({}, {"fpw_resend": "1"}, {"fpw_drain": "self"}):
            again.sock.sendall(again.reply_bytes(under_way.visit, b"second", **lies))
            assert again.answer().status == 409


@pytest.mark.parametrize(
    "lie", [{"status": 201}, {"body": b"x" * 5000}, {"body": b"x" * 100_001}, {"fields": {"Location": "/evil"}}]
)
def test_a_reply_that_is_sent_again_and_is_another_breaks_the_answer_off(relay, lie):
    """Other fields with the same body are no danger: their head has been sent."""
    with visited(relay) as under_way:
        body = b"x" * 100_000
        data = under_way.slot.reply_bytes(under_way.visit, body)
        under_way.say(data[: len(data) - 40_000])
        assert under_way.visitor.recv(1000).startswith(b"HTTP/1.1 200")
        under_way.slot.sock.close()
        with RawSlot(relay, slot=str(under_way.slot.fields["fpw-slot"])) as again:
            again.sock.sendall(again.reply_bytes(under_way.visit, **({"body": body} | lie), fpw_resend="1"))
            received = under_way.bytes_received()
        assert b"evil" not in received
        assert len(received) < len(body) or "fields" in lie


def test_another_hosts_slot_cannot_be_drained(relay, crowd):
    with RawSlot(relay, slot="d" * 32) as victim, RawSlot(relay, OTHER, OTHERS_TOKEN) as thief:
        victim.park()
        answer = thief.post(fpw_drain="d" * 32)
        assert (answer.status, answer.get("fpw-drained")) == (204, "unknown")
        assert thief.post(fpw_drain="d" * 32, fpw_token=TOKEN).status == 403
        visit = crowd.submit(relay.visitor().visit)
        victim.sock.sendall(victim.reply_bytes(victim.answer(), b"still here"))
        assert visit.result().body == b"still here"


def test_another_token_of_a_wildcard_gets_nothing_of_a_name_that_is_held(lab, tally, crowd):
    """It comes from the holder's address: its polls are let wait, for as long as fpwd needs to replace a token."""
    name = "blog.wild.test"
    relay = lab.relay(hosts={"*.wild.test": {"tokens": [TOKEN, OTHERS_TOKEN]}}, queue_timeout="2s")
    with RawSlot(relay, name, slot="d" * 32) as victim, contextlib.ExitStack() as ending:
        victim.sock.sendall(victim.bytes_of())
        eventually(lambda: relay.metric("fpw_relay_slots", state="parked") == 1)
        thieves = [ending.enter_context(RawSlot(relay, name, OTHERS_TOKEN, slot=f"{number:032x}")) for number in range(20)]
        for thief in thieves:
            thief.sock.settimeout(30 * PATIENCE)
            thief.sock.sendall(thief.bytes_of())
        drainer = ending.enter_context(RawSlot(relay, name, OTHERS_TOKEN))
        for _ in range(10):
            visit = crowd.submit(relay.visitor(name).visit)
            under_way = victim.answer()
            assert drainer.post(fpw_drain=secrets.token_hex(16)).get("fpw-drained") == "unknown"
            lie = drainer.reply_bytes(under_way, b"stolen")
            drainer.sock.sendall(lie)
            assert drainer.answer().status == 409
            victim.sock.sendall(victim.reply_bytes(under_way, b"own"))
            assert visit.result().body == b"own"
            tally.refuse(2)
        answered, _, _ = select.select([thief.sock for thief in thieves], [], [], 0)
        assert answered == [], "none has been handed a visit"
        refusals = [thief.answer() for thief in thieves]
        assert {(answer.status, b"another token of *.wild.test" in answer.body) for answer in refusals} == {(403, True)}
        tally.refuse(len(thieves))
        tally.is_alive(relay)


@BY_EITHER
def test_slots_beyond_a_hosts_share_are_told_to_wait(lab, tally):
    relay = lab.relay(hosts={HOST: {"token": TOKEN, "max_slots": 5}, OTHER: {"token": OTHERS_TOKEN}})
    with contextlib.ExitStack() as ending:
        for number in range(50):
            slot = ending.enter_context(RawSlot(relay, slot=f"{number:032x}"))
            if number < 5:
                slot.park(beside=number)
                tally.take()
                continue
            answer = slot.post()
            assert (answer.status, answer.get("retry-after")) == (429, "30")
            tally.refuse()
        assert relay.metric("fpw_relay_slots", host=HOST, state="parked") == 5
        with RawSlot(relay, OTHER, OTHERS_TOKEN) as other:
            other.park()
        tally.is_alive(relay)


CREDENTIALS = [
    *({"fpw_token": TOKEN.upper()}, {"fpw_token": TOKEN[:-1]}, {"fpw_token": TOKEN + "x"}),
    *({"fpw_token": TOKEN + "\xa0"}, {"fpw_token": f"{TOKEN},{TOKEN}"}, {"fpw_token": OTHERS_TOKEN}),
    *({"fpw_token": "x"}, {"fpw_token": "a" * 5000}, {"fpw_token": "*"}, {"fpw_host": HOST + ".evil"}),
    *({"fpw_host": "x." + HOST}, {"fpw_host": "*"}, {"fpw_host": f"{HOST},{OTHER}"}, {"fpw_host": "*.test"}),
    *({"fpw_host": HOST + "/"}, {"fpw_host": "a@" + HOST}, {"fpw_host": HOST.replace(".", "..")}),
    *({"fpw_host": "a" * 5000}, {"fpw_token": f"{OTHERS_TOKEN}\r\nfpw-token: {TOKEN}"}),
    {"fpw_host": f"{OTHER}\r\nfpw-host: {HOST}"},
]


@BY_EITHER
def test_credentials_that_are_nearly_right_open_no_slot(lab, tally):
    """Nor does one of two that differ; and in time none at all are looked at."""
    relay = lab.relay(hosts={HOST: {"token": TOKEN}, OTHER: {"token": OTHERS_TOKEN}})
    for lies in CREDENTIALS:
        with RawSlot(relay) as slot:
            status = slot.post(**lies, fpw_hello="1").status
            if status in (400, 403, 429, 431, 502):
                tally.refuse()
            else:
                tally.accept_wrongly(f"{lies}: {status}")
    assert relay.metric("fpw_relay_slots", state="parked") == 0
    tally.is_alive(relay)


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
