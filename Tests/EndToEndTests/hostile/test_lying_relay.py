"""What a lying relay says never reaches the upstream (PROTOCOL.md §5)."""

import json

import pytest

from harness.lies import BAD_FIELDS, BAD_OBJECTS
from harness.programs import HOST

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
