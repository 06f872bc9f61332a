"""nginx and Caddy with TLS and HTTP/2 in front of fpw-relay, from packaging/."""

import hashlib
import ssl
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Event

import pytest

from harness.fronts import shipped_caddyfile, shipped_nginx_site
from harness.program import free_port
from harness.programs import HOST, Caddy, Nginx
from harness.tls import Authority
from harness.visitor import Visitor
from parts.wire import LAST_CHUNK, chunk


class Front:
    """A proxy before an fpw-relay of the test's own."""

    def __init__(self, relay, proxy: Nginx | Caddy, authority: Authority):
        self.relay, self.proxy, self.authority = relay, proxy, authority
        self.url = f"https://localhost:{proxy.port}/"
        self.visitor = Visitor(proxy.port, HOST, tls=ssl.create_default_context(cafile=str(authority.file)))

    def requests_by_connection(self) -> Counter[tuple[str, str]]:
        """Of slots, as nginx tells: how many requests came on each connection, by protocol and connection."""
        said = (line.split() for line in self.proxy.lines_with("slot-request"))
        return Counter((protocol, connection) for _, protocol, connection, slot in said if slot != "-")


def nginx(folder, relay, authority):
    port = free_port()
    site = shipped_nginx_site(port, relay.port, authority.certificate("localhost", HOST), f"{HOST} localhost")
    log = "log_format slots 'slot-request $server_protocol $connection $http_fpw_slot'; access_log /dev/stdout slots;"
    return Nginx(folder, port, log + site)


def caddy(folder, relay, authority):
    port = free_port()
    text = shipped_caddyfile(port, relay.port, authority.certificate("localhost", HOST), ["localhost", HOST])
    return Caddy(folder, port, text)


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def front(request, start, fpw_relay, authority, tmp_path):
    relay = fpw_relay(trusted_proxies=["127.0.0.1"], public_scheme="https")
    return Front(relay, start(request.param(tmp_path, relay, authority)), authority)


only_nginx = pytest.mark.parametrize("front", [nginx], indirect=True, ids=["nginx"])


@pytest.fixture
def served(front, fpwd, upstream):
    """Serves the front with these keys of the tunnel."""

    def serve(**keys):
        fpwd(front, upstream, workers=4, ca_file=str(front.authority.file), **keys).wait_until_ready()
        return front.visitor

    return serve


@pytest.fixture
def visitor(served):
    return served()


@only_nginx
def test_an_authority_that_did_not_sign_is_refused_and_named(front, fpwd, upstream, tmp_path):
    daemon = fpwd(front, upstream, ca_file=str(Authority(tmp_path, "another").file))
    line = daemon.wait_for_line("certificate")
    assert f"localhost:{front.proxy.port}" in line
    assert daemon.admin("/readyz")[0] == 503
    assert front.requests_by_connection() == Counter()


def test_a_certificate_for_another_name_is_refused(front, fpwd, upstream, authority, tmp_path, start):
    port = free_port()
    certificate, key = authority.certificate("other.example.test")
    tls = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    inside = f"access_log off; server {{ listen 127.0.0.1:{port} ssl; {tls} }}"
    folder = tmp_path / "other"
    folder.mkdir()
    start(Nginx(folder, port, inside))
    daemon = fpwd(f"https://localhost:{port}/", upstream, ca_file=str(authority.file))
    assert "localhost" in daemon.wait_for_line("certificate")
    assert daemon.admin("/readyz")[0] == 503


def test_a_visitor_is_served_and_the_service_learns_of_https(visitor, upstream):
    answer = visitor.visit("POST", "/echo", body=b"body")
    head = upstream.requests[0].head
    assert (answer.status, upstream.requests[0].body) == (200, b"body")
    assert (head.get("x-forwarded-proto"), head.get("x-forwarded-for")) == ("https", "127.0.0.1")
    assert head.get("host") == HOST


def test_what_a_visitor_says_of_where_it_came_from_is_not_believed(visitor, upstream):
    names = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"]
    visitor.visit(fields=[(name, "said-by-the-visitor.test") for name in names])
    *told, request_id = (upstream.requests[0].head.get(name) for name in names)
    assert told == ["127.0.0.1", "https", HOST]
    assert request_id and request_id != "said-by-the-visitor.test"


def test_32_kib_of_visitor_headers_pass(visitor, upstream):
    fields = [(f"X-Field-{number}", f"{number:02}" * 511) for number in range(32)]
    assert visitor.visit(fields=fields).status == 200
    head = upstream.requests[0].head
    assert [head.get(name.lower()) for name, _ in fields] == [value for _, value in fields]


def test_twenty_cookies_pass(visitor, upstream):
    cookies = [f"c{number}={'v' * 200}; Path=/" for number in range(20)]
    upstream.on("/cookies")(lambda request: request.respond(200, [("Set-Cookie", cookie) for cookie in cookies]))
    assert visitor.visit(target="/cookies").all("set-cookie") == cookies


def test_60_kib_of_answer_headers_pass(visitor, upstream):
    fields = [(f"X-Field-{number}", f"{number:02}" * 511) for number in range(58)]
    upstream.on("/fields")(lambda request: request.respond(200, fields))
    answer = visitor.visit(target="/fields")
    assert [answer.get(name.lower()) for name, _ in fields] == [value for _, value in fields]


def test_an_upload_of_100_mib_passes(visitor, upstream, tmp_path):
    digests = []

    @upstream.on("/sink")
    def _(request):
        digest = hashlib.sha256()
        for part in request.connection.body_parts(request.head):
            digest.update(part)
        digests.append(digest.hexdigest())
        request.respond()

    body = hashlib.shake_128(b"100 MiB").digest(100 << 20)
    assert visitor.visit("PUT", "/sink", body=body, within=60).status == 200
    assert digests == [hashlib.sha256(body).hexdigest()]


def test_an_event_stream_passes_as_it_is_written(visitor, upstream):
    events: Queue[bytes | None] = Queue()

    @upstream.on("/events")
    def _(request):
        request.connection.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        while event := events.get():
            request.connection.send(chunk(event))
        request.connection.send(LAST_CHUNK)

    with visitor.open(target="/events", within=10) as response:
        for number in range(10):
            events.put(b"data: %d\n\n" % number)
            assert response.readline() + response.readline() == b"data: %d\n\n" % number
        events.put(None)
        assert response.read() == b""


def test_an_upload_that_waits_for_its_service_holds_up_no_other_visit(visitor, upstream):
    begun, may_go_on = Event(), Event()

    @upstream.on("/slow")
    def _(request):
        begun.set()
        may_go_on.wait(60)
        request.connection.read_body(request.head)
        request.respond()

    with ThreadPoolExecutor(1) as crowd:
        slow = crowd.submit(visitor.visit, "PUT", "/slow", body=bytes(32 << 20), within=60)
        try:
            assert begun.wait(20)
            assert [visitor.visit().status for _ in range(50)] == [200] * 50
        finally:
            may_go_on.set()
        assert slow.result().status == 200


@only_nginx
@pytest.mark.parametrize(("keys", "protocol", "most"), [({"http2": True}, "HTTP/2.0", 1000), ({}, "HTTP/1.1", 200)])
def test_a_thousand_requests_share_connections(front, served, keys, protocol, most):
    visitor = served(**keys)

    def some(_) -> list[int]:
        connection = visitor.connection()
        statuses = []
        for _ in range(260):
            with visitor.open(connection=connection) as response:
                statuses.append(response.status)
                response.read()
        return statuses

    with ThreadPoolExecutor(4) as crowd:
        assert [status for statuses in crowd.map(some, range(4)) for status in statuses] == [200] * 1040
    by_connection = front.requests_by_connection()
    assert {spoken for spoken, _ in by_connection} == {protocol}
    assert max(by_connection.values()) >= most


def test_a_visitor_may_speak_http2_too(front, visitor):
    command = ["curl", "-sS", "--http2", "--cacert", front.authority.file, "-w", " %{http_version}"]
    command += ["--resolve", f"{HOST}:{front.proxy.port}:127.0.0.1", f"https://{HOST}:{front.proxy.port}/"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (told.stdout, told.stderr) == ("hello\n 2", "")


def test_a_websocket_is_refused_with_its_reason(visitor, upstream):
    answer = visitor.visit(fields=[("Connection", "Upgrade"), ("Upgrade", "websocket")])
    assert (answer.status, "upgrade" in answer.text, upstream.requests) == (501, True, [])
