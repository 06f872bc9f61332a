"""httpbin, asked directly and through the tunnel: status, headers and bytes are the same for every route."""

import gzip
import json
import zlib
from dataclasses import dataclass
from urllib.parse import urlsplit

import brotlicffi
import httpbin as application
import pytest

from harness.programs import HOST
from harness.visitor import Answer, Visitor

# Headers that belong to one connection or to the moment, not to the answer (RFC 9110 §7.6.1; the date is the second's;
# an answer of unknown length may arrive with a length or without, and the other way round).
NOT_COMPARED = {"connection", "keep-alive", "transfer-encoding", "trailer", "date", "content-length"}

# What may differ in a request as httpbin shows it back (beside X-Forwarded-*, which httpbin keeps to itself): fpwd's
# mark, and the framing, which every hop does anew (a POST without a body then says that its length is 0, and a chunked
# body that came whole has a length).
NOT_COMPARED_IN_REQUEST = {"X-Fpw-Loop", "Content-Length", "Transfer-Encoding"}

# What fpwd tells the upstream: a direct visitor says the same, so that the application answers the same.
FORWARDED = [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", HOST)]


@dataclass(frozen=True)
class Case:
    """`shows_request`: the body repeats the request's headers. `varies`: headers and bodies new for every answer."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    shows_request: bool = False
    varies: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


def shown(method: str, target: str, fields=(), body: bytes | None = None) -> Case:
    return Case(method, target, tuple(fields), body, shows_request=True)


def varying(target: str, *headers: str) -> Case:
    return Case("GET", target, varies=frozenset(headers))


FORM = [("Content-Type", "application/x-www-form-urlencoded")]
JSON = [("Content-Type", "application/json")]
BASIC = [("Authorization", "Basic dXNlcjpwYXNz")]
ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"]

CASES = [
    *(Case("GET", target) for target in ("/", "/html", "/json", "/xml", "/robots.txt", "/deny", "/encoding/utf8")),
    *(Case("GET", target) for target in ("/forms/post", "/ip", "/links/5", "/links/5/2", "/base64/aGVsbG8=")),
    *(Case("GET", f"/image/{kind}") for kind in ("jpeg", "png", "svg", "webp")),
    *(Case("GET", "/image", (("Accept", f"image/{kind}"),)) for kind in ("jpeg", "png", "webp", "unknown")),
    *(
        Case("GET", f"/status/{code}")
        for code in (200, 201, 202, 204, 205, 206, 300, 301, 302, 303, 304, 305, 307, 308)
    ),
    *(Case("GET", f"/status/{code}") for code in (400, 401, 402, 403, 404, 405, 406, 409, 410, 418, 422, 429, 451)),
    *(Case("GET", f"/status/{code}") for code in (500, 501, 502, 503, 504, 507, 599)),
    *(Case(method, "/status/202") for method in ANY_METHOD),
    *(Case("GET", f"/{kind}redirect/3") for kind in ("", "absolute-", "relative-")),
    Case("GET", "/redirect/3?absolute=true"),
    *(Case(method, "/redirect-to?url=/get&status_code=307") for method in ANY_METHOD),
    *(
        shown("GET", f"/{coding}", [("Accept-Encoding", "gzip, deflate, br")])
        for coding in ("gzip", "deflate", "brotli")
    ),
    *(shown("GET", target, [("X-Own", "1"), ("Accept", "*/*")]) for target in ("/get?a=1&a=2", "/headers")),
    shown("GET", "/user-agent", [("User-Agent", "a visitor")]),
    *(shown(method, f"/{method.lower()}", FORM, b"a=1&b=%20") for method in ("POST", "PUT", "PATCH", "DELETE")),
    *(shown(method, "/anything?x=y", JSON, b'{"a": [1]}') for method in ANY_METHOD),
    *(shown(method, "/anything/deep/er", [], bytes(range(256))) for method in ("POST", "PUT", "PATCH")),
    *(shown(method, "/delay/0.1") for method in ANY_METHOD),
    shown("POST", "/post", [], b"\xff" * 1_000_000),
    shown("POST", "/post", [("Transfer-Encoding", "chunked")], b"4\r\nabcd\r\n0\r\n\r\n"),
    Case("GET", "/cookies", (("Cookie", "a=1; b=2"),)),
    *(Case("GET", target) for target in ("/cookies/set?a=1&b=2&c=3", "/cookies/set/n/v", "/cookies/delete?a&b")),
    Case("GET", "/response-headers?Set-Cookie=a&Set-Cookie=b&X-One=1&Server=theirs"),
    Case("POST", "/response-headers?X-Two=2"),
    *(Case("GET", f"/bytes/{count}?seed=7") for count in (0, 1, 1024, 100_000)),
    *(Case("GET", f"/stream-bytes/{count}?seed=7&chunk_size=1000") for count in (0, 1, 100_000)),
    *(shown("GET", f"/stream/{count}") for count in (1, 20)),
    Case("GET", "/drip?numbytes=20&duration=0.2&delay=0&code=203"),
    Case("GET", "/range/1024"),
    *(Case("GET", "/range/1024", (("Range", f"bytes={part}"),)) for part in ("0-0", "100-", "-5", "5-2", "9999-")),
    *(Case("GET", "/etag/e", (condition,)) for condition in (("If-None-Match", '"e"'), ("If-Match", '"other"'))),
    shown("GET", "/etag/e"),
    Case("GET", "/cache", (("If-Modified-Since", "Wed, 21 Oct 2015 07:28:00 GMT"),)),
    Case("GET", "/cache", (("If-None-Match", "x"),)),
    Case("GET", "/cache", shows_request=True, varies=frozenset(["last-modified", "etag"])),
    shown("GET", "/cache/60"),
    *(Case("GET", "/basic-auth/user/pass", tuple(fields)) for fields in ([], BASIC)),
    *(Case("GET", "/hidden-basic-auth/user/pass", tuple(fields)) for fields in ([], BASIC)),
    *(Case("GET", "/bearer", tuple(fields)) for fields in ([], [("Authorization", "Bearer t")])),
    *(
        varying(f"/digest-auth/auth/user/pass{more}", "www-authenticate", "set-cookie")
        for more in ("", "/MD5", "/MD5/3")
    ),
    varying("/uuid", "body"),
    Case("GET", "/static/favicon.ico"),
    Case("GET", "/no-such-page"),
    *(Case("HEAD", target) for target in ("/", "/bytes/1024?seed=7", "/status/404", "/image/png", "/stream-bytes/9")),
    *(Case("OPTIONS", target) for target in ("/", "/post", "/anything")),
    Case("OPTIONS", "/get", (("Origin", "http://a.test"), ("Access-Control-Request-Method", "PUT"))),
]


def test_the_table_has_every_route():
    routes = application.app.url_map.bind(HOST)
    known = (case for case in CASES if case.target != "/no-such-page")
    asked = {routes.match(urlsplit(case.target).path, case.method)[0] for case in known}
    endpoints = {rule.endpoint for rule in application.app.url_map.iter_rules()}
    assert len(endpoints) > 50
    assert endpoints - asked == set()


def compared(case: Case, answer: Answer) -> dict[str, object]:
    """What must be the same; of headers that vary, that they are there."""
    fields = sorted(
        (name.lower(), "varies" if name.lower() in case.varies else value)
        for name, value in answer.fields
        if name.lower() not in NOT_COMPARED
    )
    body: object = answer.body
    if "body" in case.varies:
        body = len(answer.body)
    elif case.shows_request:
        texts = decoded(answer).splitlines() if case.target.startswith("/stream/") else [decoded(answer)]
        body = [request_shown(text) for text in texts]
    return {"status": answer.status, "headers": fields, "body": body}


def decoded(answer: Answer) -> bytes:
    """Undone only here, to look inside: a coding that was changed on the way fails to be undone."""
    undo = {"gzip": gzip.decompress, "deflate": zlib.decompress, "br": brotlicffi.decompress}
    return undo.get(answer.get("content-encoding"), bytes)(answer.body)


def request_shown(text: bytes) -> object:
    shown = json.loads(text)
    fields = shown.get("headers", {}).items()
    shown["headers"] = {name: value for name, value in fields if name not in NOT_COMPARED_IN_REQUEST}
    return shown


@pytest.fixture(scope="module")
def both(httpbin, module_lab) -> tuple[Visitor, Visitor]:
    return Visitor(httpbin.port, HOST), module_lab.tunnel(httpbin, workers=4).visitor


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_answer_is_the_same_directly_and_through_the_tunnel(both, case):
    directly, through = both
    fields = [*case.fields, *([("User-Agent", "test")] if "user-agent" not in str(case.fields).lower() else [])]
    expected = directly.visit(case.method, case.target, [*fields, *FORWARDED], case.body)
    seen = through.visit(case.method, case.target, fields, case.body)
    assert compared(case, seen) == compared(case, expected)
    if not case.shows_request and None not in (seen.get("content-length"), expected.get("content-length")):
        assert seen.get("content-length") == expected.get("content-length")
