"""What a lying relay says never reaches the upstream (PROTOCOL.md §5)."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from harness import oracle
from harness.lies import BAD_FIELDS, BAD_OBJECTS
from harness.mutation import Mutator
from harness.programs import HOST, QUIET, TOKEN
from parts.relay import Relay
from parts.upstream import Request, Upstream
from parts.wire import response

SIDE = "relay"


@pytest.fixture
def relay(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1)
    return relay_part


def refused(relay, upstream, status: int, **lies) -> None:
    reply = relay.visit(**lies)
    assert (reply.status, upstream.requests) == (status, [])
    assert relay.visit().body == b"hello\n"


@pytest.mark.parametrize(
    "target",
    [
        *(b"@evil/", b".evil", b":9101/x", b"http://evil/", b"", b"*", b"evil", b"?a", b"#a", b"\\evil"),
        *(b"/a b", b"/a\tb", b"/\x01", b"/\x7f", b"/\xe9", b"/ HTTP/1.1", b"/a\x0bb"),
    ],
)
def test_a_target_that_is_no_origin_form_is_400(relay, upstream, target):
    refused(relay, upstream, 400, fpw_url=target)


@pytest.mark.parametrize("target", ["//evil/", "/../x", "/@evil/", "/http://evil/", "/%0d%0aX:%20y", "/%00"])
def test_an_origin_form_goes_to_the_upstream_byte_for_byte(relay, upstream, target):
    assert relay.visit(target=target).status == 200
    assert [request.head.target for request in upstream.requests] == [target]


@pytest.mark.parametrize("method", [b"", b"GE T", b"GET\x01", b"G:T", b"\xe9", b"GET /x HTTP/1.1"])
def test_a_method_that_is_no_token_is_400(relay, upstream, method):
    refused(relay, upstream, 400, fpw_method=method)


def test_connect_is_501(relay, upstream):
    refused(relay, upstream, 501, fpw_method="CONNECT")


@pytest.mark.parametrize("missing", ["fpw_method", "fpw_url"])
def test_a_visit_that_lacks_a_part_is_400(relay, upstream, missing):
    refused(relay, upstream, 400, **{missing: None})


def test_a_visit_that_says_nothing_of_its_headers_had_none(relay, upstream):
    assert relay.visit(fpw_header=None).status == 200
    assert upstream.requests[0].head.all("host") == [HOST]


@pytest.mark.parametrize("fields", [*BAD_FIELDS, {"Host": "evil\r\nX-B: y"}], ids=json.dumps)
def test_a_header_that_would_break_out_is_400(relay, upstream, fields):
    refused(relay, upstream, 400, fields={"Host": HOST} | fields)


@pytest.mark.parametrize("text", BAD_OBJECTS, ids=lambda text: repr(text[:20]))
def test_a_header_object_that_is_none_is_400(relay, upstream, text):
    refused(relay, upstream, 400, fpw_header=text)


@pytest.mark.parametrize("field", [{"Upgrade": "websocket"}, {"upgrade": "TLS/1.0"}])
def test_an_upgrade_is_501_and_named(relay, upstream, field):
    reply = relay.visit(fields={"Host": HOST, "Connection": "Upgrade"} | field)
    assert (reply.status, upstream.requests) == (501, [])
    assert b"upgrade" in reply.body


def test_hop_by_hop_headers_and_framing_stay_behind(relay, upstream):
    hops = {
        "Connection": "close, X-Secret",
        "X-Secret": "1",
        "Keep-Alive": "timeout=5",
        "Proxy-Connection": "keep-alive",
        "Proxy-Authorization": "Basic eDp5",
        "TE": "trailers",
        "Trailer": "X-Sum",
        "Expect": "100-continue",
        "Content-Length": "999",
        "Transfer-Encoding": "chunked",
        # CGI programs take these for those, and Proxy for HTTP_PROXY (CVE-2016-5385).
        "Proxy": "http://evil.example/",
        "x_secret": "1",
        "Keep_Alive": "timeout=5",
        "Proxy_Authorization": "Basic eDp5",
        "CONTENT_LENGTH": "999",
        "Transfer_Encoding": "chunked",
    }
    assert relay.visit("POST", "/echo", {"Host": HOST, "X-Stays": "1"} | hops, b"four").status == 200
    head = upstream.requests[0].head
    left = {name.lower() for name, _ in head.fields} & {name.lower() for name in hops}
    assert left <= {"content-length", "transfer-encoding", "connection"}
    assert head.get("connection") in (None, "keep-alive")
    assert (head.get("x-stays"), upstream.requests[0].body) == ("1", b"four")
    assert head.is_chunked or head.get("content-length") == "4"


def test_what_the_visitor_says_about_its_way_is_replaced(relay, upstream):
    lies = {
        "X-Forwarded-For": "6.6.6.6",
        "x-real-ip": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "X-Forwarded-Port": "666",
        "X_Forwarded_For": "6.6.6.6",
    }
    relay.visit(fields={"Host": HOST} | lies)
    head = upstream.requests[0].head
    assert b"6.6.6.6" not in head.raw
    assert head.all("x-forwarded-for") == ["203.0.113.9"]


def test_two_hosts_and_a_relays_own_fields_do_not_pass(relay, upstream):
    relay.visit(fields={"Host": HOST, "Fpw-Token": "x", "fpw_id": "y", "Fpw-Url": "/z"})
    names = {name.lower() for name, _ in upstream.requests[0].head.fields}
    assert not {name for name in names if name.startswith("fpw_")} | (names & {"fpw-token", "fpw-url", "fpw-id"})
    assert upstream.requests[0].head.all("host") == [HOST]


def test_a_foreign_token_or_host_is_never_told_to_an_upstream(relay, upstream):
    relay.visit()
    assert b"a-token-of-the-tests-own" not in upstream.requests[0].head.raw


@pytest.mark.parametrize("pause", [0, 0.01], ids=["at once", "after a pause"])
def test_what_is_said_on_a_slots_idle_connection_answers_no_reply(relay, upstream, pause):
    poison = response(200, [("fpw-rid", "0" * 32), ("fpw-method", "GET"), ("fpw-url", "/poison")], b"")

    @upstream.on("/slow")
    def answer(request: Request) -> None:
        time.sleep(pause)
        relay.posts[-1].connection.send(poison)
        request.respond(body=b"own")

    for _ in range(20):
        assert relay.visit(target="/slow").body == b"own"
    assert relay.visit().body == b"hello\n"
    assert not upstream.seen("/poison")


# By chance.

PIECES = [
    *(
        b"Content-Length: 0\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 100 C\r\n\r\n",
        b"fpw-status: 500\r\n",
        b"fpw-id: x\r\n",
    ),
    *(
        b"\\r\\nX-Evil: 1",
        b"\\u000d\\u000aX-Evil:",
        b"\\u0000",
        b"\\ud800",
        b'"X-Evil":"1",',
        b'["a","b"]',
        b'"Host":"evil",',
        b'"Content-Length":"1",',
    ),
    *(
        b"@evil/",
        b"http://evil/",
        b"//",
        b"/..",
        b"%0d%0a",
        b"\xc3\xa9",
        b" HTTP/1.1",
        b"CONNECT",
        b"*",
        b"{",
        b"}",
        b"\xf0\x9f\x98\x80",
    ),
]


@dataclass
class Lane:
    """A tunnel with one slot: a lying relay, and the upstream that must only hear what is sound."""

    relay: Relay
    upstream: Upstream

    def tell(self, damage, target: str, fields: dict, body: bytes) -> list:
        """The requests that came of a damaged visit: known once the slot has posted again."""
        assert self.relay.wait_for_parked(1, within=30), "the slot does not poll any more"
        posts, requests = len(self.relay.posts), len(self.upstream.requests)
        self.relay.start_visit("POST", target, fields, body, damage=damage)
        assert self.relay.wait_for_posts(posts + 1, within=30), "the slot does not poll any more"
        return self.upstream.requests[requests:]


def said(data: bytes) -> tuple[str, str, bytes, set[str]] | None:
    """Method, target, body and header names of the visit that others read in a relay's answer."""
    messages = oracle.answers(data, ["POST"]).messages
    if not messages or messages[0][0] != 200:
        return None
    _, pairs, body = messages[0]
    fields = dict(reversed(pairs))
    try:
        names = {name.lower() for name in json.loads(fields.get("fpw-header", "{}").encode("latin-1"))}
    except (ValueError, RecursionError):
        return None
    return fields.get("fpw-method"), fields.get("fpw-url"), body, names


def judge(data: bytes, requests: list, tally) -> None:
    """Half a body arrives as half of one: nobody has been told that such a request is whole."""
    whole = [request for request in requests if request.is_whole]
    is_sound = all(oracle.is_strict(request.head.raw) and request.head.target[:1] in ("/", "*") for request in requests)
    if is_sound and not whole:
        return tally.refuse()
    for meant in (said(data), said(oracle.tolerantly(data))):
        head = requests[0].head
        names = {name.lower() for name, _ in head.fields}
        is_meant = (
            meant
            and (head.method, head.target, requests[0].body) == meant[:3]
            and ("x-evil" in names) <= ("x-evil" in meant[3])
        )
        if is_sound and is_meant and len(requests) == 1:
            return tally.take()
    tally.accept_wrongly(
        f"{data!r}\n    meant {meant}\n    heard {[request.head.raw + request.body for request in requests]}"
    )


def test_damaged_visits_are_refused_or_arrive_as_others_read_them(lab, tally, depth):
    lanes = [Lane(lab.care(Relay(f"lane-{number}.test", TOKEN)), lab.care(Upstream())) for number in range(8)]
    tunnels = {
        f"lane-{number}": {
            "host": lane.relay.host,
            "relay": lane.relay.url,
            "upstream": lane.upstream.url,
            "workers": 1,
            "max_workers": 1,
        }
        for number, lane in enumerate(lanes)
    }
    daemon = lab.fpwd(tunnels=tunnels, daemon=QUIET)

    def run(number: int) -> None:
        lane, mutator = lanes[number], Mutator((tally.seed, SIDE, number), PIECES)
        for _ in range(5 * depth):
            sent: list[bytes] = []

            def damage(wire: bytes, sent=sent, mutator=mutator) -> bytes:
                sent.extend(mutator.many([wire], 1))
                return sent[0]

            fields = {"Host": lane.relay.host, "X-Own": ["1", "2"], "Cookie": "a=b"}
            heard = lane.tell(damage, "/echo?a=b", fields, b"four")
            judge(sent[0], heard, tally)

    with ThreadPoolExecutor(len(lanes)) as crowd:
        for done in [crowd.submit(run, number) for number in range(len(lanes))]:
            done.result()
    tally.is_alive(daemon)
    for lane in lanes:
        assert lane.relay.visit(within=30).body == b"hello\n"
