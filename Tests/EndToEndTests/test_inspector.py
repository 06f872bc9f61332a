"""The inspector: what passed, seen and sent again from the status page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import urlsplit

import pytest

from harness.program import eventually, free_port
from harness.programs import TOKEN

SECRET = b"shared-with-the-sender"
SECRETS = ["Bearer visitor-secret", "session=cookie-secret", "api-key-secret", "set-cookie-secret", TOKEN]
KEPT = 256 << 10


class Page:
    """What the page's script does: asks and sends with the key."""

    def __init__(self, daemon):
        self.daemon = daemon
        url = urlsplit(daemon.command("status", "--url").stdout.strip())
        self.key = url.query.removeprefix("key=")
        cookie = daemon.ask(f"/?{url.query}").get("set-cookie").partition(";")[0]
        self.fields = {"Cookie": cookie, "Origin": f"http://{url.netloc}"}

    def get(self, path: str) -> dict:
        answer = self.daemon.ask(path, self.fields)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def visits(self, count: int) -> list[dict]:
        """The visits so far, once there are so many."""
        return eventually(lambda: len(visits := self.get("/ui/state?after=0")["visits"]) >= count and visits)

    def send(self, number: int, edit: dict | None = None):
        return self.daemon.ask(f"/ui/visits/{number}/send", self.fields, "POST", json.dumps(edit or {}).encode())

    def detail(self, number: int) -> dict:
        return self.get(f"/ui/visits/{number}")


@pytest.fixture
def inspected(tunnel, upstream):
    running = tunnel(upstream, workers=1, daemon={"inspector": True})
    running.page = Page(running.daemon)
    return running


@pytest.fixture
def hooks(upstream):
    """Takes web hooks that are signed; keeps what each of them answered."""
    taken: list[tuple[int, str | None]] = []

    @upstream.on("/hook")
    def hook(request):
        body = request.connection.read_body(request.head)
        signature = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        status = 200 if hmac.compare_digest(request.head.get("x-hub-signature-256") or "", signature) else 403
        taken.append((status, request.head.get("x-fpw-replay")))
        request.respond(status, [("Set-Cookie", "a=set-cookie-secret"), ("X-Taken", str(len(taken)))], b"taken\n")

    return taken


def visit_hook(inspected, body: bytes = b'{"paid": true, "amount": 12.50}\r\n\x00\xff'):
    signature = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    fields = [
        ("X-Hub-Signature-256", signature),
        ("Content-Type", "application/json"),
        ("Cookie", "session=cookie-secret"),
        ("Authorization", "Bearer visitor-secret"),
        ("X-Api-Key", "api-key-secret"),
        ("X-Empty", ""),
    ]
    answer = inspected.visitor.visit("POST", "/hook?a=b%20c", fields, body)
    assert answer.status == 200
    return body


def test_a_visit_is_kept_with_headers_and_bodies(inspected, hooks):
    body = visit_hook(inspected)
    [visit] = inspected.page.visits(1)
    told = [visit[key] for key in ("method", "target", "status", "tunnel")]
    assert told == ["POST", "/hook?a=b%20c", 200, "demo"]
    assert (visit["received"], visit["sent"], visit["kept"]) == (len(body), 6, True)
    detail = inspected.page.detail(visit["id"])
    request, response = detail["request"], detail["response"]
    assert base64.b64decode(request["body"]) == body
    assert (request["body_size"], request["truncated"], request["target"]) == (len(body), False, "/hook?a=b%20c")
    assert ["Content-Type", "application/json"] in request["headers"]
    assert ["Authorization", "<redacted>"] in request["headers"]
    assert (response["status"], base64.b64decode(response["body"])) == (200, b"taken\n")
    assert ["Set-Cookie", "<redacted>"] in response["headers"]


def test_a_signed_web_hook_is_sent_again_and_taken(inspected, hooks, upstream):
    visit_hook(inspected)
    [visit] = inspected.page.visits(1)
    answer = inspected.page.send(visit["id"])
    assert answer.status == 200
    again = inspected.page.detail(json.loads(answer.body)["id"])
    assert (again["status"], again["replay_of"], again["kept"]) == (200, visit["id"], True)
    assert hooks == [(200, None), (200, str(visit["id"]))]
    first, second = upstream.seen("/hook")
    assert (
        second.head.get("x-request-id") == again["request_id"] != first.head.get("x-request-id") == visit["request_id"]
    )
    own = (b"x-fpw-replay:", b"x-request-id:")
    lines = [
        sorted(line for line in seen.head.raw.splitlines() if not line.lower().startswith(own))
        for seen in (first, second)
    ]
    assert lines[0] == lines[1]
    assert inspected.daemon.metric("fpwd_visits_total") == 1
    assert inspected.daemon.metric("fpwd_replays_total", tunnel="demo") == 1


def test_an_edited_request_keeps_the_secrets_that_the_page_never_saw(inspected, hooks, upstream):
    visit_hook(inspected)
    [visit] = inspected.page.visits(1)
    headers = inspected.page.detail(visit["id"])["request"]["headers"]
    edit = {"method": "PUT", "target": "/echo?edited", "headers": [*headers, ["X-New", "1"]], "body": "bmV3"}
    answer = inspected.page.send(visit["id"], edit)
    assert answer.status == 200
    [seen] = upstream.seen("/echo")
    assert (seen.head.method, seen.head.target, seen.body) == ("PUT", "/echo?edited", b"new")
    assert seen.head.get("authorization") == "Bearer visitor-secret"
    assert seen.head.get("x-new") == "1"
    again = inspected.page.detail(json.loads(answer.body)["id"])
    assert base64.b64decode(again["response"]["body"]).endswith(b"new")


def test_no_answer_of_the_page_holds_a_secret(inspected, hooks):
    visit_hook(inspected)
    [visit] = inspected.page.visits(1)
    inspected.page.send(visit["id"])
    visits = [f"/ui/visits/{number}" for number in (1, 2, 3)]
    paths = ["/ui/state", "/ui/state?after=1", *visits, "/status", "/readyz", "/"]
    for path in paths:
        text = inspected.daemon.ask(path, inspected.page.fields).text
        for secret in [*SECRETS, inspected.page.key]:
            assert secret not in text, f"{path} tells {secret}"
    assert inspected.page.key not in inspected.daemon.text


def test_a_secret_in_a_query_is_shown_on_no_page_and_sent_again(inspected, upstream):
    secret, shown = "/echo?access_token=query-secret&a=b", "/echo?access_token=<redacted>&a=b"
    inspected.visitor.visit("POST", secret, [("Referer", f"http://a.test{secret}")])
    for page in [inspected.page, Page(inspected.relay)]:
        [visit] = page.visits(1)
        assert visit["target"] == shown
    request = inspected.page.detail(visit["id"])["request"]
    assert request["target"] == shown
    assert ["Referer", f"http://a.test{shown}"] in request["headers"]
    edit = {"target": shown + "&c", "headers": request["headers"]}
    answer = inspected.page.send(visit["id"], edit)
    assert answer.status == 200
    assert inspected.page.detail(json.loads(answer.body)["id"])["request"]["target"] == shown + "&c"
    second = upstream.seen("/echo")[1].head
    assert (second.target, second.get("referer")) == (secret + "&c", f"http://a.test{secret}")


def test_a_request_is_sent_again_to_the_service_that_answers(tunnel, upstream):
    first = f"http://127.0.0.1:{free_port()}"
    running = tunnel(first, workers=1, fallback=upstream.url, host_header="upstream", daemon={"inspector": True})
    page = Page(running.daemon)
    assert running.visitor.visit("POST", "/echo", body=b"once").status == 200
    [visit] = page.visits(1)
    answer = page.send(visit["id"])
    assert page.detail(json.loads(answer.body)["id"])["response"]["status"] == 200
    assert [seen.head.get("host") for seen in upstream.seen("/echo")] == [f"127.0.0.1:{upstream.port}"] * 2


def test_a_change_needs_the_pages_own_origin_and_the_key(inspected, hooks):
    visit_hook(inspected)
    inspected.page.visits(1)
    port = inspected.daemon.admin_port
    origins = [None, "null", "http://evil.example", f"https://127.0.0.1:{port}", f"http://localhost:{port}"]
    for origin in origins:
        fields = {"Cookie": inspected.page.fields["Cookie"]} | ({"Origin": origin} if origin else {})
        assert inspected.daemon.ask("/ui/visits/1/send", fields, "POST", b"{}").status == 403
    fields = {"Origin": inspected.page.fields["Origin"]}
    assert inspected.daemon.ask("/ui/visits/1/send", fields, "POST", b"{}").status == 401
    for method in ["GET", "PUT"]:
        answer = inspected.daemon.ask("/ui/visits/1/send", inspected.page.fields, method)
        assert (answer.status, answer.get("allow")) == (405, "POST")
    assert len(hooks) == 1


@pytest.mark.parametrize("size", [KEPT, KEPT + 1, 3 << 20])
def test_of_a_long_body_the_beginning_is_kept(size, inspected, upstream):
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert inspected.visitor.visit("POST", "/echo", body=body).body.endswith(body)
    [visit] = inspected.page.visits(1)
    detail = inspected.page.detail(visit["id"])
    assert base64.b64decode(detail["request"]["body"]) == body[:KEPT]
    assert (detail["request"]["body_size"], detail["request"]["truncated"]) == (size, size > KEPT)
    assert len(base64.b64decode(detail["response"]["body"])) == KEPT
    assert detail["response"]["truncated"]
    answer = inspected.page.send(visit["id"])
    assert answer.status == (409 if size > KEPT else 200)
    assert len(upstream.seen("/echo")) == (1 if size > KEPT else 2)


def test_fpwds_own_pages_are_kept_too_and_a_failed_repetition_says_why(inspected, upstream):
    upstream.__exit__()
    assert inspected.visitor.visit().status == 502
    [visit] = inspected.page.visits(1)
    assert visit["error"] == "upstream-unreachable"
    assert inspected.page.detail(visit["id"])["response"]["status"] == 502
    answer = inspected.page.send(visit["id"])
    again = inspected.page.detail(json.loads(answer.body)["id"])
    assert (again["status"], again["error"]) == (None, "upstream-unreachable")


def test_bad_edits_and_unknown_visits_are_told(inspected):
    inspected.visitor.visit()
    [visit] = inspected.page.visits(1)
    for edit, status in [
        ({"method": "A B"}, 400),
        ({"target": "//x y"}, 400),
        ({"headers": [["a", "b\nc"]]}, 400),
        ({"body": 1}, 400),
    ]:
        answer = inspected.page.send(visit["id"], edit)
        assert answer.status == status
        assert json.loads(answer.body)["error"]
    assert inspected.page.send(99).status == 404
    assert inspected.daemon.ask("/ui/visits/99", inspected.page.fields).status == 404


def test_without_the_inspector_nothing_is_kept(tunnel, upstream):
    running = tunnel(upstream)
    page = Page(running.daemon)
    running.visitor.visit()
    [visit] = page.visits(1)
    assert page.get("/ui/state")["inspector"] is False
    assert visit["kept"] is False
    assert running.daemon.ask("/ui/visits/1", page.fields).status == 404
    assert page.send(1).status == 404
