"""Any method, any body, any answer passes as it is."""

import gzip
import hashlib

import pytest

from parts.wire import LAST_CHUNK, chunk

BY_TLS_TOO = True


@pytest.fixture
def visitor(tunnel, upstream):
    return tunnel(upstream, workers=2).visitor


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "BREW", "x-!#$%&'*+.^_`|~9"]
)
def test_a_method_passes_with_a_body_and_without(visitor, upstream, method):
    for body in (None, b"", b"\x00\r\n\xff" * 99):
        answer = visitor.visit(method, "/echo?q=%20", body=body)
        assert answer.status == 200
        assert answer.body.split(b"\r\n", 1)[0] == f"{method} /echo?q=%20 HTTP/1.1".encode()
        assert upstream.requests[-1].body == (body or b"")
    assert len(upstream.requests) == 3


def test_connect_is_refused_and_no_upstream_sees_it(visitor, upstream):
    asked = b"CONNECT demo.example.test:80 HTTP/1.1\r\nHost: demo.example.test:80\r\nConnection: close\r\n\r\n"
    assert visitor.say(asked).split(b" ")[1] == b"501"
    assert upstream.requests == []


def test_head_answers_without_a_body_and_says_the_length(visitor, upstream):
    upstream.on("/head")(lambda request: request.respond(200, [("Content-Length", "123456"), ("ETag", '"e"')]))
    connection = visitor.connection()
    for _ in range(2):
        with visitor.open("HEAD", "/head", connection=connection) as response:
            assert (response.status, response.getheader("content-length")) == (200, "123456")
            assert (response.getheader("etag"), response.read()) == ('"e"', b"")


@pytest.mark.parametrize(("status", "length"), [(204, None), (304, None), (304, "777")])
def test_an_answer_that_has_no_body_does_not_hang_and_the_connection_goes_on(visitor, upstream, status, length):
    fields = [("ETag", '"e"')] + ([("Content-Length", length)] if length else [])
    upstream.on("/none")(lambda request: request.respond(status, fields))
    connection = visitor.connection()
    for _ in range(2):
        with visitor.open(target="/none", connection=connection) as response:
            assert (response.status, response.getheader("etag"), response.read()) == (status, '"e"', b"")
            assert response.getheader("content-length") == length
            assert response.getheader("transfer-encoding") is None


def test_an_empty_body_has_length_0(visitor, upstream):
    upstream.on("/empty")(lambda request: request.respond(200))
    answer = visitor.visit(target="/empty")
    assert (answer.status, answer.get("content-length"), answer.body) == (200, "0", b"")


def test_a_gzip_body_is_not_undone(visitor, upstream):
    packed = gzip.compress(b"text " * 1000)
    upstream.on("/gzip")(lambda request: request.respond(200, [("Content-Encoding", "gzip")], packed))
    answer = visitor.visit(target="/gzip", fields=[("Accept-Encoding", "gzip, br")])
    assert (answer.get("content-encoding"), answer.body) == ("gzip", packed)
    assert upstream.requests[0].head.get("accept-encoding") == "gzip, br"


def test_a_redirect_is_the_visitors_to_follow(visitor, upstream):
    upstream.on("/moved")(lambda request: request.respond(302, [("Location", "/echo")], b"elsewhere"))
    answer = visitor.visit(target="/moved")
    assert (answer.status, answer.get("location"), answer.body) == (302, "/echo", b"elsewhere")
    assert upstream.seen("/echo") == []


def test_twenty_cookies_stay_twenty(visitor, upstream):
    cookies = [f"c{number}={number}; Path=/; Expires=Wed, 09 Jun 2027 10:18:14 GMT" for number in range(20)]
    upstream.on("/cookies")(lambda request: request.respond(200, [("Set-Cookie", cookie) for cookie in cookies]))
    assert visitor.visit(target="/cookies").all("set-cookie") == cookies


def test_header_bytes_outside_ascii_pass_both_ways(visitor, upstream):
    upstream.on("/name")(lambda request: request.respond(200, [("X-Name", "caf\xe9 \xff")]))
    answer = visitor.visit(target="/name", fields=[("X-Name", b"na\xefve \xff")])
    assert answer.get("x-name") == "caf\xe9 \xff"
    assert b"x-name: na\xefve \xff\r\n" in upstream.requests[0].head.raw.lower()


def test_an_empty_header_value_passes_both_ways(visitor, upstream):
    upstream.on("/empty")(lambda request: request.respond(200, [("X-Empty", "")]))
    assert visitor.visit(target="/empty", fields=[("X-Empty", "")]).all("x-empty") == [""]
    assert upstream.requests[0].head.all("x-empty") == [""]


def test_nothing_is_added_that_a_library_would_add(visitor, upstream):
    visitor.visit("POST", "/echo", body=bytes(2 << 20))
    head = upstream.requests[0].head
    assert [head.get(name) for name in ("accept", "content-type", "user-agent", "expect")] == [None] * 4


@pytest.mark.parametrize("target", ["/a/../b", "//x", "/%2e%2E/y", "/?", "/a?b=c&d=%00", "/~'()*!;:@=+$,", "/a%2Fb"])
def test_a_target_passes_byte_for_byte(visitor, upstream, target):
    visitor.visit(target=target)
    assert upstream.requests[0].head.target == target


def test_options_of_the_whole_server_pass(visitor, upstream):
    visitor.visit("OPTIONS", "*")
    assert upstream.requests[0].head.raw.startswith(b"OPTIONS * HTTP/1.1\r\n")


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1, 5_000_000])
def test_a_body_of_any_size_is_the_same_at_the_other_end(visitor, upstream, size):
    body = hashlib.shake_128(str(size).encode()).digest(size)
    answer = visitor.visit("POST", "/echo", body=body)
    assert upstream.requests[0].body == body
    assert answer.body == upstream.requests[0].head.raw + body


def test_bodies_of_unknown_length_pass_both_ways(visitor, upstream):
    @upstream.on("/chunked")
    def _(request):
        request.read_body()
        request.connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in (b"a" * 100_000, b"b", b"c" * 100_000):
            request.connection.send(chunk(part))
        request.connection.send(LAST_CHUNK)

    sent = chunk(b"x" * 70_000) + chunk(b"yz") + LAST_CHUNK
    answer = visitor.visit("POST", "/chunked", [("Transfer-Encoding", "chunked")], body=sent)
    assert answer.body == b"a" * 100_000 + b"b" + b"c" * 100_000
    assert upstream.requests[0].body == b"x" * 70_000 + b"yz"


def test_a_websocket_is_refused_with_its_reason(visitor, upstream):
    answer = visitor.visit(
        target="/socket",
        fields=[
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
    )
    assert (answer.status, "upgrade" in answer.text) == (501, True)
    assert upstream.requests == []


def test_the_upstream_learns_who_visits_from_the_relay_and_not_from_the_visitor(visitor, upstream):
    lies = [
        ("X-Forwarded-For", "6.6.6.6"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil"),
        ("X-Real-IP", "6.6.6.6"),
        ("Forwarded", "for=6.6.6.6"),
        ("X-Forwarded-Port", "evil"),
    ]
    visitor.visit(fields=lies)
    head = upstream.requests[0].head
    assert b"6.6.6.6" not in head.raw and b"evil" not in head.raw
    assert head.all("x-forwarded-for") == ["127.0.0.1"]
    assert head.all("x-forwarded-proto") == [visitor.url.split(":")[0]]
    assert head.all("x-forwarded-host") in (["demo.example.test"], [f"demo.example.test:{visitor.port}"])
    assert head.all("host") == ["demo.example.test"]
