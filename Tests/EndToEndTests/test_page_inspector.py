"""The status page's inspector: what a visit carried, sending it again, and what differs then."""

from __future__ import annotations

import gzip
import json
import re
import subprocess

import pytest

from harness.lab import Lab
from harness.status_page import SITES, OpenPage
from parts.page_mock import PageMock
from parts.upstream import Upstream

ORDER = json.dumps({"event": "paid", "order": {"id": 7, "lines": ["pear", "plum"]}}).encode()
JSON = [["Content-Type", "application/json"]]


class Orders:
    """Answers each request for the same order with the next number."""

    def __init__(self):
        self.requests: list[dict] = []

    def __call__(self, request: dict) -> dict:
        self.requests.append(request)
        number = len(self.requests)
        body = {"number": number, "took": request["body"].decode("latin-1"), "same": "yes"}
        status = 201 if number == 1 else 200
        return {"status": status, "headers": [*JSON, ["X-Number", str(number)]], "body": json.dumps(body).encode()}


@pytest.fixture
def orders() -> Orders:
    return Orders()


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest, lab: Lab, orders: Orders):
    return request.param(lab, orders, inspector=True)


@pytest.fixture
def mock(lab: Lab) -> PageMock:
    mock = lab.care(PageMock())
    mock.tunnel("demo")
    return mock


def visit(
    mock: PageMock, target: str, method: str = "POST", fields=(), body: bytes = b"", reply: dict | None = None
) -> int:
    if reply:
        mock.answer = lambda _: {"status": 200, "headers": [], "body": b""} | reply
    return mock.visit({"method": method, "target": target, "headers": [list(field) for field in fields], "body": body})


@pytest.fixture
def inspect(mock, open_page):
    """Opens the page and in it a visit: `inspect("/path", body=…)`."""

    def opened(target: str, *arguments, **named) -> OpenPage:
        visit(mock, target, *arguments, **named)
        page = open_page(mock.url)
        page.inspect(target)
        return page

    return opened


# What a visit carried.


def test_request_and_response_are_shown(site, open_page):
    page = open_page(site.url)
    site.visit("POST", "/orders?x=1", [*JSON, ("X-Color", "blue")], ORDER)
    page.inspect("/orders?x=1")
    response = page.tab.until_text("#panel", "X-Number")
    assert '"number": 1' in response and page.tab.text("#inspector .badge") == "201"
    page.choose("tab-request")
    request = page.tab.until_text("#panel", "X-Color", "blue")
    assert '"event": "paid"' in request and '"order": { 2 }' in request


def test_json_opens_and_closes(inspect):
    page = inspect("/", body=json.dumps({"a": {"b": {"c": [1, 2]}}}).encode(), fields=JSON)
    page.choose("tab-request")
    assert "[ 2 ]" not in page.tab.text(".json")
    page.tab.click(".json details details details summary")
    page.tab.until_text(".json", "[ 2 ]")
    page.tab.click(".json summary")
    assert page.tab.text(".json").strip() == "{ 1 }"


def multipart(boundary: str) -> bytes:
    parts = [
        'Content-Disposition: form-data; name="größe"\r\n\r\n12 cm\r\n',
        'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n',
    ]
    return "".join(f"--{boundary}\r\n{part}" for part in parts).encode() + f"--{boundary}--\r\n".encode()


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" + "1f15c4890000000d49444154789c6360606060"
    "0000000500010d0a2db40000000049454e44ae426082"
)

BODIES = {
    "json": ("application/json", b'{"a": [1, null]}', ["json", "text", "hex"], '"a"'),
    "json by its look": ("text/plain", b'[{"a": 1}]', ["json", "text", "hex"], '"a": 1'),
    "broken json": ("application/json", b'{"a": ', ["text", "hex"], '{"a":'),
    "form": ("application/x-www-form-urlencoded", b"name=lin+mei&city=%E5%8C%97", ["form", "text", "hex"], "lin mei"),
    "multipart": ("multipart/form-data; boundary=XyZ", multipart("XyZ"), ["form", "text", "hex"], "a.txt · 5 B"),
    "text": ("text/plain; charset=utf-8", "Grüße".encode(), ["text", "hex"], "Grüße"),
    "latin text": ("text/plain; charset=iso-8859-1", "Grüße".encode("latin-1"), ["text", "hex"], "Grüße"),
    "binary": ("application/octet-stream", bytes(range(256)), ["hex"], "000010  10 11 12 13"),
    "image": ("image/png", PIXEL, ["image", "hex"], ""),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_has_the_views_that_fit_it(inspect, name):
    kind, body, views, shown = BODIES[name]
    page = inspect("/", reply={"headers": [["Content-Type", kind]], "body": body})
    keys = page.tab.evaluate("[...document.querySelectorAll('[data-key^=view-]')].map(view => view.dataset.key)")
    assert keys == [f"view-{view}" for view in views]
    assert shown in page.tab.text("#panel")
    page.choose("view-hex")
    first = " ".join(f"{byte:02x}" for byte in body[:8])
    page.tab.until_text(".box.hex", f"000000  {first}")


def test_a_compressed_body_is_read(inspect):
    fields = [*JSON, ["Content-Encoding", "gzip"]]
    page = inspect("/", reply={"headers": fields, "body": gzip.compress(b'{"packed": true}')})
    assert '"packed": true' in page.tab.until_text("#panel", "decoded from gzip")


def test_a_long_body_is_shown_as_cut(inspect):
    page = inspect("/", reply={"headers": [["Content-Type", "text/plain"]], "body": b"line of it\n" * 300_000})
    page.tab.until_text("#panel", "The first 256 KiB of 3.1 MiB are kept.")


def test_a_body_that_grows_without_end_is_decoded_to_1_mib(inspect):
    fields = [["Content-Type", "text/plain"], ["Content-Encoding", "gzip"]]
    page = inspect("/", reply={"headers": fields, "body": gzip.compress(b" " * (64 << 20))})
    page.tab.until_text("#panel", "The first 1.0 MiB are shown.")
    assert page.tab.evaluate("document.querySelector('#panel pre').textContent.length") == 1 << 20
    page.choose("view-hex")
    assert page.tab.evaluate("document.querySelector('.box.hex').textContent.split('\\n').length") == 1 << 16


def test_a_visit_without_a_body_says_so(inspect):
    page = inspect("/", "DELETE", reply={"status": 204})
    assert "No body" in page.tab.text("#panel") and "No headers" in page.tab.text("#panel")


def test_what_is_no_longer_kept_is_said(mock, open_page):
    number = visit(mock, "/old")
    mock.forget(number)
    page = open_page(mock.url)
    page.tab.until("page.visits.length === 1")
    page.tab.click("#rows .status")
    page.tab.until_text("#inspector", "no longer kept", "/old")


def test_without_the_inspector_a_visit_has_its_line(lab, open_page):
    mock = lab.care(PageMock(inspector=False))
    mock.tunnel("demo")
    visit(mock, "/")
    page = open_page(mock.url)
    page.tab.until("page.visits.length === 1")
    page.tab.click("#rows .status")
    page.tab.until_text("#inspector", "The inspector is off", "203.0.113.7")


# As a command.

# Ends what a terminal told the shell is pasted, takes the command back, and writes another one.
PASTED = f"x\x1b[201~{chr(0x7F) * 200}echo owned\n"
COMMANDS = {
    "GET": ("GET", "/a?b=c&d=%20e", [("Accept", "*/*"), ("X-Empty", "")], b""),
    "quotes": ("POST", "/it's", [("X-Say", 'it\'s "so" $HOME `id` \\'), *JSON], b'it\'s\n$(id) "so" @file\\n'),
    "no content type": ("POST", "/form", [], b"a=b"),
    "binary": ("PUT", "/bytes", [("Content-Type", "application/octet-stream")], bytes(range(256))),
    "odd targets": ("GET", "/../a/./b?x=[1-3]{a,b}", [], b""),
    "control characters": ("POST", "/a", [("X-Say", "it's 100%\\0 \u009b2J!! \u00f6"), *JSON], PASTED.encode()),
    "line ends": ("POST", "/a", JSON, b"a\r\n\tb\n"),
    "C1": ("POST", "/a", JSON, "a\u009b201~b".encode()),
    "DELETE": ("DELETE", "/a", [], b""),
    "HEAD": ("HEAD", "/a", [], b""),
}
# What a terminal may obey, whoever pasted it.
ACTIVE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_visit_copied_as_curl_is_the_same_request(lab, mock, open_page, name):
    method, target, fields, body = COMMANDS[name]
    upstream = lab.care(Upstream())
    mock.places["demo"]["url"] = f"http://127.0.0.1:{upstream.port}/"
    visit(mock, target, method, [*fields, ("Content-Length", str(len(body))), ("X-Forwarded-For", "203.0.113.7")], body)
    page = open_page(mock.url)
    page.inspect(target)
    watch_clipboard(page)
    page.choose("curl")
    page.tab.until_text("#toast", "Copied")
    command = page.tab.evaluate("copied[0]")
    assert not ACTIVE.search(command)
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=20)
    (request,) = upstream.requests
    head = request.head
    assert (head.method, head.target, request.body) == (method, target, body)
    known = {"host", "user-agent", "accept", "content-length"}
    assert [field for field in head.fields if field[0].lower() not in known] == [
        (name, value.encode().decode("latin-1")) for name, value in fields if name != "Accept"
    ]


def watch_clipboard(page: OpenPage) -> None:
    page.tab.evaluate("window.copied = []; void (navigator.clipboard.writeText = async text => { copied.push(text); })")


@pytest.mark.parametrize(
    "kind, view, body",
    [
        ("text/plain", "text", PASTED),
        ("application/json", "json", json.dumps({"\x7f": PASTED, "c": "\u009b"}, ensure_ascii=False)),
        ("application/x-www-form-urlencoded", "form", "a=%1B%5B201~%7F%C2%9B"),
    ],
)
def test_nothing_that_a_terminal_obeys_is_shown_or_copied(inspect, kind, view, body):
    page = inspect("/", fields=[("Content-Type", kind), ("X-Say", "a\u009bb")], body=body.encode())
    page.choose("tab-request")
    page.choose(f"view-{view}")
    shown = page.tab.evaluate("document.getElementById('panel').textContent")
    assert "a\\u009bb" in shown and "\\u007f" in shown and not ACTIVE.search(shown)
    watch_clipboard(page)
    page.tab.evaluate("document.querySelectorAll('#panel [data-key=copy]').forEach(button => button.click())")
    headers, text = page.tab.until("copied.length === 2 && copied")
    assert "a\\u009bb" in headers and not ACTIVE.search(headers) and not ACTIVE.search(text)


# Sending it again.


def test_a_visit_is_sent_again_and_compared(site, orders, open_page):
    page = open_page(site.url)
    site.visit("POST", "/orders", [*JSON, ("Authorization", "Bearer a-secret")], ORDER)
    page.inspect("/orders")
    first = page.tab.evaluate("inspector.id")
    page.choose("sendAgain")
    page.tab.until(f"inspector.first?.id === {first}")
    assert [row for row in page.rows()] == [["POST", "/orders", "200"], ["POST", "/orders", "201"]]
    page.choose("tab-difference")
    difference = page.tab.until_text("#panel", "Compared to visit")
    assert page.tab.texts("#panel .badge") == ["201", "200"]
    assert page.tab.texts(".lines .minus") == ['-   "number": 1,'] and page.tab.texts(".lines .plus") == [
        '+   "number": 2,'
    ]
    assert "x-number" in difference and "content-type" not in difference
    again = orders.requests[1]
    assert (again["method"], again["target"], again["body"]) == ("POST", "/orders", ORDER)
    values = {name.lower(): value for name, value in again["headers"]}
    assert values["authorization"] == "Bearer a-secret"
    assert "a-secret" not in page.tab.evaluate("document.documentElement.outerHTML")


def test_a_visit_is_edited_and_sent(site, orders, open_page):
    page = open_page(site.url)
    site.visit("POST", "/orders", [*JSON, ("Authorization", "Bearer a-secret"), ("X-Old", "1")], ORDER)
    page.inspect("/orders")
    first = page.tab.evaluate("inspector.id")
    page.choose("edit")
    page.tab.write("form .first-line label:first-child input", "PUT")
    page.tab.write("form .first-line label:last-child input", "/orders/7")
    page.tab.write("form textarea", "größer")
    remove = (
        "[...document.querySelectorAll('.field-row')].find(row => row.firstChild.value === 'X-Old').lastChild.click()"
    )
    page.tab.evaluate(remove)
    page.tab.click("form .label .line button")
    page.tab.write(".field-row:last-child input:first-child", "X-New")
    page.tab.write(".field-row:last-child input:nth-child(2)", "2")
    page.tab.click("form button.main")
    page.tab.until(f"inspector.first?.id === {first}")
    again = orders.requests[1]
    values = {name.lower(): value for name, value in again["headers"]}
    assert (again["method"], again["target"], again["body"]) == ("PUT", "/orders/7", "größer".encode())
    assert (values["authorization"], values.get("x-old"), values["x-new"]) == ("Bearer a-secret", None, "2")
    page.tab.until_text("#relatives", f"Sent again, first was {first}")
    page.tab.click("#relatives a")
    page.tab.until_text("#relatives", "Sent again as")


def test_a_body_that_is_not_text_goes_as_it_was(mock, inspect):
    page = inspect("/", body=bytes(range(256)))
    page.choose("edit")
    page.tab.until_text("form", "The body is not text.")
    page.tab.click("form button.main")
    page.tab.until("inspector.first")
    assert mock.detail(2)["request"] == mock.detail(1)["request"]


def test_a_refusal_is_shown_and_what_was_written_stays(inspect):
    page = inspect("/", body=b"text")
    page.choose("edit")
    page.tab.write("form .first-line label:last-child input", "no-slash")
    page.tab.click("form button.main")
    page.tab.until_text("#inspector [role=alert]", "the target must start with /")
    assert page.tab.evaluate("document.querySelector('form .first-line label:last-child input').value") == "no-slash"
    page.tab.complaints[:] = [text for text in page.tab.complaints if "400" not in text]


# By hand and by key.


def test_the_keyboard_goes_through_visits(mock, open_page):
    for target in ("/a", "/b", "/c"):
        visit(mock, target)
    page = open_page(mock.url)
    page.tab.until("page.visits.length === 3")
    page.tab.press("j")
    page.tab.press("ArrowDown")
    assert page.tab.evaluate("document.activeElement.textContent") == "/b"
    page.tab.press("Enter")
    page.tab.until("inspector.detail?.target === '/b' && document.activeElement === $('inspector')")
    page.tab.press("j")
    page.tab.until("inspector.detail?.target === '/a'")
    page.tab.press("Escape")
    page.tab.until("$('inspector').hidden")
    assert page.tab.evaluate("[document.activeElement.textContent, location.hash]") == ["/a", ""]


def test_the_browsers_way_back_closes_a_visit(inspect):
    page = inspect("/")
    page.tab.evaluate("history.back()")
    page.tab.until("$('inspector').hidden")


def test_a_visits_address_opens_it(mock, open_page):
    visit(mock, "/a")
    visit(mock, "/b")
    page = open_page(f"{mock.url}#1")
    page.tab.until("inspector.detail?.target === '/a'")
